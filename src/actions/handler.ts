import { StewardError } from "../errors.ts";
import type { Failure } from "../outbound/failure.ts";
import type { JsonObject, JsonValue } from "../protocol/json.ts";
import type { PackedValue } from "../wire/packed-value.ts";

/**
 * What waiting for a place and trying again may add to a handler's time-out: whoever asked learns
 * within it and little more what became of the run; `docs/protocol.md` §8.
 */
export const EXTRA_MS_MAX = 8000;

/** The action of a zone. */
export interface ActionTarget {
  readonly zoneId: string;
  readonly action: string;
}

/** One run of an action; the same `invokeId` means the same run. */
export interface Invocation extends ActionTarget {
  readonly invokeId: string;
  /** Built anew on each reading. */
  readonly params: JsonObject;
  /** JSON of the params. */
  readonly paramsText: string;
  /** Money was taken for it. */
  readonly isPaid: boolean;
  /** Node id of whoever asked. */
  readonly requester: string;
  /** The requester's own name for the request. */
  readonly requestId: string;
}

/** JSON of a value that a message carried here, and so may carry on. */
export class CarriedJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What an action came to; what came as text or packed is not built. */
export type ActionResult = JsonValue | PackedValue | CarriedJson;

/** Fulfils an action. */
export interface ActionHandler {
  /** A run of unknown outcome may be repeated. */
  readonly idempotent: boolean;
  /**
   * Refuses an action that could not be fulfilled now; called before a quote and before a free run.
   * @throws StewardError `internal`, reason UPSTREAM_UNAVAILABLE, with retryAfterMs
   */
  assertAvailable(target: ActionTarget): void;
  /**
   * Returns the action's result.
   * @throws StewardError `internal` with a reason, which is a definite failure unless
   *   `isUnknownOutcome` says otherwise
   */
  invoke(invocation: Invocation, signal: AbortSignal): Promise<ActionResult>;
  /**
   * Computes the result at once and does nothing else, where it is that simple: request and answer of a free action
   * are then written together.
   * @param paramsText JSON of the params
   */
  readonly compute?: (paramsText: string) => CarriedJson;
}

/** Answers with the params it was given. */
export const echoHandler: ActionHandler = {
  idempotent: true,
  assertAvailable: () => {},
  invoke: async ({ paramsText }) => new CarriedJson(paramsText),
  compute: (paramsText) => new CarriedJson(paramsText),
};

/** The error of a run that may have taken effect without its result reaching us. */
export function toUnknownOutcome(failure: Failure): StewardError {
  return new StewardError("internal", { ...failure, details: { outcome: "unknown" } });
}

/** Tells whether a failed run may have taken effect; `docs/protocol.md` §8. */
export function isUnknownOutcome(error: unknown): boolean {
  return error instanceof StewardError && error.details?.outcome === "unknown";
}
