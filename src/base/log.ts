import { type Logger, pino, stdSerializers } from "pino";
import { findForeignFailure } from "../foreign-errors.ts";

export type { Logger };

/** Names of fields whose values never reach a log line, at any depth up to two. */
const SECRET_FIELDS = [
  "token",
  "admin_token",
  "secret",
  "private_key",
  "privateKey",
  "authorization",
  "invite",
  "seed",
];

/** What waits for a destination that refuses; what is beyond it is lost. */
const WAITING_BYTES_MAX = 1_048_576;

/**
 * Creates the root logger: JSON lines on stderr, secrets redacted. Lines that cannot be written, on
 * a full disk or to a terminal that has gone, are lost and stop nothing.
 * @param level a pino level name, or `silent`
 */
export function createLogger(level: string): Logger {
  const paths = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const destination = pino.destination({ fd: 2, sync: true, maxLength: WAITING_BYTES_MAX });
  destination.on("error", () => {});
  const serializers = { err: toLoggedError };
  return pino({ level, redact: { paths, censor: "[redacted]" }, serializers }, destination);
}

/** An error as pino writes it, with what is known of the library's or system's failure behind it. */
function toLoggedError(error: Error): object {
  const help = findForeignFailure(error);
  const written = stdSerializers.err(error);
  return help === undefined ? written : { ...written, help };
}
