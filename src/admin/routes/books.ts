import { z } from "zod";
import { ZONE_ID_PATTERN } from "../../protocol/ids.ts";
import type { AdminDeps } from "../deps.ts";
import { createRoute, type Route } from "../http/route.ts";
import { accountBody, auditedChainBody } from "./money-bodies.ts";

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

/** `/v1/accounts` and `/v1/reconciliation`: the books, and the books against the chain. */
export function createBookRoutes(deps: AdminDeps): Route[] {
  const accounts = createRoute({
    id: "listAccounts",
    method: "GET",
    path: "/v1/accounts",
    tag: "money",
    summary: "Gross, fees, net and gas per zone, token and UTC day",
    scope: "read",
    query: spanSchema,
    answers: { 200: z.object({ accounts: z.array(accountBody) }) },
    kind: "read",
    read: async ({ query: { from, to, zone_id } }) => {
      const span = {
        from,
        to: to ?? deps.now() + 1,
        ...(zone_id !== undefined && { zoneId: zone_id }),
      };
      return { status: 200, body: { accounts: (await deps.payments?.accounts(span)) ?? [] } };
    },
  });
  const reconciliation = createRoute({
    id: "reconcile",
    method: "GET",
    path: "/v1/reconciliation",
    tag: "money",
    summary: "Every accepted payment compared with the chain, and the differences",
    scope: "read",
    answers: { 200: z.object({ chains: z.array(auditedChainBody) }) },
    errors: ["internal"],
    kind: "read",
    read: async () => ({ status: 200, body: { chains: (await deps.payments?.audit()) ?? [] } }),
  });
  return [accounts, reconciliation];
}
