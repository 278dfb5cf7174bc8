import { z } from "zod";
import { toPeerText } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import { optionalField } from "../../protocol/schema-fields.ts";
import type { Body } from "../../wire/body.ts";
import { AgentError, asAgentError } from "../agent-error.ts";
import { type Ask, type BodyFields, toBody } from "../calls/ask.ts";
import { parseReply } from "../calls/replies.ts";
import { createDeadline, type Deadline } from "../deadline.ts";

/** What a provider learns about one run besides its parameters. */
export interface Invocation {
  /** The same for every repetition of one run; use it to run only once. */
  readonly invokeId: string;
  readonly action: string;
  /** Node id of who asked. */
  readonly requester: string;
}

/** Fulfils one action. What it throws is told to the steward as the run's failure. */
export type ActionHandler = (
  params: JsonObject,
  invocation: Invocation,
) => JsonValue | Promise<JsonValue>;

/** Handlers by action name. */
export type ActionHandlers = Readonly<Record<string, ActionHandler>>;

/** Results kept to answer a repeated invocation without running it again. */
const RESULTS_KEPT_MAX = 256;
const RESULT_TIMEOUT_MS = 60_000;

const invokeSchema = z.object({
  invoke_id: z.string().min(1).max(128),
  zone_id: optionalField(z.string()),
  action: z.string(),
  params: z.record(z.string(), z.unknown()).transform((value) => value as JsonObject),
  requester: z.string(),
});

type Invoke = z.output<typeof invokeSchema>;

interface ProvidingDeps {
  readonly ask: Ask;
  /** Sends a body and waits for its ack. */
  readonly post: (
    body: Body,
    options: { deadline: Deadline; zoneId: string | undefined },
  ) => Promise<void>;
  readonly report: (error: AgentError) => void;
}

/** Fulfils actions for zones that approved this agent as provider; `docs/protocol.md` §6. */
export class Providing {
  readonly #deps: ProvidingDeps;
  readonly #handlers = new Map<string, ActionHandlers>();
  readonly #runs = new Map<string, Promise<BodyFields>>();

  constructor(deps: ProvidingDeps) {
    this.#deps = deps;
  }

  /** Offers the actions of one zone; later sessions offer them again by themselves. */
  async provide(zoneId: string, handlers: ActionHandlers, deadline: Deadline): Promise<void> {
    const before = this.#handlers.get(zoneId);
    // An invocation may follow the answer within the same packet.
    this.#handlers.set(zoneId, handlers);
    try {
      await this.#offer(zoneId, handlers, deadline);
    } catch (error) {
      if (before === undefined) this.#handlers.delete(zoneId);
      else this.#handlers.set(zoneId, before);
      throw error;
    }
  }

  /** Offers everything again to a new session. */
  resume(): void {
    for (const [zoneId, handlers] of this.#handlers) {
      this.#offer(zoneId, handlers, createDeadline({}, RESULT_TIMEOUT_MS)).catch((error) =>
        this.#deps.report(asAgentError(error, "protocol_error")),
      );
    }
  }

  /** Takes a `zone.invoke`; runs it once, however often it arrives. */
  async take(body: Body): Promise<void> {
    const invoke = invokeSchema.safeParse(body);
    if (!invoke.success) {
      const message = "The steward's zone.invoke is malformed.";
      this.#deps.report(new AgentError("protocol_error", { message, cause: invoke.error }));
      return;
    }
    const { invoke_id } = invoke.data;
    const found = this.#find(invoke.data);
    let run = this.#runs.get(invoke_id);
    if (run === undefined) {
      run = runHandler(found?.handler, invoke.data);
      this.#runs.set(invoke_id, run);
      if (this.#runs.size > RESULTS_KEPT_MAX) this.#forgetOldest();
    }
    try {
      const result = await run;
      // A failure is final for this run only: a request that is asked again is run again.
      if (result.error !== undefined) this.#runs.delete(invoke_id);
      await this.#deps.post(toBody(result), {
        deadline: createDeadline({}, RESULT_TIMEOUT_MS),
        zoneId: found?.zoneId,
      });
    } catch (error) {
      this.#deps.report(asAgentError(error, "invalid_input"));
    }
  }

  async #offer(zoneId: string, handlers: ActionHandlers, deadline: Deadline): Promise<void> {
    const actions = Object.keys(handlers);
    const fields = { type: "zone.provide", zone_id: zoneId, actions };
    parseReply("zone.providing", (await this.#deps.ask(fields, { deadline })).body);
  }

  #find(invoke: Invoke): { zoneId: string; handler: ActionHandler } | undefined {
    for (const [zoneId, handlers] of this.#handlers) {
      if (invoke.zone_id !== undefined && invoke.zone_id !== zoneId) continue;
      const handler = Object.hasOwn(handlers, invoke.action) ? handlers[invoke.action] : undefined;
      if (handler !== undefined) return { zoneId, handler };
    }
    return undefined;
  }

  #forgetOldest(): void {
    const oldest = this.#runs.keys().next().value;
    if (oldest !== undefined) this.#runs.delete(oldest);
  }
}

async function runHandler(handler: ActionHandler | undefined, invoke: Invoke): Promise<BodyFields> {
  const { invoke_id, action, requester, params } = invoke;
  const reply = { type: "zone.result", invoke_id };
  try {
    if (handler === undefined) throw new Error("This provider does not offer the action.");
    const result = await handler(params, { invokeId: invoke_id, action, requester });
    // What cannot travel is a failure of the run, not of the connection.
    return toBody({ ...reply, result: result ?? null });
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : "The handler failed.";
    return { ...reply, error: { message: toPeerText(text) || "The handler failed." } };
  }
}
