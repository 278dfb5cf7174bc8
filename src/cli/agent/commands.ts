import { type Command, InvalidArgumentError, Option } from "commander";
import { findAddress } from "../../protocol/addresses.ts";
import { integerOf } from "../input.ts";
import { printAnswer } from "../output.ts";
import { addAgentActionCommands } from "./actions.ts";
import { addAgentCreatorCommands } from "./creator.ts";
import { addAgentEscrowCommands } from "./escrow.ts";
import { createAgentKey } from "./key.ts";
import { type OperatorCommandOptions, prepareOperator } from "./operator.ts";
import { addAgentTalkCommands } from "./talk.ts";
import { addAgentZoneCommands } from "./zones.ts";

/** Adds `steward agent …`: an agent from the shell, over the wire. */
export function addAgentCommands(program: Command): void {
  const agent = program
    .command("agent")
    .description("be an agent, over the wire, with your own key");
  agent
    .commandsGroup("Key:")
    .command("keygen")
    .description("make an agent's key file; a file that exists is kept")
    .requiredOption("--key <file>", "where to put it")
    .addOption(
      new Option("--format <format>", "its form").choices(["hex", "pem"] as const).default("hex"),
    )
    .option("--json", "print exactly one JSON value")
    .action((options: { key: string; format: "hex" | "pem"; json?: boolean }) =>
      printAnswer(createAgentKey(options.key, options.format), options.json),
    );
  agent
    .command("operator")
    .description("write what a person signs to answer for the agent; --operator takes it, signed")
    .requiredOption("--key <file>", "the agent's key file, made by keygen")
    .requiredOption(
      "--fid <fid>",
      "the person's Farcaster id",
      integerOf(1, Number.MAX_SAFE_INTEGER),
    )
    .requiredOption("--custody <address>", "the account that owns the fid", parseAccount)
    .requiredOption(
      "--domain <domain>",
      "the steward's: its trust.domain, else host and port of its URL",
    )
    .option("--username <name>", "the person's name there")
    .option("--json", "print the binding as JSON, without its signature")
    .action(async (options: OperatorCommandOptions & { json?: boolean }) =>
      printAnswer(await prepareOperator(options), options.json),
    );
  addAgentZoneCommands(agent.commandsGroup("Zones:"));
  addAgentTalkCommands(agent.commandsGroup("Messages:"));
  addAgentActionCommands(agent.commandsGroup("Actions:"));
  addAgentEscrowCommands(agent.commandsGroup("Money in escrow:"));
  addAgentCreatorCommands(agent.commandsGroup("Your own zones:"));
}

function parseAccount(text: string): string {
  const address = findAddress(text);
  if (address !== undefined) return address;
  throw new InvalidArgumentError("expected an address: 0x and 40 hex digits");
}
