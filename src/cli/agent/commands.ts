import { type Command, Option } from "commander";
import { printAnswer } from "../output.ts";
import { addAgentActionCommands } from "./actions.ts";
import { addAgentCreatorCommands } from "./creator.ts";
import { addAgentEscrowCommands } from "./escrow.ts";
import { createAgentKey } from "./key.ts";
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
  addAgentZoneCommands(agent.commandsGroup("Zones:"));
  addAgentTalkCommands(agent.commandsGroup("Messages:"));
  addAgentActionCommands(agent.commandsGroup("Actions:"));
  addAgentEscrowCommands(agent.commandsGroup("Money in escrow:"));
  addAgentCreatorCommands(agent.commandsGroup("Your own zones:"));
}
