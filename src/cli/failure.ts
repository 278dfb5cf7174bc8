import { StartupError } from "../base/startup-error.ts";
import { AgentError } from "../client/agent-error.ts";
import { ConfigError } from "../config/problem.ts";
import { SecretFileError } from "../identity/secret-file.ts";
import { ContractMismatch } from "../payments/chain/contract-views.ts";
import { RpcError } from "../payments/chain/rpc-endpoint.ts";
import { EXIT, UnreachableError, UsageError } from "./exit-codes.ts";
import { ApiError } from "./operator/admin-client.ts";
import { toPlain } from "./output.ts";

/** Codes of the SDK that mean that nobody answers. */
const UNREACHABLE_CODES: ReadonlySet<number | string> = new Set(["connection_failed", 1003]);
/** Codes of the SDK that mean that the command was given something unusable. */
const USAGE_CODES: ReadonlySet<number | string> = new Set(["invalid_input", "insecure_url"]);

const USAGE_CLASSES = [ConfigError, UsageError, SecretFileError, ContractMismatch];

/** Returns the exit code an error ends the process with. */
export function toExitCode(error: unknown): number {
  if (error instanceof UnreachableError) return EXIT.unreachable;
  if (error instanceof RpcError && error.fault === "unavailable") return EXIT.unreachable;
  if (error instanceof StartupError) return EXIT[error.fault];
  if (USAGE_CLASSES.some((type) => error instanceof type)) return EXIT.usage;
  if (!(error instanceof AgentError)) return EXIT.failed;
  if (UNREACHABLE_CODES.has(error.code)) return EXIT.unreachable;
  return USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed;
}

/** Says what failed and, where it is known, what to do about it, for a terminal. */
export function toFailureText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = [`steward: ${message}`];
  if (error instanceof AgentError || error instanceof ApiError) {
    const { code, reason, recovery, hint } = error;
    lines.push(`  code  ${[code, reason, recovery && `(${recovery})`].filter(Boolean).join(" ")}`);
    if (hint !== undefined) lines.push(`  hint  ${hint}`);
  }
  return `${lines.map((line) => line.split("\n").map(toPlain).join("\n")).join("\n")}\n`;
}
