import type { Command } from "commander";
import type { ActionOutcome, AgentOptions } from "../../client/agent.ts";
import { readSecretFile } from "../../identity/secret-file.ts";
import { createId } from "../../protocol/ids.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { UsageError } from "../exit-codes.ts";
import { parseJson, readArgument, readJsonObject } from "../input.ts";
import { type Answer, printAnswer, toDone, toFields } from "../output.ts";
import {
  type AgentCommandOptions,
  addAgentCommand,
  askAsAgent,
  parseAmount,
  withAgent,
} from "./session.ts";

type RequestOptions = AgentCommandOptions & {
  readonly requestId?: string;
  readonly maxAmount?: string;
  readonly walletKeyFile?: string;
  readonly chains?: string;
  readonly ledger?: string;
};

/** Names of a chain's settings in the steward's configuration, beside those of the SDK. */
const CHAIN_FIELD_NAMES: Readonly<Record<string, string>> = {
  rpc_url: "rpcUrl",
  token_name: "tokenName",
  token_version: "tokenVersion",
};

/** Adds the commands with which an agent asks for actions and pays for them. */
export function addAgentActionCommands(agent: Command): void {
  addAgentCommand(agent, "request <zone-id> <action> [params]", "ask for an action; pay if allowed")
    .option("--request-id <id>", "the same one again is neither run nor paid twice")
    .option("--max-amount <units>", "pay at most this, in the smallest unit", parseAmount)
    .option("--wallet-key-file <file>", "private key that pays, 0x-hex, mode 0600")
    .option("--chains <file>", "JSON: by chain id the only contracts to pay to")
    .option("--ledger <file>", "signed authorizations; default: the key file's name and .ledger")
    .addHelpText("after", REQUEST_HELP)
    .action((zoneId: string, action: string, params: string | undefined, options: RequestOptions) =>
      runRequest({ zoneId, action, params: params ?? "{}" }, options),
    );
  addAgentCommand(agent, "receipt <request-id>", "show what became of an earlier request").action(
    (requestId: string, options: AgentCommandOptions) =>
      askAsAgent(options, async (me) => {
        const outcome = await me.receipt(requestId);
        if (outcome !== undefined) return toAnswer(outcome);
        const done = { request_id: requestId, pending: true };
        return toDone(done, `${requestId} has no final answer yet`);
      }),
  );
}

interface ActionRequest {
  readonly zoneId: string;
  readonly action: string;
  /** JSON text, or `-`. */
  readonly params: string;
}

async function runRequest(request: ActionRequest, options: RequestOptions): Promise<void> {
  const params = parseJson(await readArgument(request.params), "params");
  const requestId = options.requestId ?? createId("req");
  const { maxAmount } = options;
  try {
    await using paying = await openPaying(options);
    const answer = await withAgent(options, { reconnect: {}, ...paying.options }, async (me) =>
      toAnswer(
        await me.request(request.zoneId, request.action, params, {
          requestId,
          ...(maxAmount !== undefined && { pay: { maxAmount } }),
          ...(options.timeout !== undefined && { timeoutMs: options.timeout * 1000 }),
        }),
      ),
    );
    printAnswer(answer, options.json);
  } catch (error) {
    // Whoever repeats it must be able to repeat the same request, not start another.
    if (!(error instanceof UsageError)) {
      process.stderr.write(`steward: the request is ${requestId}; repeat it with --request-id\n`);
    }
    throw await explainPrice(error);
  }
}

/** What an agent needs to pay; nothing where it may not. */
async function openPaying(
  options: RequestOptions,
): Promise<AsyncDisposable & { readonly options: Partial<AgentOptions> }> {
  if (options.maxAmount === undefined) {
    return { options: {}, [Symbol.asyncDispose]: async () => {} };
  }
  return openWallet(options);
}

/** Where a wallet's key, its chains and its ledger are. */
export type WalletOptions = Pick<RequestOptions, "key" | "walletKeyFile" | "chains" | "ledger">;

/**
 * Opens what an agent signs payments with.
 * @throws UsageError where the key or the chains are missing
 */
export async function openWallet(
  options: WalletOptions,
): Promise<AsyncDisposable & { readonly options: Partial<AgentOptions> }> {
  const { openFileLedger } = await import("./file-ledger.ts");
  const wallet = readWalletKey(options.walletKeyFile);
  if (options.chains === undefined) {
    throw new UsageError("To pay, name the contracts to pay to with --chains.");
  }
  const chains = await readChains(options.chains);
  const ledger = await openFileLedger(options.ledger ?? `${options.key}.ledger`);
  return {
    options: { wallet, chains, ledger },
    [Symbol.asyncDispose]: () => ledger.close(),
  };
}

function readWalletKey(file: string | undefined): `0x${string}` {
  const text = file === undefined ? process.env.STEWARD_WALLET_KEY : readSecretFile(file);
  const key = text?.trim();
  if (key && /^(0x)?[0-9a-f]{64}$/i.test(key)) return `0x${key.replace(/^0x/i, "")}`;
  throw new UsageError(
    "To pay, put a private key (32 bytes as 0x-hex) in --wallet-key-file or STEWARD_WALLET_KEY.",
  );
}

async function readChains(file: string): Promise<NonNullable<AgentOptions["chains"]>> {
  const toSettings = (fields: unknown) =>
    Object.fromEntries(
      Object.entries((fields ?? {}) as JsonObject).map(([name, value]) => [
        CHAIN_FIELD_NAMES[name] ?? name,
        value,
      ]),
    );
  const chains = Object.entries(await readJsonObject(file));
  return Object.fromEntries(chains.map(([id, fields]) => [id, toSettings(fields)])) as never;
}

/** Says what an action costs where the caller had not agreed to pay. */
async function explainPrice(error: unknown): Promise<unknown> {
  const { AgentError } = await import("../../client/agent-error.ts");
  if (!(error instanceof AgentError) || error.code !== "payment_required") return error;
  const quote = error.details?.payment_requirement as JsonObject | undefined;
  if (quote === undefined) return error;
  return new AgentError("payment_required", {
    message: `The action costs ${quote.amount} units of ${quote.asset} on chain ${quote.chain_id}.`,
    hint: `Pay with --max-amount ${quote.amount}, a wallet key and --chains.`,
    cause: error,
  });
}

function toAnswer({ requestId, result, settlement, escrow }: ActionOutcome): Answer {
  const paid = {
    ...(settlement !== undefined && { settlement }),
    ...(escrow !== undefined && { escrow }),
  };
  return {
    value: { request_id: requestId, result, ...paid },
    text: () => toFields({ request: requestId, result: JSON.stringify(result), ...paid }),
  };
}

/** Explains the files that a wallet needs. */
export const WALLET_HELP = `
A chains file, from a source you trust:
  {"31337": {"usdc": "0x…", "settlement": "0x…", "escrow": "0x…", "rpc_url": "http://…"}}
The wallet's key comes from --wallet-key-file or the environment's STEWARD_WALLET_KEY.`;

const REQUEST_HELP = `
params is a JSON object, - for standard input.${WALLET_HELP}`;
