import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { AdminDeps } from "../deps.ts";
import { createRoute, type Route } from "../http/route.ts";

const walletBody = z.object({
  chain_id: z.int(),
  address: z.string(),
  state: z.enum(["unchecked", "open", "held"]),
  known_nonce: z.int().optional().describe("transactions that the books account for"),
  chain_nonce: z.int().optional().describe("transactions that the chain has"),
  unresolved: z.int().optional(),
});
const releasedBody = walletBody.extend({
  given_up: z.array(z.string()).describe("payments whose refunds were given up"),
});
const releaseSchema = z.strictObject({
  chain_id: z.int().min(1),
  nonce: z.int().min(0).describe("chain_nonce as it was seen; nothing may have been sent since"),
});

/** `/v1/wallets`: whether the settlement wallet may send; `docs/operations.md`, A copy beside the original. */
export function createWalletRoutes(deps: AdminDeps): Route[] {
  return [createWalletList(deps), createWalletRelease(deps)];
}

function createWalletList({ payments }: AdminDeps): Route {
  return createRoute({
    id: "listWallets",
    method: "GET",
    path: "/v1/wallets",
    tag: "money",
    summary: "The settlement wallet on each chain: may it send, and do the books know what it sent",
    scope: "read",
    answers: { 200: z.object({ wallets: z.array(walletBody) }) },
    kind: "read",
    read: () => ({ status: 200, body: { wallets: payments?.listWallets() ?? [] } }),
  });
}

function createWalletRelease({ payments }: AdminDeps): Route {
  return createRoute({
    id: "releaseWallet",
    method: "POST",
    path: "/v1/wallets/release",
    tag: "money",
    summary: "The operator's word that no other steward has the wallet: it sends again",
    description: "Refunds that were asked for and not sent are given up: they may have been paid.",
    scope: "operate",
    body: releaseSchema,
    answers: { 200: releasedBody },
    errors: ["conflict", "not_found", "internal"],
    kind: "order",
    run: async ({ body: { chain_id, nonce }, token }) => {
      if (payments === undefined) throw new StewardError("not_found");
      const wallet = await payments.releaseWallet(chain_id, { nonce, by: token.tokenId });
      return { status: 200, body: wallet };
    },
  });
}
