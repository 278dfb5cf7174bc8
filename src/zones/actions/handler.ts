import type { JsonObject, JsonValue } from "../../wire/json.ts";

/** One run of an action; the same `invokeId` means the same run. */
export interface Invocation {
  readonly invokeId: string;
  readonly zoneId: string;
  readonly action: string;
  readonly params: JsonObject;
  /** Node id of whoever asked. */
  readonly requester: string;
}

/** Fulfils an action. */
export interface ActionHandler {
  /** A run of unknown outcome may be repeated. */
  readonly idempotent: boolean;
  /**
   * Returns the action's result.
   * @throws StewardError `internal` with a reason: definite failures HANDLER_FAILED and
   *   UPSTREAM_ERROR; UNDELIVERED where the outcome is unknown
   */
  invoke(invocation: Invocation, signal: AbortSignal): Promise<JsonValue>;
}

/** Answers with the params it was given. */
export const echoHandler: ActionHandler = {
  idempotent: true,
  invoke: async ({ params }) => params,
};
