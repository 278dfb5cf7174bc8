import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { DeliveryRow } from "../../store/webhooks/deliveries.ts";
import { DELIVERY_STATES } from "../../store/webhooks/schema.ts";
import type { AdminDeps } from "../deps.ts";
import { pageFields, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const listSchema = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: pageFields.limit,
  state: z.enum(DELIVERY_STATES).optional(),
});

const deliveryBody = z.object({
  id: z.string().describe("the event's number"),
  event_id: z.int(),
  type: z.string(),
  zone_id: z.string().nullable(),
  state: z.enum(DELIVERY_STATES).describe("dead: given up"),
  attempts: z.int(),
  created_at: z.int().describe("when the event happened"),
  changed_at: z.int().describe("when it was last tried"),
  next_at: z.int().optional().describe("when it is tried again at the earliest"),
  status: z.int().optional().describe("what the receiver last answered with"),
  problem: z.string().optional().describe("why it was not taken the last time"),
  body: z.unknown().describe("what is sent"),
});

/** `/v1/webhooks/{webhook_id}/deliveries`: what is on its way, and what became of it. */
export function createDeliveryRoutes(deps: AdminDeps): Route[] {
  return [createDeliveryList(deps), createReplay(deps), createReplayOfDead(deps)];
}

function createDeliveryList({ webhooks }: AdminDeps): Route {
  return createRoute({
    id: "listWebhookDeliveries",
    method: "GET",
    path: "/v1/webhooks/{webhook_id}/deliveries",
    tag: "webhooks",
    summary: "What a webhook waits for, was sent, and was given up, by event",
    scope: "read",
    query: listSchema,
    answers: { 200: toListSchema("deliveries", deliveryBody) },
    errors: ["not_found"],
    kind: "read",
    read: ({ params, query: { after, limit, state } }) => {
      const { webhookId } = webhooks.get(params.webhook_id);
      const asked = { after, limit: limit + 1, state };
      const rows = webhooks.deliveries.listDeliveries(webhookId, asked);
      const { items, next } = toPage(rows, limit, {
        toCursor: ({ eventId }) => String(eventId),
        toItem: toDeliveryBody,
      });
      return { status: 200, body: { deliveries: items, next } };
    },
  });
}

function createReplay({ webhooks }: AdminDeps): Route {
  return createRoute({
    id: "replayWebhookDelivery",
    method: "POST",
    path: "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    tag: "webhooks",
    summary: "Sends again what was delivered or given up, whatever came after it",
    scope: "operate",
    answers: { 202: deliveryBody },
    errors: ["not_found", "conflict"],
    kind: "change",
    change: (write, { params }) => {
      const { webhookId } = webhooks.get(params.webhook_id);
      const eventId = toEventId(params.delivery_id);
      webhooks.replay(write, webhookId, eventId);
      const row = webhooks.deliveries.findDelivery(webhookId, eventId);
      if (row === undefined) throw new StewardError("not_found");
      return { status: 202, body: toDeliveryBody(row) };
    },
  });
}

function createReplayOfDead({ webhooks }: AdminDeps): Route {
  return createRoute({
    id: "replayDeadDeliveries",
    method: "POST",
    path: "/v1/webhooks/{webhook_id}/replay",
    tag: "webhooks",
    summary: "Sends again what was given up, a thousand at a time, of each zone in order",
    scope: "operate",
    answers: { 202: z.object({ replayed: z.int(), left: z.int().describe("still given up") }) },
    errors: ["not_found"],
    kind: "change",
    change: (write, { params }) => {
      const replayed = webhooks.replayDead(write, params.webhook_id);
      const { dead } = webhooks.deliveries.countDeliveries(params.webhook_id);
      return { status: 202, body: { replayed, left: dead } };
    },
  });
}

function toEventId(text: string): number {
  const eventId = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(eventId)) return eventId;
  throw new StewardError("not_found");
}

function toDeliveryBody(row: DeliveryRow): z.output<typeof deliveryBody> {
  const { eventId, type, zoneId, state, attempts, status, error, body } = row;
  return {
    id: String(eventId),
    event_id: eventId,
    ...{ type, zone_id: zoneId, state, attempts },
    created_at: toSecs(row.happenedAt),
    changed_at: toSecs(row.changedAt),
    ...(state === "pending" && { next_at: toSecs(row.nextAt) }),
    ...(status !== null && { status }),
    ...(error !== null && { problem: error }),
    body: JSON.parse(body) as unknown,
  };
}

function toSecs(ms: number): number {
  return Math.floor(ms / 1000);
}
