import { type Logger, pino } from "pino";

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

/**
 * Creates the root logger: JSON lines on stderr, secrets redacted.
 * @param level a pino level name, or `silent`
 */
export function createLogger(level: string): Logger {
  const paths = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    { level, redact: { paths, censor: "[redacted]" } },
    pino.destination({ fd: 2, sync: true }),
  );
}
