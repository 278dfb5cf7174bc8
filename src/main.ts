import { CommanderError } from "commander";
import { EXIT, toExitCode } from "./cli/exit-codes.ts";
import { createProgram } from "./cli/program.ts";

/**
 * Runs the `steward` command.
 * @param argv the arguments after the command's name
 */
export async function main(argv: readonly string[]): Promise<void> {
  // The wrapper that started a newer Node is gone when its channel closes.
  if (process.env.STEWARD_PARENT_IPC === "1") {
    process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
    process.channel?.unref();
  }
  try {
    await createProgram().parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      return;
    }
    process.stderr.write(`steward: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = toExitCode(error);
  }
}
