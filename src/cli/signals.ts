import { isatty } from "node:tty";
import type { Logger } from "../base/log.ts";

const STDERR = 2;
/** What tools for log rotation send; Node would end, or open its debugger, at them. */
const IGNORED = ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

/**
 * Waits until the process is asked to end: SIGINT, SIGTERM, or the loss of the terminal that it
 * logs to. A second request ends it at once. A service, which has a log, logs and ignores SIGHUP,
 * SIGUSR1 and SIGUSR2; SIGHUP ends what has none.
 */
export function waitForEnd(log?: Logger): Promise<void> {
  const hadTerminal = isatty(STDERR);
  return new Promise((resolve) => {
    let asked = false;
    const onEnd = (): void => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    process.on("SIGINT", onEnd).on("SIGTERM", onEnd);
    if (log === undefined) {
      process.on("SIGHUP", onEnd);
      return;
    }
    for (const signal of IGNORED) {
      process.on(signal, () => {
        // Nobody could press Ctrl-C any more.
        if (signal === "SIGHUP" && hadTerminal && !isatty(STDERR)) return resolve();
        log.warn({ signal }, `${signal} is ignored; SIGTERM stops the service`);
      });
    }
  });
}
