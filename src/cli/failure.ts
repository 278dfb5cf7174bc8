import { fileURLToPath } from "node:url";
import { StartupError } from "../base/startup-error.ts";
import { AgentError, CLIENT_ERRORS } from "../client/agent-error.ts";
import { ConfigError } from "../config/problem.ts";
import { isErrorReason, isWireErrorCode, isZoneErrorCode, toErrorAnchor } from "../errors.ts";
import { type ForeignFailure, findForeignCode, findForeignFailure } from "../foreign-errors.ts";
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

/** Their messages say what to do. */
const SAID_CLASSES = [StartupError, UnreachableError, SecretFileError, ConfigError, UsageError];

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

/** What people and programs are told of a failure. */
interface ToldFailure {
  readonly message: string;
  readonly problems?: readonly string[];
  readonly code?: number | string;
  readonly reason?: string | undefined;
  readonly category?: string | undefined;
  readonly recovery?: string | undefined;
  readonly hint?: string | undefined;
  /** The page and heading that says more. */
  readonly docs?: string | undefined;
  /** What is known of the failure of a library, the system or another machine behind it. */
  readonly cause?: ForeignFailure | undefined;
}

/** Says what failed and, where it is known, what to do about it, for a terminal. */
export function toFailureText(error: unknown): string {
  const { message, problems = [], code, reason, category, recovery, ...told } = describe(error);
  const lines = [`steward: ${message}`, ...problems.map((problem) => `- ${problem}`)];
  const kind = [category, recovery].filter(Boolean).join(", ");
  if (code !== undefined)
    lines.push(`  code  ${[code, reason, kind && `(${kind})`].filter(Boolean).join(" ")}`);
  if (told.hint) lines.push(`  hint  ${told.hint}`);
  if (told.cause) lines.push(`  cause ${told.cause.code}: ${told.cause.hint}`);
  if (told.docs !== undefined) lines.push(`  docs  ${told.docs}`);
  return `${lines.map((line) => line.split("\n").map(toPlain).join("\n")).join("\n")}\n`;
}

/** Says the same as one line of JSON, for programs. */
export function toFailureJson(error: unknown): string {
  return `${JSON.stringify({ error: describe(error) })}\n`;
}

function describe(error: unknown): ToldFailure {
  const message = error instanceof Error ? error.message : String(error);
  const cause = findCause(error);
  if (!(error instanceof AgentError || error instanceof ApiError)) {
    if (cause === undefined || SAID_CLASSES.some((type) => error instanceof type))
      return { message, ...(cause && { ...cause, hint: undefined }) };
    return { message, ...cause };
  }
  const { code, reason, category, recovery, hint = "" } = error;
  const [advice, anchor = findAnchor(error)] = hint.split(HINT_LINK);
  return {
    ...{ message, code, reason, category, recovery },
    ...(error instanceof ApiError && { problems: error.problems }),
    hint: advice || undefined,
    docs: anchor && `${ERROR_DOCS}#${anchor}`,
    cause,
  };
}

/** A steward's own answer is told of by its own code. */
function findCause(error: unknown): ForeignFailure | undefined {
  if (error instanceof ApiError) return undefined;
  if (error instanceof AgentError) return findForeignFailure(error.cause);
  if (error instanceof RpcError) return findForeignCode(error.words) ?? findRpcMeaning(error);
  return findForeignFailure(error);
}

function findRpcMeaning({ meaning }: RpcError): ForeignFailure | undefined {
  if (meaning === "limited") return findForeignCode("HTTP_429");
  if (meaning === "unknown-method") return findForeignCode("-32601");
  return meaning === "unknown-form" ? findForeignCode("-32602") : undefined;
}

/** The heading on an error of the SDK; undefined where the steward's code is not known here. */
function findAnchor({ code, reason }: AgentError | ApiError): string | undefined {
  if (isErrorReason(reason)) return toErrorAnchor("internal", reason);
  if (isWireErrorCode(code) || isZoneErrorCode(code)) return toErrorAnchor(code);
  return Object.hasOwn(CLIENT_ERRORS, code) ? `sdk-${code}` : undefined;
}
