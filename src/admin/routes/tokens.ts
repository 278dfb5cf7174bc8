import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { TOKEN_SCOPES } from "../../store/admin/schema.ts";
import {
  countTokens,
  createToken,
  deleteToken,
  findTokenById,
  listTokens,
  type TokenRow,
} from "../../store/admin/tokens.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const tokenSchema = z.strictObject({
  name: z.string().min(1).max(64),
  scope: z.enum(TOKEN_SCOPES),
  expires_at: z.int().positive().nullish(),
});

const tokenBody = z.object({
  id: z.string(),
  name: z.string(),
  scope: z.enum(TOKEN_SCOPES),
  prefix: z.string().optional().describe("how its text begins; it is no secret"),
  created_at: z.int(),
  expires_at: z.int().optional(),
  last_used_at: z.int().optional(),
});
const madeBody = tokenBody.extend({
  token: z.string().optional().describe("the secret; in the first answer only"),
});

/** `/v1/tokens`; a token's text is in the answer that creates it and nowhere else. */
export function createTokenRoutes(deps: AdminDeps): Route[] {
  return [createTokenList(deps), createCreation(deps), createDeletion(deps)];
}

function createTokenList(deps: AdminDeps): Route {
  return createRoute({
    id: "listTokens",
    method: "GET",
    path: "/v1/tokens",
    tag: "access",
    summary: "Tokens of the admin API, without their secrets",
    scope: "admin",
    query: pageSchema,
    answers: { 200: toListSchema("tokens", tokenBody) },
    kind: "read",
    read: ({ query: { after, limit } }) => {
      const { items, next } = toPage(listTokens(deps.store, after, limit + 1), limit, {
        toCursor: (row) => row.tokenId,
        toItem: (row) => toTokenBody(deps, row),
      });
      return { status: 200, body: { tokens: items, next } };
    },
  });
}

function createCreation(deps: AdminDeps): Route {
  const { store, now, config } = deps;
  return createRoute({
    id: "createToken",
    method: "POST",
    path: "/v1/tokens",
    tag: "access",
    summary: "Makes a token; its text is shown this once",
    scope: "admin",
    body: tokenSchema,
    answers: { 201: madeBody },
    shownOnce: ["token"],
    kind: "change",
    change: (write, { body: { name, scope, expires_at } }) => {
      const expiresAt = expires_at ?? undefined;
      if (expiresAt !== undefined && expiresAt <= now()) {
        throw new StewardError("invalid_request", {
          message: "expires_at: expected a time to come",
        });
      }
      if (countTokens(store) >= config.admin.tokens_max) {
        throw new StewardError("conflict", {
          message: `There are ${config.admin.tokens_max} tokens already: revoke some first.`,
        });
      }
      const { text, row } = createToken(write, store, { name, scope, now: now(), expiresAt });
      return { status: 201, body: { ...toTokenBody(deps, row), token: text } };
    },
  });
}

function createDeletion(deps: AdminDeps): Route {
  const { store, now } = deps;
  return createRoute({
    id: "deleteToken",
    method: "DELETE",
    path: "/v1/tokens/{token_id}",
    tag: "access",
    summary: "Makes a token worthless, from the next request on",
    scope: "admin",
    answers: { 204: null },
    errors: ["not_found", "conflict"],
    kind: "change",
    look: ({ params }) => {
      const row = findTokenById(store, params.token_id);
      return row && toTokenBody(deps, row);
    },
    change: (write, { params }) => {
      deleteToken(write, store, params.token_id, now());
      return { status: 204 };
    },
  });
}

function toTokenBody(
  { tokenUses }: Pick<AdminDeps, "tokenUses">,
  row: TokenRow,
): z.output<typeof tokenBody> {
  const lastUsedAt = tokenUses.find(row.tokenId) ?? row.lastUsedAt;
  return {
    id: row.tokenId,
    name: row.name,
    scope: row.scope,
    ...(row.prefix !== "" && { prefix: row.prefix }),
    created_at: row.createdAt,
    ...(row.expiresAt !== null && { expires_at: row.expiresAt }),
    ...(lastUsedAt !== null && { last_used_at: lastUsedAt }),
  };
}
