import { Hono } from "hono";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { ZONE_ID_PATTERN } from "../../protocol/ids.ts";
import { operateEscrow } from "../../requests/refunding.ts";
import { ESCROW_OPS, ESCROW_STATUSES } from "../../store/payments/escrow-schema.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { pageFields, parseInput, readJson } from "../http/input.ts";

const BODY_BYTES_MAX = 16_384;
/** How long an answer waits for the chain. */
const WAIT_MS = 15_000;

const querySchema = z.strictObject({
  ...pageFields,
  zone_id: z.string().regex(ZONE_ID_PATTERN, "expected zone_ and a UUIDv7").optional(),
  status: z.enum(ESCROW_STATUSES).optional(),
});
const changeSchema = z.strictObject({ signature: z.string().max(8192).optional() });

/**
 * Serves `/v1/escrows`, newest first, and POST `/{escrow_id}/release|refund|dispute` {signature?}:
 * with the depositor's signature the wallet carries it, without one it acts for itself. Without a
 * chain there are none.
 */
export function createEscrowRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const { payments, zones } = deps;
  const routes = new Hono<AdminEnv>();
  routes.get("/", requireScope("read"), (context) => {
    const { after, limit, zone_id, status } = parseInput(querySchema, context.req.query());
    const page = payments?.listEscrows({
      limit,
      ...(after !== "" && { after }),
      ...(zone_id !== undefined && { zoneId: zone_id }),
      ...(status !== undefined && { status }),
    });
    return context.json({ escrows: page?.items ?? [], next: page?.next });
  });
  routes.get("/:escrow_id", requireScope("read"), (context) => {
    const escrow = payments?.getEscrow(context.req.param("escrow_id"));
    if (escrow === undefined) throw new StewardError("not_found");
    return context.json(escrow);
  });
  for (const op of ESCROW_OPS) {
    routes.post(`/:escrow_id/${op}`, requireScope("operate"), async (context) => {
      const raw = await readJson(context, BODY_BYTES_MAX, { optional: true });
      const { signature } = parseInput(changeSchema, raw);
      const order = { escrowId: context.req.param("escrow_id"), op, signature };
      const by = context.get("token").tokenId;
      const engine = payments;
      if (engine === undefined) throw new StewardError("not_found");
      const operation = { order, by, waitMs: WAIT_MS };
      return context.json(await operateEscrow(zones, engine, operation));
    });
  }
  return routes;
}
