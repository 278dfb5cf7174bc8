import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { Payments } from "../../payments/payments.ts";
import { ZONE_ID_PATTERN } from "../../protocol/ids.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { isWaitingForOperator, toRequestView } from "../../requests/answers.ts";
import { retryRequest } from "../../requests/operator-requests.ts";
import { refundPayment, toRequestKey } from "../../requests/refunding.ts";
import { PAYMENT_STATES } from "../../store/payments/schema.ts";
import type { AdminDeps } from "../deps.ts";
import { pageFields, toListSchema } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";
import { paymentBody, refundBody, shownPaymentBody } from "./money-bodies.ts";

const querySchema = z.strictObject({
  ...pageFields,
  zone_id: z.string().regex(ZONE_ID_PATTERN, "expected zone_ and a UUIDv7").optional(),
  state: z.enum(PAYMENT_STATES).optional(),
  waiting: z.literal("operator").optional(),
});
const lostSchema = z.strictObject({ reason: z.string().trim().min(1).max(256) });
const txHash = z.string().regex(/^0x[0-9a-fA-F]{64}$/);
const refundSchema = z.strictObject({
  reason: z.string().min(1).max(256).optional(),
  take_over: z.boolean().optional(),
  paid_by: txHash.optional(),
  not_paid_by: z.array(txHash).max(100).optional(),
});
const refundedBody = z.object({ payment_id: z.string(), refund: refundBody });

/** `/v1/payments`, newest first; without a chain there are none. */
export function createPaymentRoutes(deps: AdminDeps): Route[] {
  return [
    createPaymentList(deps),
    createReading(deps),
    createRefund(deps),
    createLostRefund(deps),
    createRetry(deps),
  ];
}

function createPaymentList(deps: AdminDeps): Route {
  return createRoute({
    id: "listPayments",
    method: "GET",
    path: "/v1/payments",
    tag: "money",
    summary: "Payments, newest first",
    description:
      "waiting=operator: paid, and undelivered or failed, or its refund failed. Each says what ends it.",
    scope: "read",
    query: querySchema,
    answers: { 200: toListSchema("payments", paymentBody) },
    kind: "read",
    read: ({ query: { after, limit, zone_id, state, waiting } }) => {
      const page = deps.payments?.list({
        limit,
        ...(after !== "" && { after }),
        ...(zone_id !== undefined && { zoneId: zone_id }),
        ...(state !== undefined && { state }),
        ...(waiting !== undefined && { waiting }),
      });
      const items = (page?.items ?? []).map((payment) => withRequest(deps, payment));
      return { status: 200, body: { payments: items, next: page?.next } };
    },
  });
}

function createReading(deps: AdminDeps): Route {
  return createRoute({
    id: "getPayment",
    method: "GET",
    path: "/v1/payments/{payment_id}",
    tag: "money",
    summary: "A payment with its history and its refund",
    scope: "read",
    answers: { 200: shownPaymentBody },
    kind: "read",
    read: ({ params }) => {
      const payment = getPayments(deps).get(params.payment_id);
      return { status: 200, body: withRequest(deps, payment) };
    },
  });
}

function createRefund(deps: AdminDeps): Route {
  return createRoute({
    id: "refundPayment",
    method: "POST",
    path: "/v1/payments/{payment_id}/refund",
    tag: "money",
    summary: "Pays a settled payment's whole amount back, once, out of the wallet's balance",
    scope: "operate",
    body: refundSchema,
    isBodyOptional: true,
    answers: { 202: refundedBody },
    errors: ["conflict", "internal"],
    kind: "order",
    look: ({ params }) => findBrief(deps, params.payment_id),
    run: async ({ params, body, token }) => {
      const {
        reason,
        take_over: takesOver = false,
        paid_by: paidBy,
        not_paid_by: notPaidBy,
      } = body;
      const paymentId = params.payment_id;
      const refund = await refundPayment(deps.zones, getPayments(deps), {
        ...{ paymentId, requestedBy: token.tokenId, takesOver },
        ...(reason !== undefined && { reason }),
        ...(paidBy !== undefined && { paidBy }),
        ...(notPaidBy !== undefined && { notPaidBy }),
      });
      return { status: 202, body: { payment_id: paymentId, refund } };
    },
  });
}

function createLostRefund(deps: AdminDeps): Route {
  return createRoute({
    id: "declareRefundLost",
    method: "POST",
    path: "/v1/payments/{payment_id}/refund/lost",
    tag: "money",
    summary: "Gives up a refund that no node shows, on the operator's word",
    scope: "operate",
    body: lostSchema,
    answers: { 200: refundedBody },
    errors: ["conflict", "internal"],
    kind: "order",
    look: ({ params }) => findBrief(deps, params.payment_id),
    run: async ({ params, body: { reason }, token }) => {
      const lost = { paymentId: params.payment_id, declaredBy: token.tokenId, reason };
      const refund = await getPayments(deps).declareRefundLost(lost);
      return { status: 200, body: { payment_id: lost.paymentId, refund } };
    },
  });
}

function createRetry(deps: AdminDeps): Route {
  return createRoute({
    id: "retryPayment",
    method: "POST",
    path: "/v1/payments/{payment_id}/retry",
    tag: "money",
    summary: "Runs a paid request that failed, or whose outcome is unknown, again",
    scope: "operate",
    answers: {
      202: z.object({ payment_id: z.string(), retry: z.literal("started") }),
    },
    errors: ["conflict", "action_not_found"],
    kind: "change",
    look: ({ params }) => findBrief(deps, params.payment_id),
    change: (write, { params }) => {
      const key = toRequestKey(getPayments(deps).get(params.payment_id));
      retryRequest(write, deps.zones, key);
      return { status: 202, body: { payment_id: params.payment_id, retry: "started" } };
    },
  });
}

/** Shows the state of its request beside a payment's, and what the operator is to do about it. */
function withRequest({ zones, payments }: AdminDeps, payment: JsonObject): JsonObject {
  const request = zones.requests.findRequest(toRequestKey(payment));
  const shown = { ...payment, request: request === undefined ? null : toRequestView(request) };
  if (request !== undefined && isWaitingForOperator(request)) {
    return { ...shown, waiting: "operator", hint: toHint(payment) };
  }
  if (payments?.owesRefund(String(payment.id)) !== true) return shown;
  const hint = `Its refund failed: read why (steward settlement show ${payment.id}), and ask again: steward settlement refund ${payment.id}.`;
  return { ...shown, waiting: "operator", hint };
}

function toHint({ id, escrow_id }: JsonObject): string {
  const refund =
    typeof escrow_id === "string"
      ? `steward escrow refund ${escrow_id}`
      : `steward settlement refund ${id}`;
  return `Run it again: steward settlement retry ${id}. Or give the money back: ${refund}.`;
}

/** What the audit log shows of a payment. */
function findBrief(deps: AdminDeps, paymentId: string): JsonObject | undefined {
  try {
    const { state, amount, refund, request } = withRequest(
      deps,
      getPayments(deps).get(paymentId),
    ) as Record<string, JsonObject | undefined>;
    return {
      state: state ?? null,
      amount: amount ?? null,
      request: request?.state ?? null,
      refund: refund?.state ?? null,
    };
  } catch (error) {
    if (error instanceof StewardError) return undefined;
    throw error;
  }
}

function getPayments({ payments }: AdminDeps): Payments {
  if (payments === undefined) throw new StewardError("not_found");
  return payments;
}
