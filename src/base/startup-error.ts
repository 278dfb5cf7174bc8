/** Who has to act: `usage` where the configuration or an argument is wrong, else `failed`. */
export type StartupFault = "usage" | "failed";

/**
 * A command or the service cannot start, for a reason outside of it; the message names the file, the
 * key or the port and says what to do.
 */
export class StartupError extends Error {
  override readonly name = "StartupError";
  readonly fault: StartupFault;

  constructor(message: string, options: { fault?: StartupFault; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.fault = options.fault ?? "failed";
  }
}
