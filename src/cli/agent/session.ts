import { type Command, InvalidArgumentError, Option } from "commander";
import type { Agent, AgentOptions } from "../../client/agent.ts";
import { BINDING_FAULTS, isBindingFault } from "../../protocol/operator-binding.ts";
import { createBrotli } from "../../transport/brotli.ts";
import { UsageError } from "../exit-codes.ts";
import { integerOf } from "../input.ts";
import { type Answer, printAnswer, toPlain } from "../output.ts";
import { readAgentKey } from "./key.ts";
import { readOperator } from "./operator.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const DAY_SECS = 86_400;
const BROTLI_QUALITY = 4;

/** The options of every command that connects an agent. */
export interface AgentCommandOptions {
  readonly key: string;
  readonly url: string;
  readonly steward?: string;
  readonly name: string;
  readonly skill?: readonly string[];
  readonly operator?: string;
  readonly timeout?: number;
  readonly allowInsecure?: boolean;
  readonly allowPlainVerify?: boolean;
  readonly json?: boolean;
}

/** Adds a command that connects an agent, with the options all of them have. */
export function addAgentCommand(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .requiredOption("--key <file>", "the agent's key file, made by keygen")
    .addOption(
      new Option("--url <url>", "the steward's wire or HTTP URL")
        .env("STEWARD_URL")
        .default("ws://127.0.0.1:8420/wire"),
    )
    .option("--steward <node-id>", "refuse every steward but this one")
    .option("--name <name>", "what the agent calls itself", "steward-cli")
    .option("--skill <skill>", "a skill the agent has; may be repeated", collect)
    .option("--operator <file>", "a person's word for the agent; docs/trust.md says how to make it")
    .option("--timeout <secs>", "how long the command may take", integerOf(1, DAY_SECS))
    .option("--allow-insecure", "connect over ws:// beyond this machine")
    .option("--allow-plain-verify", "accept stewards without the bound handshake")
    .option("--json", "print JSON");
}

function collect(skill: string, skills: readonly string[] = []): string[] {
  return [...skills, skill];
}

/** Connects an agent, runs a command with it, and ends its session. */
export async function withAgent<Result>(
  options: AgentCommandOptions,
  more: Partial<AgentOptions>,
  run: (agent: Agent) => Promise<Result>,
): Promise<Result> {
  const key = readAgentKey(options.key);
  const { Agent } = await import("../../client/agent.ts");
  const timeoutMs = options.timeout === undefined ? undefined : options.timeout * 1000;
  await using agent = await Agent.connect(toWireUrl(options.url), {
    key,
    name: options.name,
    ...(options.skill !== undefined && { skills: options.skill }),
    ...(options.operator !== undefined && { operator: await readOperator(options.operator) }),
    ...(options.steward !== undefined && { expectNodeId: options.steward }),
    ...(timeoutMs !== undefined && {
      timeoutMs,
      connectTimeoutMs: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
    }),
    allowInsecure: options.allowInsecure === true,
    allowPlainVerify: options.allowPlainVerify === true,
    compression: createBrotli(BROTLI_QUALITY),
    // A command that lost its steward says so rather than wait for it.
    reconnect: false,
    ...more,
  });
  noteTier(agent, options.operator);
  return await run(agent);
}

/** Says that a binding was not taken, and why, beside what the command prints. */
function noteTier({ steward }: Agent, operator: string | undefined): void {
  if (operator === undefined || steward.trust === "verified") return;
  const reason = steward.trustReason;
  const why = isBindingFault(reason)
    ? `${reason}: ${BINDING_FAULTS[reason]}`
    : (reason ?? "not said");
  process.stderr.write(`${toPlain(`note: the steward does not confirm the operator (${why})`)}\n`);
}

/** Connects an agent for one question and prints the answer. */
export async function askAsAgent(
  options: AgentCommandOptions,
  run: (agent: Agent) => Promise<Answer>,
): Promise<void> {
  printAnswer(await withAgent(options, {}, run), options.json);
}

/** Returns the wire URL of a steward named by its wire or its HTTP URL. Throws UsageError. */
function toWireUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) throw new UsageError("--url: expected a URL.");
  if (!url.protocol.startsWith("http")) return text;
  const path = url.pathname === "/" ? "/wire" : url.pathname;
  return `${url.protocol.replace("http", "ws")}//${url.host}${path}`;
}

/** Parses an amount of a token's smallest unit. */
export function parseAmount(text: string): string {
  if (/^[1-9][0-9]{0,38}$/.test(text)) return text;
  throw new InvalidArgumentError(
    "expected an amount in the smallest unit, like 2000000 for 2 USDC",
  );
}
