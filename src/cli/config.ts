import type { Command } from "commander";

/** Adds `steward config …`. */
export function addConfigCommands(program: Command): void {
  const config = program.command("config").description("check the configuration");
  config
    .command("check")
    .description("say everything that is wrong with the configuration; starts nothing")
    .option("--config <file>", "configuration file")
    .option("--data <dir>", "data directory")
    .option("--json", "print exactly one JSON value")
    .action(async (options: object) => (await import("./config-check.ts")).runConfigCheck(options));
}
