import { Command, InvalidArgumentError } from "commander";
import { runDemo } from "./demo.ts";
import { runDev } from "./dev.ts";
import { runInit } from "./init.ts";
import { runStart } from "./start.ts";

/** Builds the command tree; each command lives in a file of its own. */
export function createProgram(): Command {
  const program = new Command("steward")
    .description("Hosts agent zones: signed manifests, durable messages, actions sold for USDC.")
    .exitOverride()
    .showHelpAfterError();
  program
    .command("init")
    .description("create keys, configuration, database and the first admin token")
    .option("--data <dir>", "data directory", "./data")
    .action(runInit);
  program
    .command("start")
    .description("run the service")
    .option("--config <file>", "configuration file")
    .option("--data <dir>", "data directory")
    .action(runStart);
  program
    .command("dev")
    .description("run a complete local world: chain, contracts, steward, zone, funded wallets")
    .option("--json", "print one JSON line when ready")
    .option("--data <dir>", "keep the world's data here")
    .option("--port <n>", "HTTP and wire port", parsePort)
    .option("--anvil-port <n>", "the local chain's port", parsePort)
    .action(runDev);
  program
    .command("demo")
    .description("run the main job end to end on a local chain, then exit")
    .action(runDemo);
  return program;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError("expected a port from 0 to 65535");
  }
  return port;
}
