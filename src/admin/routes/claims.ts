import { Hono } from "hono";
import { isAddress } from "viem";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import {
  answerOnce,
  findAnswer,
  type IdempotentRequest,
  parseIdempotencyKey,
} from "../http/idempotency.ts";
import { pageFields, parseInput, readJson } from "../http/input.ts";

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

/**
 * Serves `/v1/claims`: shares that the token refused to pay, as the chains say now, and POST
 * {chain_id, token, payee?} to have them paid to their owner, by default to the wallet. Without a
 * chain there are none.
 */
export function createClaimRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const routes = new Hono<AdminEnv>();
  routes.get("/", requireScope("read"), async (context) => {
    const { after, limit } = parseInput(querySchema, context.req.query());
    const page = await deps.payments?.listClaims({ limit, ...(after !== "" && { after }) });
    return context.json({ claims: page?.items ?? [], next: page?.next });
  });
  routes.post("/", requireScope("operate"), async (context) => {
    const key = parseIdempotencyKey(context);
    const content = parseInput(
      claimSchema,
      await readJson(context, deps.config.http.body_bytes_max),
    );
    const request = { key, content, now: deps.now() };
    const known = deps.store.write((write) => findAnswer(write, deps.store, request));
    if (known) return context.json(known.body, 202);
    return context.json(await claim(deps, request, context.get("token").name), 202);
  });
  return routes;
}

async function claim(
  { payments, store }: AdminDeps,
  request: IdempotentRequest & { readonly content: z.output<typeof claimSchema> },
  requestedBy: string,
): Promise<JsonObject> {
  const found = payments;
  if (found === undefined) throw new StewardError("not_found");
  const { chain_id: chainId, token, payee } = request.content;
  const wanted = { chainId, token, requestedBy, ...(payee !== undefined && { payee }) };
  const claims = await found.claim(wanted, (write, opened) => {
    answerOnce(write, store, request, () => ({ status: 202, body: { claims: opened } }));
  });
  return { claims };
}
