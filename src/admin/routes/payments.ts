import { Hono } from "hono";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { Payments } from "../../payments/payments.ts";
import { ZONE_ID_PATTERN } from "../../protocol/ids.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { isWaitingForOperator, toRequestView } from "../../requests/answers.ts";
import { retryRequest } from "../../requests/operator-requests.ts";
import { refundPayment, toRequestKey } from "../../requests/refunding.ts";
import { PAYMENT_STATES } from "../../store/payments/schema.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { parseIdempotencyKey } from "../http/idempotency.ts";
import { pageFields, parseInput, readJson } from "../http/input.ts";

const querySchema = z.strictObject({
  ...pageFields,
  zone_id: z.string().regex(ZONE_ID_PATTERN, "expected zone_ and a UUIDv7").optional(),
  state: z.enum(PAYMENT_STATES).optional(),
  waiting: z.literal("operator").optional(),
});

/** Unix seconds, from inclusive to exclusive. */
const seconds = z
  .string()
  .regex(/^[0-9]{1,12}$/, "expected Unix seconds")
  .transform(Number);
const spanSchema = z.strictObject({
  from: seconds.default(0),
  to: seconds.optional(),
  zone_id: z.string().regex(ZONE_ID_PATTERN, "expected zone_ and a UUIDv7").optional(),
});
const lostSchema = z.strictObject({ reason: z.string().trim().min(1).max(256) });
const refundSchema = z.strictObject({ reason: z.string().min(1).max(256).optional() });

/** Serves `/v1/payments`, newest first; without a chain there are none. */
export function createPaymentRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const { payments, config, store, zones } = deps;
  const routes = new Hono<AdminEnv>();
  routes.get("/", requireScope("read"), (context) => {
    const query = parseInput(querySchema, context.req.query());
    const { after, limit, zone_id, state, waiting } = query;
    const page = payments?.list({
      limit,
      ...(after !== "" && { after }),
      ...(zone_id !== undefined && { zoneId: zone_id }),
      ...(state !== undefined && { state }),
      ...(waiting !== undefined && { waiting }),
    });
    const items = (page?.items ?? []).map((payment) => withRequest(deps, payment));
    return context.json({ payments: items, next: page?.next });
  });
  routes.get("/:payment_id", requireScope("read"), (context) => {
    const payment = getPayments(deps).get(context.req.param("payment_id"));
    return context.json(withRequest(deps, payment));
  });
  routes.post("/:payment_id/refund", requireScope("operate"), async (context) => {
    parseIdempotencyKey(context); // A refund happens once per payment, with or without a key.
    const paymentId = context.req.param("payment_id");
    const body = await readJson(context, config.http.body_bytes_max, { optional: true });
    const { reason } = parseInput(refundSchema, body);
    const requestedBy = context.get("token").tokenId;
    const refund = await refundPayment(zones, getPayments(deps), {
      paymentId,
      requestedBy,
      ...(reason !== undefined && { reason }),
    });
    return context.json({ payment_id: paymentId, refund }, 202);
  });
  routes.post("/:payment_id/refund/lost", requireScope("operate"), async (context) => {
    const paymentId = context.req.param("payment_id");
    const body = await readJson(context, config.http.body_bytes_max);
    const { reason } = parseInput(lostSchema, body);
    const declaredBy = context.get("token").tokenId;
    const lost = { paymentId, declaredBy, reason };
    const refund = await getPayments(deps).declareRefundLost(lost);
    return context.json({ payment_id: paymentId, refund });
  });
  routes.post("/:payment_id/retry", requireScope("operate"), (context) => {
    const paymentId = context.req.param("payment_id");
    const key = toRequestKey(getPayments(deps).get(paymentId));
    store.write((write) => retryRequest(write, zones, key));
    return context.json({ payment_id: paymentId, retry: "started" }, 202);
  });
  return routes;
}

/** Shows the state of its request beside a payment's, and what the operator is to do about it. */
function withRequest({ zones }: AdminDeps, payment: JsonObject): JsonObject {
  const request = zones.requests.findRequest(toRequestKey(payment));
  if (request === undefined) return { ...payment, request: null };
  const shown = { ...payment, request: toRequestView(request) };
  return isWaitingForOperator(request)
    ? { ...shown, waiting: "operator", hint: toHint(payment) }
    : shown;
}

function toHint({ id, escrow_id }: JsonObject): string {
  const refund =
    typeof escrow_id === "string"
      ? `steward escrow refund ${escrow_id}`
      : `steward settlement refund ${id}`;
  return `Run it again: steward settlement retry ${id}. Or give the money back: ${refund}.`;
}

/** Serves `/v1/accounts` and `/v1/reconciliation`: the books, and the books against the chain. */
export function createBookRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const routes = new Hono<AdminEnv>();
  routes.get("/accounts", requireScope("read"), (context) => {
    const { from, to, zone_id } = parseInput(spanSchema, context.req.query());
    const span = {
      from,
      to: to ?? deps.now() + 1,
      ...(zone_id !== undefined && { zoneId: zone_id }),
    };
    return context.json({ accounts: deps.payments?.accounts(span) ?? [] });
  });
  routes.get("/reconciliation", requireScope("read"), async (context) =>
    context.json({ chains: (await deps.payments?.audit()) ?? [] }),
  );
  return routes;
}

function getPayments({ payments }: AdminDeps): Payments {
  const found = payments;
  if (found === undefined) throw new StewardError("not_found");
  return found;
}
