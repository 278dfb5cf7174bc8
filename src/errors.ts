import {
  ERROR_REASONS,
  type ErrorCategory,
  type ErrorCode,
  type ErrorReason,
  type ErrorRow,
  HTTP_ERRORS,
  type HttpErrorCode,
  REASON_ADVICE,
  REASON_CATEGORIES,
  type Recovery,
  WIRE_ERRORS,
  type WireErrorCode,
  ZONE_ERRORS,
  type ZoneErrorCode,
} from "./error-catalogue.ts";

/** What a StewardError may carry beside its code. */
export interface StewardErrorOptions {
  readonly reason?: ErrorReason;
  /** Says it more exactly than the catalogue's summary; it reaches the peer, sanitised. */
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Carries one catalogue code; the only class that is thrown on purpose. */
export class StewardError extends Error {
  override readonly name = "StewardError";
  readonly code: ErrorCode;
  readonly reason: ErrorReason | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, options: StewardErrorOptions = {}) {
    super(options.message ?? findErrorRow(code).summary, { cause: options.cause });
    this.code = code;
    this.reason = options.reason;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Returns the catalogue row of a code. */
export function findErrorRow(code: ErrorCode): ErrorRow {
  if (isWireErrorCode(code)) return WIRE_ERRORS[code];
  if (isZoneErrorCode(code)) return ZONE_ERRORS[code];
  return HTTP_ERRORS[code];
}

/** Narrows to one of the nine wire codes. */
export function isWireErrorCode(code: unknown): code is WireErrorCode {
  return typeof code === "number" && Object.hasOwn(WIRE_ERRORS, code);
}

/** Narrows to one of the eighteen zone codes. */
export function isZoneErrorCode(code: unknown): code is ZoneErrorCode {
  return typeof code === "string" && Object.hasOwn(ZONE_ERRORS, code);
}

/** Narrows to one of the closed list of reasons. */
export function isErrorReason(reason: unknown): reason is ErrorReason {
  return typeof reason === "string" && Object.hasOwn(ERROR_REASONS, reason);
}

/** What kind of failure an error is: its reason's where it has one, else its code's. */
export function findCategory(code: ErrorCode, reason?: ErrorReason): ErrorCategory {
  return reason === undefined ? findErrorRow(code).category : REASON_CATEGORIES[reason];
}

const PEER_TEXT_CHARS_MAX = 200;
const PEER_TEXT_READ_CHARS_MAX = 4096;

/**
 * Tells whether a thrown value is a refusal as they happen, rather than a fault to look into: every
 * StewardError but an internal one without a reason. Refusals are not logged as errors.
 */
export function isExpected(thrown: unknown): boolean {
  if (!(thrown instanceof StewardError)) return false;
  const isInternal = thrown.code === "internal" || thrown.code === 5001;
  return thrown.reason !== undefined || (!isInternal && thrown.cause === undefined);
}

/**
 * Makes text safe to show to a peer: at most 200 characters, without URLs, paths, keys or HTML;
 * `docs/protocol.md` §7.
 */
export function toPeerText(text: string): string {
  const cleaned = text
    .slice(0, PEER_TEXT_READ_CHARS_MAX)
    // Markup first: a tag inside a URL must not hide it from the patterns below.
    .replace(/<[a-z/!?][^<>]*>/gi, "")
    .replace(/<+(?=[a-z/!?])/gi, "")
    .replace(/-----BEGIN [^-]{1,64}-----[^-]*(?:-----END [^-]{1,64}-----)?/g, "[key]")
    .replace(/[a-z][a-z0-9+.-]{0,30}:\/\/\S+/gi, "[url]")
    .replace(/(?<![\w.])(?:[A-Za-z]:[\\/]|\\\\|~?\/|\.{1,2}[\\/])[^\s"'`<>|,;()[\]{}]+/g, "[path]")
    .replace(
      /(?<![\w.@/-])(?:[\w.@-]+\/)+[\w.@-]*\.(?:[cm]?[jt]sx?|json|pem|key|sqlite|sol)\b[:\d]*/g,
      "[path]",
    )
    // Node ids are public and stay.
    .replace(/(?<!atlas_)(?<![0-9a-fA-F])(?:0x)?[0-9a-fA-F]{64,}/g, "[hex]")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters must not reach a peer
    .replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]+/g, " ")
    .trim();
  const cut =
    cleaned.length > PEER_TEXT_CHARS_MAX
      ? `${cleaned.slice(0, PEER_TEXT_CHARS_MAX - 1).replace(/[\ud800-\udbff]$/, "")}…`
      : cleaned;
  return cut.toWellFormed();
}

/** The optional fields of an error, sent to peers with the capability `error_detail` and over HTTP. */
export interface ErrorDetail {
  readonly reason?: ErrorReason;
  readonly recovery: Recovery;
  readonly retry_after_ms?: number;
  /** The stewards of the zone's newest envelope; `docs/protocol.md` §9.13. */
  readonly entrypoints?: unknown;
  readonly hint: string;
}

function toDetail(error: StewardError): ErrorDetail {
  return {
    ...(error.reason !== undefined && { reason: error.reason }),
    ...(error.retryAfterMs !== undefined && { retry_after_ms: error.retryAfterMs }),
    ...(error.details?.entrypoints !== undefined && { entrypoints: error.details.entrypoints }),
    ...toAdvice(error),
  };
}

function toAdvice(error: StewardError): { recovery: Recovery; hint: string } {
  const { recovery, hint } = findErrorRow(error.code);
  return { recovery, hint, ...(error.reason && REASON_ADVICE[error.reason]) };
}

/** The body of a `zone.error`; `docs/protocol.md` §7. */
export interface ZoneErrorBody extends Partial<ErrorDetail> {
  readonly type: "zone.error";
  readonly request_id?: string;
  readonly code: ZoneErrorCode;
  readonly message: string;
}

/**
 * Renders any thrown value as a zone.error with its detail; what is not a zone code becomes
 * `internal`. The session takes the detail away for peers that did not ask for it.
 */
export function toZoneError(thrown: unknown, requestId?: string): ZoneErrorBody {
  const error =
    thrown instanceof StewardError && isZoneErrorCode(thrown.code)
      ? thrown
      : new StewardError("internal");
  return {
    type: "zone.error",
    ...(requestId !== undefined && { request_id: requestId }),
    code: error.code as ZoneErrorCode,
    message: toPeerText(error.message),
    ...toDetail(error),
  };
}

/** Takes the optional fields from an error body, for peers without the capability `error_detail`. */
export function withoutDetail<T extends Partial<ErrorDetail>>(body: T): Omit<T, keyof ErrorDetail> {
  const { reason: _, recovery: _r, retry_after_ms: _a, entrypoints: _e, hint: _h, ...rest } = body;
  return rest;
}

/** The fields of an ErrorMessage; `docs/protocol.md` §2, §7. */
export interface ErrorMessageFields extends Partial<ErrorDetail> {
  readonly code: WireErrorCode;
  readonly message: string;
  readonly ref_msg_id?: string;
}

/** Renders any thrown value as an ErrorMessage; what is not a wire code becomes 5001. */
export function toErrorMessage(
  thrown: unknown,
  options: { refMsgId?: string | undefined; withDetail: boolean },
): ErrorMessageFields {
  const error =
    thrown instanceof StewardError && isWireErrorCode(thrown.code)
      ? thrown
      : new StewardError(5001);
  return {
    code: error.code as WireErrorCode,
    message: toPeerText(error.message),
    ...(options.refMsgId !== undefined && { ref_msg_id: options.refMsgId }),
    ...(options.withDetail && toDetail(error)),
  };
}

/**
 * Names the heading of `docs/errors.md` on an error: its reason's where it has one, else its code's.
 * These names are stable.
 */
export function toErrorAnchor(code: ErrorCode, reason?: ErrorReason): string {
  if (reason !== undefined) return `reason-${reason.toLowerCase()}`;
  if (isWireErrorCode(code)) return `wire-${code}`;
  return `${isZoneErrorCode(code) ? "zone" : "http"}-${code.toLowerCase()}`;
}

/** The admin API's error body and status. */
export interface HttpError {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly body: {
    readonly error: {
      readonly code: string;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
      readonly hint: string;
      readonly request_id: string;
    };
  };
}

const UPSTREAM_STATUS: Partial<Record<ErrorReason, number>> = {
  UPSTREAM_ERROR: 502,
  UPSTREAM_TIMEOUT: 504,
  UPSTREAM_UNAVAILABLE: 503,
  CHAIN_UNAVAILABLE: 503,
  GAS_LOW: 503,
};

/** Reasons under which the admin API answers with a code of its own, whatever the wire's is. */
const HTTP_CODES: Partial<Record<ErrorReason, HttpErrorCode>> = {
  CONTENT_BLOCKED: "SECURITY_VIOLATION",
};

/**
 * Renders any thrown value for the admin API; what is no StewardError becomes `internal`/500. People read
 * these hints, so they end with where the package's documentation says more.
 */
export function toHttp(thrown: unknown, requestId: string): HttpError {
  const error = thrown instanceof StewardError ? thrown : new StewardError("internal");
  const code = (error.reason && HTTP_CODES[error.reason]) ?? error.code;
  const row = findErrorRow(code);
  const { recovery, hint } = toAdvice(error);
  return {
    status: (error.reason && UPSTREAM_STATUS[error.reason]) ?? row.http,
    retryAfterMs: error.retryAfterMs,
    body: {
      error: {
        code: typeof code === "number" ? row.name : code,
        message: toPeerText(error.message),
        details: {
          ...error.details,
          ...(error.reason && { reason: error.reason }),
          category: findCategory(error.code, error.reason),
          recovery,
        },
        hint: `${hint} See docs/errors.md#${toErrorAnchor(error.code, error.reason)}`,
        request_id: requestId,
      },
    },
  };
}
