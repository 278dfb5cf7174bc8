import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import { type Body, parseBody } from "../../wire/body.ts";
import type { AtlasMessage } from "../../wire/messages.ts";
import { AgentError, asAgentError } from "../agent-error.ts";
import type { Deadline } from "../deadline.ts";
import type { Outbox } from "./outbox.ts";
import { findBody } from "./replies.ts";

/** A zone reply, with the message that carried it. */
export interface Answer {
  readonly body: Body;
  readonly message: AtlasMessage;
  /** How often the question left; above 1 an earlier copy may have had the effect. */
  readonly sends: number;
}

/** How to ask. */
interface AskOptions {
  readonly deadline: Deadline;
  /** The zone the body is about, where the body itself has no `zone_id`. */
  readonly zoneId?: string;
  /** Whether sending it twice has the effect of sending it once; default true. */
  readonly repeatable?: boolean;
  readonly isRenewal?: boolean;
  readonly onSend?: () => void;
}

/** Sends a body and waits for its zone reply; a zone.error is thrown. */
export type Ask = (fields: BodyFields, options: AskOptions) => Promise<Answer>;

/** A body's fields; undefined ones are left out. */
export type BodyFields = { readonly type: string; readonly [name: string]: unknown };

/** Creates the function every method asks with. */
export function createAsk(outbox: Outbox): Ask {
  return async (fields, options) => {
    const { deadline, onSend } = options;
    const zoneId = typeof fields.zone_id === "string" ? fields.zone_id : options.zoneId;
    const { reply, sends } = await outbox.call({
      body: toBody(fields),
      repeatable: options.repeatable ?? true,
      until: "reply",
      deadline,
      zoneId,
      isRenewal: options.isRenewal,
      ...(onSend !== undefined && { onSend }),
    });
    const body = findBody(reply?.body);
    if (reply === undefined || body === undefined) {
      throw new AgentError("protocol_error", { message: "The steward's reply has no type." });
    }
    return { body, message: reply, sends };
  };
}

/**
 * Gives values the form in which they travel and are hashed, and checks them as the steward will, so
 * that a mistake here does not count there as a malformed frame; `docs/protocol.md` §5.
 * @throws AgentError `invalid_input`
 */
export function toBody(fields: BodyFields): Body {
  try {
    return parseBody(JSON.parse(toCanonicalJson(fields)));
  } catch (error) {
    const cause = asAgentError(error, "invalid_input");
    throw new AgentError("invalid_input", { message: cause.message, cause: error });
  }
}

/** As `toBody`, for the parameters of an action. */
export function toParams(params: unknown): JsonObject {
  const { params: normalised } = toBody({ type: "zone.request", params: params ?? {} });
  if (typeof normalised === "object" && normalised !== null && !Array.isArray(normalised)) {
    return normalised as JsonObject;
  }
  throw new AgentError("invalid_input", { message: "params: expected an object." });
}
