import type { Command } from "commander";
import { addOperatorCommand, type OperatorOptions, operate } from "./operator/operate.ts";
import { toPlain } from "./output.ts";

/** Adds `steward config …`. */
export function addConfigCommands(program: Command): void {
  const config = program.command("config").description("check and reload the configuration");
  config
    .command("check")
    .description("say everything that is wrong with the configuration; starts nothing")
    .option("--config <file>", "configuration file")
    .option("--data <dir>", "data directory")
    .option("--json", "print exactly one JSON value")
    .action(async (options: object) => (await import("./config-check.ts")).runConfigCheck(options));
  addOperatorCommand(
    config,
    "reload",
    "have the running steward read its configuration again, as SIGHUP does",
  ).action((options: OperatorOptions) =>
    operate(options, async (api) => {
      const value = await api<ReloadBody>("POST", "/v1/config/reload");
      return { value, text: () => toReloadText(value) };
    }),
  );
}

interface ReloadBody {
  readonly changed: readonly string[];
  readonly restart: readonly string[];
}

function toReloadText({ changed, restart }: ReloadBody): string {
  const lines = [
    changed.length === 0 ? "nothing changed" : `in force now: ${changed.join(", ")}`,
    ...(restart.length === 0 ? [] : [`needs a restart: ${restart.join(", ")}`]),
  ];
  return lines.map(toPlain).join("\n");
}
