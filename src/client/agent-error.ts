import { type ErrorCategory, REASON_CATEGORIES, type Recovery } from "../error-catalogue.ts";
import {
  findErrorRow,
  isErrorReason,
  isWireErrorCode,
  isZoneErrorCode,
  StewardError,
} from "../errors.ts";

interface ClientErrorRow {
  readonly category: ErrorCategory;
  readonly recovery: Recovery;
  readonly summary: string;
  readonly hint: string;
}

/** Failures the SDK finds itself; the steward's own codes are in the error catalogue. */
export const CLIENT_ERRORS = {
  invalid_input: {
    category: "input",
    recovery: "change",
    summary: "An argument is missing, has the wrong type, or cannot be sent.",
    hint: "Correct the argument that the message names.",
  },
  insecure_url: {
    category: "input",
    recovery: "change",
    summary: "The wire URL is not encrypted and not on this machine.",
    hint: "Use wss://, or set allowInsecure where the network itself is trusted.",
  },
  connection_failed: {
    category: "availability",
    recovery: "retry",
    summary: "The steward could not be reached, or the connection broke.",
    hint: "Check the wire URL and that the steward runs, then try again.",
  },
  connection_lost: {
    category: "availability",
    recovery: "reconcile",
    summary: "The connection ended before the answer to a message that is not safe to repeat.",
    hint: "Look whether the message had its effect before sending it again.",
  },
  closed: {
    category: "state",
    recovery: "change",
    summary: "The agent is closed.",
    hint: "Connect a new agent.",
  },
  timeout: {
    category: "availability",
    recovery: "reconcile",
    summary: "No final answer came in time.",
    hint: "The message may have had its effect: repeat it with the same request or message id.",
  },
  aborted: {
    category: "availability",
    recovery: "reconcile",
    summary: "The caller aborted before the answer came.",
    hint: "The message may have had its effect: repeat it with the same request or message id.",
  },
  overloaded: {
    category: "limit",
    recovery: "retry",
    summary: "Too many calls of this agent wait for their answers.",
    hint: "Wait for some of them before starting more.",
  },
  identity_mismatch: {
    category: "identity",
    recovery: "never",
    summary: "The node that answered is not the one expected.",
    hint: "Check expectNodeId and the wire URL; somebody may stand in between.",
  },
  identity_unproven: {
    category: "identity",
    recovery: "change",
    summary: "The node did not prove that it holds the key of its node id.",
    hint: "Use a steward with bound_verify, or set allowPlainVerify and accept the risk.",
  },
  protocol_error: {
    category: "protocol",
    recovery: "operator",
    summary: "The steward sent something that docs/protocol.md does not allow.",
    hint: "Tell the steward's operator.",
  },
  envelope_invalid: {
    category: "identity",
    recovery: "never",
    summary: "The zone's envelope is not what its creator signed, or it goes back in time.",
    hint: "Do not use the zone through this steward; tell the zone's creator.",
  },
  history_invalid: {
    category: "identity",
    recovery: "never",
    summary: "The zone's log does not fit its hashes or signatures.",
    hint: "Keep the page as evidence and tell the zone's creator.",
  },
  quote_invalid: {
    category: "payment",
    recovery: "never",
    summary: "The quote differs from the signed manifest or from the request.",
    hint: "Nothing was signed. Tell the zone's creator or the steward's operator.",
  },
  price_too_high: {
    category: "payment",
    recovery: "change",
    summary: "The price is higher than maxAmount.",
    hint: "Nothing was signed. Raise maxAmount if the price is right.",
  },
  chain_not_allowed: {
    category: "payment",
    recovery: "change",
    summary: "The quote names a chain, token or contract that `chains` does not allow.",
    hint: "Nothing was signed. Add the chain's addresses from a source you trust.",
  },
  wallet_missing: {
    category: "payment",
    recovery: "change",
    summary: "The action costs money and the agent has no wallet.",
    hint: "Connect with the wallet option.",
  },
  payment_unresolved: {
    category: "payment",
    recovery: "reconcile",
    summary: "An earlier authorization of this request was used, or could still be.",
    hint: "Ask for the receipt; a second authorization is signed only when the first is void.",
  },
  ledger_failed: {
    category: "internal",
    recovery: "operator",
    summary: "The payment ledger, or the store of signed envelopes, could not be read or written.",
    hint: "Nothing was sent. Repair it: without it the agent could pay or sign an epoch twice.",
  },
  undelivered: {
    category: "availability",
    recovery: "reconcile",
    summary: "The action is paid for, and the outcome of its run is unknown.",
    hint: "Ask receipt(requestId) later, or repeat the request with the same requestId: it is not paid twice. The steward's operator runs it again or gives the money back.",
  },
  receipt_invalid: {
    category: "payment",
    recovery: "reconcile",
    summary: "The receipt does not match what was authorized.",
    hint: "Compare the transaction with the quote; details hold the answer.",
  },
} as const satisfies Record<string, ClientErrorRow>;

/** A code that only the SDK raises. */
export type ClientErrorCode = keyof typeof CLIENT_ERRORS;

/** What an AgentError may carry beside its code. */
interface AgentErrorOptions {
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly recovery?: Recovery | undefined;
  readonly hint?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/**
 * Carries every failure of the SDK: one of the nine wire codes (number), one of the eighteen zone
 * codes, or one of `CLIENT_ERRORS`; `docs/protocol.md` §7.
 */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly code: number | string;
  /** What exactly went wrong, where the steward or the SDK says so. */
  readonly reason: string | undefined;
  /** What kind of failure it is; `docs/errors.md`. */
  readonly category: ErrorCategory;
  readonly recovery: Recovery;
  readonly hint: string;
  /** Milliseconds after which trying again may work. */
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: number | string, options: AgentErrorOptions = {}) {
    const row = findRow(code);
    super(options.message || row.summary, { cause: options.cause });
    this.code = code;
    this.reason = options.reason;
    this.category = isErrorReason(options.reason)
      ? REASON_CATEGORIES[options.reason]
      : row.category;
    this.recovery = options.recovery ?? row.recovery;
    this.hint = options.hint ?? row.hint;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }
}

function findRow(code: number | string): ClientErrorRow {
  if (isWireErrorCode(code) || isZoneErrorCode(code)) return findErrorRow(code);
  if (Object.hasOwn(CLIENT_ERRORS, code)) return CLIENT_ERRORS[code as ClientErrorCode];
  return {
    category: "protocol",
    recovery: "never",
    summary: "The steward answered with a code this SDK does not know.",
    hint: "Update the SDK.",
  };
}

/** Tells whether a thrown value is an AgentError with the code. */
export function hasCode(error: unknown, code: number | string): boolean {
  return error instanceof AgentError && error.code === code;
}

/** The error fields of an ErrorMessage or a zone.error, as they travel; `docs/protocol.md` §7. */
interface WireErrorFields {
  readonly code: number | string;
  readonly message: string;
  readonly reason?: string | undefined;
  readonly recovery?: string | undefined;
  readonly retry_after_ms?: number | undefined;
  readonly hint?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

const RECOVERIES: readonly string[] = ["retry", "change", "operator", "reconcile", "never"];

/** Converts a steward's error; what it leaves out comes from the catalogue; `docs/protocol.md` §7. */
export function toAgentError(fields: WireErrorFields): AgentError {
  return new AgentError(fields.code, {
    message: fields.message,
    reason: fields.reason,
    recovery: RECOVERIES.includes(fields.recovery ?? "")
      ? (fields.recovery as Recovery)
      : undefined,
    hint: fields.hint,
    retryAfterMs: fields.retry_after_ms,
    details: fields.details,
  });
}

/** Returns AgentErrors as they are and wraps everything else under the given code. */
export function asAgentError(thrown: unknown, code: ClientErrorCode): AgentError {
  if (thrown instanceof AgentError) return thrown;
  if (thrown instanceof StewardError) {
    return new AgentError(thrown.code, { message: thrown.message, cause: thrown });
  }
  const message = thrown instanceof Error ? thrown.message : undefined;
  return new AgentError(code, { message, cause: thrown });
}
