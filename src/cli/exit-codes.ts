import { ConfigError } from "../config.ts";

/** The exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3 } as const;

/** The server a command talks to does not answer. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** Returns the exit code an error ends the process with. */
export function toExitCode(error: unknown): number {
  if (error instanceof UnreachableError) return EXIT.unreachable;
  if (error instanceof ConfigError) return EXIT.usage;
  return EXIT.failed;
}
