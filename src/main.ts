import { CommanderError } from "commander";
import { EXIT } from "./cli/exit-codes.ts";
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
  // Whoever reads the output may stop early, as `head` does.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failed);
  });
  try {
    await createProgram().parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      return;
    }
    const { toExitCode, toFailureJson, toFailureText } = await import("./cli/failure.ts");
    process.stderr.write((argv.includes("--json") ? toFailureJson : toFailureText)(error));
    process.exitCode = toExitCode(error);
  }
}
