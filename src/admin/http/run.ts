import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Store } from "../../store/database.ts";
import { findAnswer, type IdempotentRequest, keepAnswer } from "./idempotency.ts";
import type { Call, Reply, Route } from "./route.ts";

/** What running a route needs. */
export interface RunDeps {
  readonly store: Store;
  /** Idempotency-Keys of orders that are under way. */
  readonly running: Set<string>;
}

/** What a request is answered with. */
export interface Answered {
  readonly reply: Reply;
  /** It repeats what the Idempotency-Key was answered with before. */
  readonly isReplayed?: true;
}

/**
 * Does what a request asks for, once for an Idempotency-Key.
 * @throws what the route throws; StewardError `conflict` for a key that was used with other content, or
 *   whose order is under way
 */
export async function runRoute(
  deps: RunDeps,
  route: Route,
  call: Call,
  request: IdempotentRequest,
): Promise<Answered> {
  switch (route.kind) {
    case "read":
      return { reply: await route.read(call) };
    case "change":
      return runChange(deps, route, call, request);
    case "order":
      return await runOrder(deps, route, call, request);
  }
}

function runChange(
  { store }: RunDeps,
  route: Route & { readonly kind: "change" },
  call: Call,
  request: IdempotentRequest,
): Answered {
  try {
    return store.write((write) => {
      const known = findAnswer(write, store, request);
      if (known !== undefined) return { reply: known, isReplayed: true };
      const reply = route.change(write, call);
      keepAnswer(write, store, request, toKept(route, reply));
      return { reply };
    });
  } catch (error) {
    route.refused?.(error, call);
    throw error;
  }
}

async function runOrder(
  { store, running }: RunDeps,
  route: Route & { readonly kind: "order" },
  call: Call,
  request: IdempotentRequest,
): Promise<Answered> {
  const known = store.write((write) => findAnswer(write, store, request));
  if (known !== undefined) return { reply: known, isReplayed: true };
  const { key } = request;
  if (key !== undefined && running.has(key)) {
    throw new StewardError("conflict", {
      message: "What this Idempotency-Key asked for is under way.",
      retryAfterMs: 1000,
    });
  }
  if (key !== undefined) running.add(key);
  try {
    let isKept = false;
    const reply = await route.run(call, (write, answer) => {
      keepAnswer(write, store, request, toKept(route, answer));
      isKept = true;
    });
    // Without a key nothing is written: what the order's end was the moment of is answered in it.
    if (!isKept && key !== undefined) {
      store.write((write) => keepAnswer(write, store, request, toKept(route, reply)));
    }
    return { reply };
  } finally {
    if (key !== undefined) running.delete(key);
  }
}

/** An answer as it is repeated. */
function toKept({ shownOnce = [] }: Route, { status, body }: Reply): Reply {
  if (body === undefined) return { status };
  const kept = Object.entries(body).filter(([name]) => !shownOnce.includes(name));
  return { status, body: Object.fromEntries(kept) as JsonObject };
}
