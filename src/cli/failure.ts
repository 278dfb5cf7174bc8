import { fileURLToPath } from "node:url";
import { StartupError } from "../base/startup-error.ts";
import { AgentError, CLIENT_ERRORS } from "../client/agent-error.ts";
import { ConfigError } from "../config/problem.ts";
import { isErrorReason, isWireErrorCode, isZoneErrorCode, toErrorAnchor } from "../errors.ts";
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

/** The page of all codes in the installed package; sources and build lie equally deep. */
const ERROR_DOCS = fileURLToPath(new URL("../../docs/errors.md", import.meta.url));
/** What ends a hint of the admin API: the same heading, by its path in the package. */
const HINT_LINK = / See docs\/errors\.md#([a-z0-9_-]{1,64})$/;

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
  if (error instanceof ApiError) lines.push(...error.problems.map((problem) => `- ${problem}`));
  if (error instanceof AgentError || error instanceof ApiError) {
    const { code, reason, recovery, hint } = error;
    lines.push(`  code  ${[code, reason, recovery && `(${recovery})`].filter(Boolean).join(" ")}`);
    const [advice, anchor = findAnchor(error)] = (hint ?? "").split(HINT_LINK);
    if (advice) lines.push(`  hint  ${advice}`);
    if (anchor !== undefined) lines.push(`  docs  ${ERROR_DOCS}#${anchor}`);
  }
  return `${lines.map((line) => line.split("\n").map(toPlain).join("\n")).join("\n")}\n`;
}

/** The heading on an error of the SDK; undefined where the steward's code is not known here. */
function findAnchor({ code, reason }: AgentError | ApiError): string | undefined {
  if (isErrorReason(reason)) return toErrorAnchor("internal", reason);
  if (isWireErrorCode(code) || isZoneErrorCode(code)) return toErrorAnchor(code);
  return Object.hasOwn(CLIENT_ERRORS, code) ? `sdk-${code}` : undefined;
}
