import { StewardError, toHttp } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Store } from "../../store/database.ts";
import type { AdminDeps } from "../deps.ts";
import {
  type Asker,
  type AuditFacts,
  type AuditOutcome,
  beginOrder,
  endOrder,
  noteChange,
  withoutFields,
} from "./audit.ts";
import { findAnswer, type IdempotentRequest, keepAnswer } from "./idempotency.ts";
import type { Call, Reply, Route } from "./route.ts";

/** What running a route needs. */
export interface RunDeps extends Pick<AdminDeps, "log"> {
  readonly store: Store;
  /** Unix seconds. */
  readonly now: () => number;
  /** Idempotency-Keys of orders that are under way. */
  readonly running: Set<string>;
}

/** A request that was parsed. */
export interface Asked {
  readonly call: Call;
  readonly asker: Asker;
  readonly request: IdempotentRequest;
}

/** What a request is answered with. */
export interface Answered {
  readonly reply: Reply;
  /** It repeats what the Idempotency-Key was answered with before. */
  readonly isReplayed?: true;
}

/**
 * Does what a request asks for, once for an Idempotency-Key, and notes it in the audit log.
 * @throws what the route throws; StewardError `conflict` for a key that was used with other content, or
 *   whose order is under way
 */
export async function runRoute(deps: RunDeps, route: Route, asked: Asked): Promise<Answered> {
  switch (route.kind) {
    case "read":
      return { reply: await route.read(asked.call) };
    case "change":
      return runChange(deps, route, asked);
    case "order":
      return await runOrder(deps, route, asked);
  }
}

/** Effect, entry and kept answer are of one write. */
function runChange(
  deps: RunDeps,
  route: Route & { readonly kind: "change" },
  asked: Asked,
): Answered {
  const { store } = deps;
  const { call, request } = asked;
  try {
    return store.write((write) => {
      const known = findAnswer(store, request);
      if (known !== undefined) return { reply: known, isReplayed: true };
      const facts = toFacts(deps, route, asked);
      const reply = route.change(write, call);
      noteChange(write, facts, toOutcome(route, call, reply));
      keepAnswer(write, store, request, toKept(route, reply));
      return { reply };
    });
  } catch (error) {
    route.refused?.(error, call);
    throw error;
  }
}

/** The entry is there before anything happens: what is cut off by a crash is seen to have begun. */
async function runOrder(
  deps: RunDeps,
  route: Route & { readonly kind: "order" },
  asked: Asked,
): Promise<Answered> {
  const { store, running } = deps;
  const { call, request } = asked;
  const { key } = request;
  const facts = toFacts(deps, route, asked);
  const begun = store.write((write) => {
    const known = findAnswer(store, request);
    if (known !== undefined) return known;
    if (key !== undefined && running.has(key)) throw toUnderWay();
    return beginOrder(write, facts);
  });
  if (typeof begun !== "number") return { reply: begun, isReplayed: true };
  if (key !== undefined) running.add(key);
  try {
    await store.committed();
    let isKept = false;
    const reply = await route.run(call, (write, answer) => {
      keepAnswer(write, store, request, toKept(route, answer));
      isKept = true;
    });
    const note = (): void =>
      store.write((write) => {
        endOrder(write, begun, facts, toOutcome(route, call, reply));
        if (!isKept) keepAnswer(write, store, request, toKept(route, reply));
      });
    if (route.isAnsweredAtEnd && key === undefined) noteAfterwards(deps, note);
    else note();
    return { reply };
  } catch (error) {
    const { status, body } = toHttp(error, asked.asker.requestId);
    store.write((write) => endOrder(write, begun, facts, { status, code: body.error.code }));
    throw error;
  } finally {
    if (key !== undefined) running.delete(key);
  }
}

function toUnderWay(): StewardError {
  return new StewardError("conflict", {
    message: "What this Idempotency-Key asked for is under way.",
    retryAfterMs: 1000,
  });
}

function toFacts({ store, now }: RunDeps, route: Route, { call, asker }: Asked): AuditFacts {
  return { store, now, route, call, asker, before: route.look?.(call, undefined) };
}

/** What the audit log says after; where the route does not look, what it answered. */
function toOutcome(route: Route, call: Call, reply: Reply): AuditOutcome {
  const shown = withoutFields(reply.body, route.shownOnce) as JsonObject | undefined;
  const after = route.look === undefined ? shown : route.look(call, shown ?? {});
  return { status: reply.status, after };
}

/** The answer waits for no write then. */
function noteAfterwards({ log }: RunDeps, note: () => void): void {
  setImmediate(() => {
    try {
      note();
    } catch (err) {
      log.error({ err }, "what came of an order is not in the audit log");
    }
  });
}

/** An answer as it is repeated. */
function toKept({ shownOnce }: Route, { status, body }: Reply): Reply {
  return body === undefined
    ? { status }
    : { status, body: withoutFields(body, shownOnce) as JsonObject };
}
