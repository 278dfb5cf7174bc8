import { WIRE_ERRORS, ZONE_ERRORS } from "../../src/error-catalogue.ts";
import type { DecodedEnvelope } from "../../src/wire/envelope.ts";
import type { Stage } from "./line.ts";

/** Bodies a steward sends; `docs/protocol.md` §6 and §8. */
const REPLIES = new Set(
  [
    ...[
      "directory",
      "manifest",
      "joined",
      "left",
      "sent",
      "page",
      "member_list",
      "done",
      "invited",
    ],
    ...["message", "event", "response", "payment_required", "pending", "providing", "invoke"],
    ...["escrow_state", "error"],
  ].map((name) => `zone.${name}`),
);
const TEXT_CHARS_MAX = 200;
/** The only failures that are nobody's bug: an action nobody fulfils, or no longer. */
const EXPECTED_FAILURES = new Set(["NO_HANDLER", "HANDLER_FAILED", "UNDELIVERED"]);

/** Says what is wrong with what a steward sent, or nothing. */
export function findFault(
  envelope: DecodedEnvelope,
  { stewardId, stage }: { readonly stewardId: string; readonly stage: Stage },
): string | undefined {
  const { type, fields } = envelope;
  switch (type) {
    case "error":
      return findErrorFault(fields);
    case "message":
      // Another node's words are its own.
      return fields.from === stewardId ? findBodyFault(fields.body) : undefined;
    case "message_ack":
    case "pong":
    case "ping":
    case "disconnect":
      return undefined;
    case "hello_ack":
      return stage === "open" ? "a hello_ack" : undefined;
    case "verify_ack":
      return stage === "open" || fields.status !== "rejected" ? "a verify_ack" : undefined;
    default:
      return `a ${type}`;
  }
}

function findErrorFault({ code, message }: DecodedEnvelope["fields"]): string | undefined {
  if (typeof code !== "number" || !Object.hasOwn(WIRE_ERRORS, code)) return `the code ${code}`;
  if (code === 5001) return `5001: ${message}`;
  return findTextFault(message);
}

function findBodyFault(body: unknown): string | undefined {
  const { type, code, message, reason } = body as Record<string, unknown>;
  if (typeof type !== "string" || !REPLIES.has(type)) return `the reply ${type}`;
  if (type !== "zone.error") return undefined;
  if (typeof code !== "string" || !Object.hasOwn(ZONE_ERRORS, code)) return `the code ${code}`;
  if (code === "internal" && !EXPECTED_FAILURES.has(reason as string)) {
    return JSON.stringify(body).slice(0, 500);
  }
  return findTextFault(message);
}

function findTextFault(message: unknown): string | undefined {
  const isShort = typeof message === "string" && message.length <= TEXT_CHARS_MAX;
  return isShort ? undefined : `the text ${String(message).slice(0, 500)}`;
}

/** What sort of answer it is: its code, or its type. */
export function toKind({ type, fields }: DecodedEnvelope): string {
  if (type === "error") return String(fields.code);
  if (type !== "message") return type;
  const body = fields.body as { type?: unknown; code?: unknown } | null;
  return String(body?.code ?? body?.type);
}
