import { type Command, Option } from "commander";
import { integerOf } from "../input.ts";

const TIMEOUT_SECS = 300;

/** Adds `steward chain …`. */
export function addChainCommands(program: Command): void {
  const chain = program.command("chain").description("deploy the contracts, check the chains");
  chain
    .command("deploy")
    .description("deploy settlement and escrow, and print the chains[] entry that names them")
    .requiredOption("--rpc-url <url>", "JSON-RPC of a node of the chain")
    .requiredOption("--key-file <file>", "the deployer's private key, mode 0600; pays the gas")
    .option("--usdc <address>", "the token payments are taken in; checked before anything is sent")
    .addOption(
      new Option("--test-usdc", "deploy a token that anybody may mint; refused on real chains"),
    )
    .option("--treasury <address>", "gets 0.1 % of every payment, for ever")
    .option("--recoverer <address...>", "may complete front-run payments; default: the wallet")
    .option("--data <dir>", "data directory whose wallet becomes the recoverer")
    .option("--settlement <address>", "keep this settlement contract, deploy the rest")
    .option("--network <name>", "what actions' prices call the chain")
    .option("--write <config>", "write the entry into this configuration file")
    .option("--replace", "with --write: replace the chain's entry that is there")
    .option("--dry-run", "check everything, say what would be done, send nothing")
    .option(
      "--timeout <secs>",
      "how long a transaction is waited for",
      integerOf(1, 86_400),
      TIMEOUT_SECS,
    )
    .option("--json", "print exactly the chains[] entry")
    .action(async (options) => (await import("./deploy.ts")).runChainDeploy(options));
  chain
    .command("check")
    .description("say what a start would find: each RPC URL, the contracts, the token, the gas")
    .option("--config <file>", "configuration file")
    .option("--data <dir>", "data directory")
    .option("--json", "print exactly one JSON value")
    .action(async (options) => (await import("./check.ts")).runChainCheck(options));
}
