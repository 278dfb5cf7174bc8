import { isAddress } from "viem";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { AdminDeps } from "../deps.ts";
import { pageFields, toListSchema } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";
import { claimableBody, claimBody } from "./money-bodies.ts";

const address = z
  .string()
  .refine((text) => isAddress(text), "expected an address, in one case or with a valid checksum");
const claimSchema = z.strictObject({
  chain_id: z.int().positive(),
  token: address,
  payee: address.optional(),
});
const querySchema = z.strictObject({
  ...pageFields,
  // Each is asked of the chain.
  limit: z.coerce.number().int().min(1).max(50).default(50),
});

/** `/v1/claims`: shares that the token refused to pay. Without a chain there are none. */
export function createClaimRoutes(deps: AdminDeps): Route[] {
  return [createClaimList(deps), createClaim(deps)];
}

function createClaimList({ payments }: AdminDeps): Route {
  return createRoute({
    id: "listClaims",
    method: "GET",
    path: "/v1/claims",
    tag: "money",
    summary: "What the contracts keep for owners whom the token refused, as the chains say now",
    scope: "read",
    query: querySchema,
    answers: { 200: toListSchema("claims", claimableBody) },
    kind: "read",
    read: async ({ query: { after, limit } }) => {
      const page = await payments?.listClaims({ limit, ...(after !== "" && { after }) });
      return { status: 200, body: { claims: page?.items ?? [], next: page?.next } };
    },
  });
}

function createClaim({ payments }: AdminDeps): Route {
  return createRoute({
    id: "claimShares",
    method: "POST",
    path: "/v1/claims",
    tag: "money",
    summary: "Has kept shares paid to their owner, by default to the wallet",
    scope: "operate",
    body: claimSchema,
    answers: { 202: z.object({ claims: z.array(claimBody) }) },
    errors: ["not_found", "conflict", "internal"],
    kind: "order",
    run: async ({ body: { chain_id: chainId, token, payee }, token: by }, keep) => {
      if (payments === undefined) throw new StewardError("not_found");
      const wanted = { chainId, token, requestedBy: by.tokenId, ...(payee && { payee }) };
      const claims = await payments.claim(wanted, (write, opened) =>
        keep(write, { status: 202, body: { claims: opened } }),
      );
      return { status: 202, body: { claims } };
    },
  });
}
