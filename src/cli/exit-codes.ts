/** The exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3 } as const;

/** The server a command talks to does not answer. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** A command was given something it cannot use, or lacks something it needs. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
