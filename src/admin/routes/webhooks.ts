import { z } from "zod";
import { toShownUrl } from "../../outbound/shown-url.ts";
import type { Write } from "../../store/database.ts";
import { WEBHOOK_STATES } from "../../store/webhooks/schema.ts";
import type { WebhookRow } from "../../store/webhooks/webhooks.ts";
import { isEventPattern } from "../../webhooks/patterns.ts";
import { hasSecret } from "../../webhooks/secrets.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Reply, type Route } from "../http/route.ts";

const PATTERNS_MAX = 64;

const url = z.string().min(1).max(2048).describe("http or https, without credentials");
const events = z
  .array(
    z
      .string()
      .max(64)
      .refine(isEventPattern, "expected a type of docs/events.md, a family as payment.*, or *"),
  )
  .min(1)
  .max(PATTERNS_MAX)
  .describe("types of events, families as payment.*, or *");
const allowPrivate = z
  .boolean()
  .describe("may lead to private addresses that webhooks.allow_private of the configuration names");
const secret = z
  .string()
  .max(128)
  .describe("whsec_ and 24 to 64 bytes in base64; made where it is left out");

const createSchema = z.strictObject({
  url,
  events,
  secret: secret.optional(),
  allow_private: allowPrivate.default(false),
});
const changeSchema = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  allow_private: allowPrivate.optional(),
  state: z
    .enum(["active", "paused"])
    .optional()
    .describe("active also where its receiver was gone and is back"),
});
const rotateSchema = z.strictObject({
  secret: secret.optional(),
  overlap_secs: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .optional()
    .describe("how long the secret before signs, too"),
});

const webhookBody = z.object({
  id: z.string(),
  url: z.string().describe("only where it leads: what its path and query hold is [hidden]"),
  events: z.array(z.string()),
  allow_private: z.boolean(),
  state: z
    .enum(WEBHOOK_STATES)
    .describe("disabled: its receiver answered 410, or it has no secret"),
  has_secret: z
    .boolean()
    .describe("false where it was given up with a lost master key: give it another one"),
  created_at: z.int(),
  created_by: z.string().describe("a token's id"),
  former_secret_until: z.int().optional().describe("until when the secret before signs, too"),
  pending: z.int().describe("deliveries that wait"),
  dead: z.int().describe("deliveries that were given up"),
});
const secretField = z.string().optional().describe("in the first answer only");
const madeBody = webhookBody.extend({ secret: secretField });
const testBody = z.object({
  delivered: z.boolean(),
  status: z.int().optional(),
  problem: z.string().optional(),
});

/** `/v1/webhooks`: where what happens is sent; `docs/webhooks.md`. */
export function createWebhookRoutes(deps: AdminDeps): Route[] {
  return [
    createWebhookList(deps),
    createCreation(deps),
    createReading(deps),
    createChange(deps),
    createDeletion(deps),
    createRotation(deps),
    createTest(deps),
  ];
}

function createWebhookList(deps: AdminDeps): Route {
  return createRoute({
    id: "listWebhooks",
    method: "GET",
    path: "/v1/webhooks",
    tag: "webhooks",
    summary: "Webhooks, without their secrets",
    scope: "read",
    query: pageSchema,
    answers: { 200: toListSchema("webhooks", webhookBody) },
    kind: "read",
    read: ({ query: { after, limit } }) => {
      const later = deps.webhooks.queries
        .listWebhooks()
        .filter(({ webhookId }) => webhookId > after);
      const { items, next } = toPage(later, limit, {
        toCursor: ({ webhookId }) => webhookId,
        toItem: (row) => toWebhookBody(deps, row),
      });
      return { status: 200, body: { webhooks: items, next } };
    },
  });
}

function createCreation(deps: AdminDeps): Route {
  const { webhooks, store } = deps;
  return createRoute({
    id: "createWebhook",
    method: "POST",
    path: "/v1/webhooks",
    tag: "webhooks",
    summary:
      "Makes a webhook, which is sent what happens from now on; its secret is shown this once",
    scope: "admin",
    body: createSchema,
    answers: { 201: madeBody },
    shownOnce: ["secret"],
    secretInput: ["secret", "url"],
    errors: ["conflict"],
    toHeaders: ({ id }) => ({ Location: `/v1/webhooks/${id}` }),
    kind: "order",
    run: async ({ body, token }, keep) => {
      const target = { url: body.url, allowPrivate: body.allow_private };
      await webhooks.guard.assertTarget(target);
      const given = { ...target, events: body.events, secret: body.secret };
      return store.write((write) => {
        const made = webhooks.create(write, { ...given, createdBy: token.tokenId });
        const shown = { ...toWebhookBody(deps, made.row), secret: made.secret };
        return kept(write, keep, { status: 201, body: shown });
      });
    },
  });
}

function createReading(deps: AdminDeps): Route {
  return createRoute({
    id: "getWebhook",
    method: "GET",
    path: "/v1/webhooks/{webhook_id}",
    tag: "webhooks",
    summary: "A webhook, without its secret",
    scope: "read",
    answers: { 200: webhookBody },
    errors: ["not_found"],
    kind: "read",
    read: ({ params }) => ({
      status: 200,
      body: toWebhookBody(deps, deps.webhooks.get(params.webhook_id)),
    }),
  });
}

function createChange(deps: AdminDeps): Route {
  const { webhooks, store } = deps;
  return createRoute({
    id: "updateWebhook",
    method: "PATCH",
    path: "/v1/webhooks/{webhook_id}",
    tag: "webhooks",
    summary: "Changes what is named: where it leads, what it is sent; pauses it, or goes on",
    scope: "admin",
    body: changeSchema,
    answers: { 200: webhookBody },
    secretInput: ["url"],
    errors: ["not_found", "conflict"],
    look: ({ params }) => findBody(deps, params.webhook_id),
    kind: "order",
    run: async ({ params, body }, keep) => {
      const known = webhooks.get(params.webhook_id);
      const to = {
        url: body.url ?? known.url,
        allowPrivate: body.allow_private ?? known.allowPrivate,
      };
      if (body.url !== undefined || body.allow_private !== undefined) {
        await webhooks.guard.assertTarget(to);
      }
      const change = {
        ...(body.url !== undefined && { url: body.url }),
        ...(body.allow_private !== undefined && { allowPrivate: body.allow_private }),
        ...(body.events !== undefined && { events: body.events }),
        ...(body.state !== undefined && { state: body.state }),
      };
      return store.write((write) => {
        const row = webhooks.change(write, params.webhook_id, change);
        return kept(write, keep, { status: 200, body: toWebhookBody(deps, row) });
      });
    },
  });
}

function createDeletion(deps: AdminDeps): Route {
  return createRoute({
    id: "deleteWebhook",
    method: "DELETE",
    path: "/v1/webhooks/{webhook_id}",
    tag: "webhooks",
    summary: "Removes a webhook, and what waits for it",
    scope: "admin",
    answers: { 204: null },
    errors: ["not_found"],
    look: ({ params }) => findBody(deps, params.webhook_id),
    kind: "change",
    change: (write, { params }) => {
      deps.webhooks.remove(write, params.webhook_id);
      return { status: 204 };
    },
  });
}

function createRotation(deps: AdminDeps): Route {
  const { webhooks, config } = deps;
  return createRoute({
    id: "rotateWebhookSecret",
    method: "POST",
    path: "/v1/webhooks/{webhook_id}/secret",
    tag: "webhooks",
    summary:
      "Gives a webhook another secret, shown this once; the one before signs, too, for a while. One that had none goes on",
    scope: "admin",
    body: rotateSchema,
    isBodyOptional: true,
    answers: { 200: madeBody },
    shownOnce: ["secret"],
    secretInput: ["secret"],
    errors: ["not_found"],
    kind: "change",
    change: (write, { params, body }) => {
      const { webhook_id: id } = params;
      const before = webhooks.get(id);
      const overlapSecs = body.overlap_secs ?? config.webhooks.overlap_secs;
      const text = webhooks.rotateSecret(write, id, { secret: body.secret, overlapSecs });
      if (!hasSecret(before) && before.state === "disabled") {
        webhooks.change(write, id, { state: "active" });
      }
      const row = webhooks.get(id);
      return { status: 200, body: { ...toWebhookBody(deps, row), secret: text } };
    },
  });
}

function createTest({ webhooks }: AdminDeps): Route {
  return createRoute({
    id: "testWebhook",
    method: "POST",
    path: "/v1/webhooks/{webhook_id}/test",
    tag: "webhooks",
    summary: "Sends an event of the type webhook.test once, now, and says what came of it",
    scope: "operate",
    answers: { 200: testBody },
    errors: ["not_found", "conflict"],
    kind: "order",
    run: async ({ params }) => {
      const { outcome, status, error } = await webhooks.test(params.webhook_id);
      const body = {
        delivered: outcome === "delivered",
        ...(status !== undefined && { status }),
        ...(error !== undefined && { problem: error }),
      };
      return { status: 200, body };
    },
  });
}

/** Keeps an answer in the write of its effect, and returns it. */
function kept(write: Write, keep: (write: Write, reply: Reply) => void, reply: Reply): Reply {
  keep(write, reply);
  return reply;
}

function findBody(deps: AdminDeps, webhookId: string): z.output<typeof webhookBody> | undefined {
  const row = deps.webhooks.queries.findWebhook(webhookId);
  return row && toWebhookBody(deps, row);
}

function toWebhookBody(
  { webhooks, now }: Pick<AdminDeps, "webhooks" | "now">,
  row: WebhookRow,
): z.output<typeof webhookBody> {
  const { pending, dead } = webhooks.deliveries.countDeliveries(row.webhookId);
  const until = row.formerSecretUntil ?? 0;
  return {
    id: row.webhookId,
    url: toShownUrl(row.url),
    events: [...row.events],
    allow_private: row.allowPrivate,
    state: row.state,
    has_secret: hasSecret(row),
    created_at: row.createdAt,
    created_by: row.createdBy,
    ...(until > now() && { former_secret_until: until }),
    ...{ pending, dead },
  };
}
