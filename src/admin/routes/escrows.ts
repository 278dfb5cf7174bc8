import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { Payments } from "../../payments/payments.ts";
import { ZONE_ID_PATTERN } from "../../protocol/ids.ts";
import { operateEscrow } from "../../requests/refunding.ts";
import { ESCROW_OPS, ESCROW_STATUSES, type EscrowOp } from "../../store/payments/escrow-schema.ts";
import type { AdminDeps } from "../deps.ts";
import { pageFields, toListSchema } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";
import { escrowBody } from "./money-bodies.ts";

/** How long an answer waits for the chain. */
const WAIT_MS = 15_000;

const querySchema = z.strictObject({
  ...pageFields,
  zone_id: z.string().regex(ZONE_ID_PATTERN, "expected zone_ and a UUIDv7").optional(),
  status: z.enum(ESCROW_STATUSES).optional(),
});
const changeSchema = z.strictObject({ signature: z.string().max(8192).optional() });

/** `/v1/escrows`, newest first; without a chain there are none. */
export function createEscrowRoutes(deps: AdminDeps): Route[] {
  return [
    createEscrowList(deps),
    createReading(deps),
    ...ESCROW_OPS.map((op) => createOperation(deps, op)),
  ];
}

function createEscrowList({ payments }: AdminDeps): Route {
  return createRoute({
    id: "listEscrows",
    method: "GET",
    path: "/v1/escrows",
    tag: "money",
    summary: "Escrows, newest first",
    scope: "read",
    query: querySchema,
    answers: { 200: toListSchema("escrows", escrowBody) },
    kind: "read",
    read: ({ query: { after, limit, zone_id, status } }) => {
      const page = payments?.listEscrows({
        limit,
        ...(after !== "" && { after }),
        ...(zone_id !== undefined && { zoneId: zone_id }),
        ...(status !== undefined && { status }),
      });
      return { status: 200, body: { escrows: page?.items ?? [], next: page?.next } };
    },
  });
}

function createReading(deps: AdminDeps): Route {
  return createRoute({
    id: "getEscrow",
    method: "GET",
    path: "/v1/escrows/{escrow_id}",
    tag: "money",
    summary: "An escrow",
    scope: "read",
    answers: { 200: escrowBody },
    kind: "read",
    read: ({ params }) => ({
      status: 200,
      body: getPayments(deps).getEscrow(params.escrow_id),
    }),
  });
}

function createOperation(deps: AdminDeps, op: EscrowOp): Route {
  return createRoute({
    id: `${op}Escrow`,
    method: "POST",
    path: `/v1/escrows/{escrow_id}/${op}`,
    tag: "money",
    summary: SUMMARIES[op],
    description:
      "With the depositor's signature the wallet carries it, without one it acts for itself.",
    scope: "operate",
    body: changeSchema,
    isBodyOptional: true,
    secretInput: ["signature"],
    answers: { 200: escrowBody },
    errors: ["conflict", "payment_invalid", "internal"],
    kind: "order",
    look: ({ params }) => findBrief(deps, params.escrow_id),
    run: async ({ params, body: { signature }, token }) => {
      const order = { escrowId: params.escrow_id, op, signature };
      const operation = { order, by: token.tokenId, waitMs: WAIT_MS };
      return { status: 200, body: await operateEscrow(deps.zones, getPayments(deps), operation) };
    },
  });
}

const SUMMARIES = {
  release: "Pays an escrow out to its recipient",
  refund: "Gives an escrow back to its depositor",
  dispute: "Disputes an escrow, for its arbiter to decide",
} as const satisfies Record<EscrowOp, string>;

/** What the audit log shows of an escrow. */
function findBrief({ payments }: AdminDeps, escrowId: string) {
  try {
    const escrow = payments?.getEscrow(escrowId);
    return escrow && { status: escrow.status, amount: escrow.amount };
  } catch (error) {
    if (error instanceof StewardError) return undefined;
    throw error;
  }
}

function getPayments({ payments }: AdminDeps): Payments {
  if (payments === undefined) throw new StewardError("not_found");
  return payments;
}
