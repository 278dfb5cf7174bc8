import { Hono } from "hono";
import { z } from "zod";
import { StewardError } from "../errors.ts";
import { PAYMENT_STATES } from "../store/payment-schema.ts";
import { ZONE_ID_PATTERN } from "../wire/ids.ts";
import { requireScope } from "./auth.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { pageFields, parseInput } from "./input.ts";

const querySchema = z.strictObject({
  ...pageFields,
  zone_id: z.string().regex(ZONE_ID_PATTERN, "expected zone_ and a UUIDv7").optional(),
  state: z.enum(PAYMENT_STATES).optional(),
});

/** Serves `/v1/payments`, newest first; without a chain there are none. */
export function createPaymentRoutes({ payments }: AdminDeps): Hono<AdminEnv> {
  const routes = new Hono<AdminEnv>();
  routes.get("/", requireScope("read"), (context) => {
    const { after, limit, zone_id, state } = parseInput(querySchema, context.req.query());
    const page = payments()?.list({
      limit,
      ...(after !== "" && { after }),
      ...(zone_id !== undefined && { zoneId: zone_id }),
      ...(state !== undefined && { state }),
    });
    return context.json({ payments: page?.items ?? [], next: page?.next });
  });
  routes.get("/:payment_id", requireScope("read"), (context) => {
    const payment = payments()?.get(context.req.param("payment_id"));
    if (payment === undefined) throw new StewardError("not_found");
    return context.json(payment);
  });
  return routes;
}
