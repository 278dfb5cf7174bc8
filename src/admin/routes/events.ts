import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { expandTypes } from "../../events/types.ts";
import { ZONE_ID_PATTERN } from "../../protocol/ids.ts";
import { findTokenById } from "../../store/admin/tokens.ts";
import type { AdminDeps } from "../deps.ts";
import { createRoute, type Route } from "../http/route.ts";

/** Whether a token may still read is looked up no more often. */
const TOKEN_LOOK_MS = 1000;
const isKnown = (wanted: string) => expandTypes([wanted]).length > 0;
const EVENT_ID = /^[0-9]{1,15}$/;

const querySchema = z.strictObject({
  after: z
    .string()
    .regex(EVENT_ID, "expected an event's id")
    .transform(Number)
    .optional()
    .describe(
      "the last event that is known; 0 for all that are kept; Last-Event-ID goes before it",
    ),
  types: z
    .string()
    .max(2000)
    .transform((text) => [...new Set(text.split(","))])
    .refine(
      (types) => types.every(isKnown),
      "expected types as zone.created or payment.*, with commas between",
    )
    .optional(),
  zone_id: z.string().regex(ZONE_ID_PATTERN, "expected zone_ and a UUIDv7").optional(),
});

/** `/v1/events`: what happens, as it happens. */
export function createEventRoutes(deps: AdminDeps): Route[] {
  const follow = createRoute({
    id: "followEvents",
    method: "GET",
    path: "/v1/events",
    tag: "service",
    summary: "What happens, as it happens; server-sent events that resume with Last-Event-ID",
    description:
      "Goes on until the reader goes. Each event that is kept has an id, by which a reader goes on without a gap after a broken connection and a restart; docs/events.md has the types.",
    scope: "read",
    query: querySchema,
    readsLastEventId: true,
    answers: { 200: "text/event-stream" },
    kind: "read",
    read: ({ query: { after, types, zone_id }, lastEventId, token }) => {
      if (lastEventId !== undefined && !EVENT_ID.test(lastEventId)) {
        throw new StewardError("invalid_request", {
          message: "Last-Event-ID: expected an event's id",
        });
      }
      const last = lastEventId === undefined ? after : Number(lastEventId);
      const isAllowed = watchToken(deps, token.tokenId);
      return {
        status: 200,
        text: deps.feed.open({ after: last, types, zoneId: zone_id, isAllowed }),
        // Proxies that gather an answer before they pass it on would hold it back for ever.
        headers: { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" },
      };
    },
  });
  return [follow];
}

/** Whether a token is in force, as it was a moment ago. */
function watchToken({ store, now, monotonicMs }: AdminDeps, tokenId: string): () => boolean {
  let lookedMs = Number.NEGATIVE_INFINITY;
  let isInForce = true;
  return () => {
    if (monotonicMs() - lookedMs < TOKEN_LOOK_MS) return isInForce;
    lookedMs = monotonicMs();
    const row = findTokenById(store, tokenId);
    isInForce = row !== undefined && (row.expiresAt === null || row.expiresAt > now());
    return isInForce;
  };
}
