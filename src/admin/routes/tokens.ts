import { z } from "zod";
import {
  createToken,
  deleteToken,
  listTokens,
  TOKEN_SCOPES,
  type TokenRow,
} from "../../store/admin/tokens.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const tokenSchema = z.strictObject({
  name: z.string().min(1).max(64),
  scope: z.enum(TOKEN_SCOPES),
});

const tokenBody = z.object({
  id: z.string(),
  name: z.string(),
  scope: z.enum(TOKEN_SCOPES),
  created_at: z.int(),
});
const madeBody = tokenBody.extend({
  token: z.string().optional().describe("the secret; in the first answer only"),
});

/** `/v1/tokens`; a token's text is in the answer that creates it and nowhere else. */
export function createTokenRoutes(deps: AdminDeps): Route[] {
  return [createTokenList(deps), createCreation(deps), createDeletion(deps)];
}

function createTokenList({ store }: AdminDeps): Route {
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
      const { items, next } = toPage(listTokens(store, after, limit + 1), limit, {
        toCursor: (row) => row.tokenId,
        toItem: toTokenBody,
      });
      return { status: 200, body: { tokens: items, next } };
    },
  });
}

function createCreation({ store, now }: AdminDeps): Route {
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
    change: (write, { body: { name, scope } }) => {
      const { text, row } = createToken(write, store, { name, scope, now: now() });
      return { status: 201, body: { ...toTokenBody(row), token: text } };
    },
  });
}

function createDeletion({ store }: AdminDeps): Route {
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
    change: (write, { params }) => {
      deleteToken(write, store, params.token_id);
      return { status: 204 };
    },
  });
}

function toTokenBody(row: TokenRow): z.output<typeof tokenBody> {
  return { id: row.tokenId, name: row.name, scope: row.scope, created_at: row.createdAt };
}
