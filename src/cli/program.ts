import { Argument, Command, Option } from "commander";
import { readVersion } from "../version.ts";
import { addAgentCommands } from "./agent/commands.ts";
import { addAllBackupCommands } from "./backup.ts";
import { addChainCommands } from "./chain/commands.ts";
import { SHELLS, type Shell, toCompletionScript } from "./completion.ts";
import { addConfigCommands } from "./config.ts";
import { integerOf } from "./input.ts";
import { addAuditCommands } from "./operator/audit.ts";
import { addBanCommands } from "./operator/ban.ts";
import { addBreakerCommands } from "./operator/breaker.ts";
import { addContextCommands } from "./operator/context.ts";
import { addEscrowCommands } from "./operator/escrow.ts";
import { addEventCommands } from "./operator/events.ts";
import { addInviteCommands } from "./operator/invite.ts";
import { addMemberCommands } from "./operator/member.ts";
import { addProviderCommands } from "./operator/provider.ts";
import { addReplicaCommands } from "./operator/replica.ts";
import { addSessionCommands } from "./operator/session.ts";
import { addSettlementCommands } from "./operator/settlement.ts";
import { addTokenCommands } from "./operator/token.ts";
import { addWebhookCommands } from "./operator/webhook.ts";
import { addZoneCommands } from "./operator/zone.ts";
import { addSecretCommands } from "./secrets/commands.ts";

const COMPLETION_HELP = `
bash:  steward completion bash > ~/.local/share/bash-completion/completions/steward
zsh:   steward completion zsh > a folder of $fpath, as _steward
fish:  steward completion fish > ~/.config/fish/completions/steward.fish`;
const EXIT_CODES = "\nExit codes: 0 ok, 1 failed, 2 usage, 3 not reachable.";

/**
 * Builds the command tree; each family lives in a file of its own. What takes long to load is loaded
 * by the command that needs it.
 */
export function createProgram(): Command {
  const program = new Command("steward")
    .description("Hosts agent zones: signed manifests, durable messages, actions sold for USDC.")
    .version(readVersion(), "--version", "print the version")
    .exitOverride()
    .showHelpAfterError("(add --help for help)")
    .addHelpText("afterAll", EXIT_CODES);
  addServiceCommands(program.commandsGroup("Service:"));
  program.commandsGroup("Operator, over the admin API:");
  addZoneCommands(program);
  addMemberCommands(program);
  addInviteCommands(program);
  addProviderCommands(program);
  addBanCommands(program);
  addSettlementCommands(program);
  addEscrowCommands(program);
  addReplicaCommands(program);
  addSessionCommands(program);
  addTokenCommands(program);
  addAllBackupCommands(program);
  addContextCommands(program);
  addAuditCommands(program);
  addBreakerCommands(program);
  addWebhookCommands(program);
  addEventCommands(program);
  addAgentCommands(program.commandsGroup("Agent, over the wire:"));
  return program;
}

function addServiceCommands(program: Command): void {
  program
    .command("init")
    .description("create keys, configuration, database and the first admin token")
    .addOption(
      new Option("--data <dir>", "data directory").env("STEWARD_DATA_DIR").default("./data"),
    )
    .action(async (options: { data: string }) => (await import("./init.ts")).runInit(options));
  program
    .command("start")
    .description("run the service")
    .option("--config <file>", "configuration file")
    .option("--data <dir>", "data directory")
    .option("--create", "make keys and database where they are missing")
    .option(
      "--restored",
      "the database is an older copy: say so to the other stewards of its zones",
    )
    .action(async (options: object) => (await import("./start.ts")).runStart(options));
  program
    .command("dev")
    .description("run a complete local world: chain, contracts, steward, zone, funded wallets")
    .option("--json", "print one JSON line when ready")
    .option("--data <dir>", "keep the world's data here")
    .option("--port <n>", "HTTP and wire port", integerOf(0, 65_535))
    .option("--anvil-port <n>", "the local chain's port", integerOf(0, 65_535))
    .action(async (options: object) => (await import("./dev.ts")).runDev(options));
  program
    .command("demo")
    .description("run the main job end to end on a local chain, then exit")
    .action(async () => (await import("./demo/demo.ts")).runDemo());
  program
    .command("doctor")
    .description("look at everything a steward stands on, and say what to do; changes nothing")
    .option("--config <file>", "configuration file")
    .option("--data <dir>", "data directory")
    .addOption(
      new Option("--url <url>", "the running steward's HTTP URL; else by http.host and http.port"),
    )
    .option("--token-file <file>", "file that holds an admin token, mode 0600")
    .option("--context <name>", "URL and token file of this name: steward context list")
    .option("--json", "print exactly one JSON value")
    .action(async (options: object) => (await import("./doctor/doctor.ts")).runDoctor(options))
    .addHelpText(
      "after",
      "\nWorks whether or not the steward runs. Ends with 1 where something is wrong.",
    );
  program
    .command("verify <file>")
    .description("check a zone's file on any machine, - for standard input")
    .option("--json", "print exactly one JSON value")
    .action(async (file: string, options: object) =>
      (await import("./verify.ts")).runVerify(file, options),
    );
  program
    .command("verify-evidence <file>")
    .description("check proof of what a steward or a creator did wrong, - for standard input")
    .option("--json", "print exactly one JSON value")
    .action(async (file: string, options: object) =>
      (await import("./verify-evidence.ts")).runVerifyEvidence(file, options),
    );
  program
    .command("completion")
    .description("write the script that completes commands and options in a shell")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText("after", COMPLETION_HELP)
    .action((shell: Shell) => {
      process.stdout.write(toCompletionScript(program, shell));
    });
  addConfigCommands(program);
  addChainCommands(program);
  addSecretCommands(program);
}
