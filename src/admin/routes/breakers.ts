import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { BreakerStatus } from "../../outbound/circuit-breaker.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const breakerBody = z.object({
  name: z.string().describe("host and port that actions post to, or a webhook's id"),
  state: z.enum(["closed", "open", "half_open"]),
  failures: z.int().describe("in a row"),
  retry_after_ms: z.int().describe("until one call probes the host"),
});

/** `/v1/breakers`: hosts that actions post to and webhooks, and whether calls are kept from them. */
export function createBreakerRoutes(deps: AdminDeps): Route[] {
  return [listBreakers(deps), closeBreaker(deps)];
}

function listBreakers({ breakers }: AdminDeps): Route {
  return createRoute({
    id: "listBreakers",
    method: "GET",
    path: "/v1/breakers",
    tag: "service",
    summary: "Hosts that actions post to and webhooks, and whether calls are kept from them",
    scope: "read",
    query: pageSchema,
    answers: { 200: toListSchema("breakers", breakerBody) },
    kind: "read",
    read: ({ query: { after, limit } }) => {
      const later = breakers.list().filter(([name]) => name > after);
      const { items, next } = toPage(later, limit, {
        toCursor: ([name]) => name,
        toItem: ([name, breaker]) => toBreakerBody(name, breaker.read()),
      });
      return { status: 200, body: { breakers: items, next } };
    },
  });
}

function closeBreaker({ breakers, store }: AdminDeps): Route {
  return createRoute({
    id: "closeBreaker",
    method: "DELETE",
    path: "/v1/breakers/{breaker}",
    tag: "service",
    summary: "Lets calls through to a host again, without waiting for the probe",
    scope: "operate",
    answers: { 204: null },
    errors: ["not_found"],
    kind: "change",
    look: ({ params }) => breakers.find(params.breaker)?.read(),
    change: (_write, { params }) => {
      if (breakers.find(params.breaker) === undefined) throw new StewardError("not_found");
      store.gate(() => breakers.close(params.breaker));
      return { status: 204 };
    },
  });
}

function toBreakerBody(
  name: string,
  { state, failures, retryAfterMs }: BreakerStatus,
): z.output<typeof breakerBody> {
  return { name, state, failures, retry_after_ms: retryAfterMs };
}
