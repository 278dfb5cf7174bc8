import { isatty } from "node:tty";
import type { Logger } from "../base/log.ts";

const STDERR = 2;
/** What tools for log rotation send; Node would end, or open its debugger, at them. */
const IGNORED = ["SIGUSR1", "SIGUSR2"] as const;

/** What a process without a terminal does on signals, beside ending. */
export interface SignalOptions {
  readonly log: Logger;
  /** On SIGHUP; without it that is ignored. */
  readonly onHangup?: () => void;
}

/**
 * Waits until the process is asked to end: SIGINT, SIGTERM, or the loss of the terminal that it
 * logs to. A second request ends it at once. A service, which has a log, logs and ignores SIGUSR1 and
 * SIGUSR2, and SIGHUP where it has nothing to do then; SIGHUP ends what has no log.
 */
export function waitForEnd(service?: SignalOptions): Promise<void> {
  const hadTerminal = isatty(STDERR);
  return new Promise((resolve) => {
    let asked = false;
    const onEnd = (): void => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    process.on("SIGINT", onEnd).on("SIGTERM", onEnd);
    if (service === undefined) {
      process.on("SIGHUP", onEnd);
      return;
    }
    const { log, onHangup } = service;
    const ignore = (signal: NodeJS.Signals) =>
      log.warn({ signal }, `${signal} is ignored; SIGTERM stops the service`);
    for (const signal of IGNORED) process.on(signal, ignore);
    process.on("SIGHUP", (signal) => {
      // Nobody could press Ctrl-C any more.
      if (hadTerminal && !isatty(STDERR)) return resolve();
      if (onHangup === undefined) ignore(signal);
      else onHangup();
    });
  });
}
