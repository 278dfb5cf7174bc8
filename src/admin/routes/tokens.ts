import { Hono } from "hono";
import { z } from "zod";
import {
  createToken,
  deleteToken,
  listTokens,
  TOKEN_SCOPES,
  type TokenRow,
} from "../../store/admin/tokens.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { parseInput, parsePage, readJson, toPage } from "../http/input.ts";

const tokenSchema = z.strictObject({
  name: z.string().min(1).max(64),
  scope: z.enum(TOKEN_SCOPES),
});

/** Serves `/v1/tokens`; a token's text is in the answer that creates it and nowhere else. */
export function createTokenRoutes({ store, config, now }: AdminDeps): Hono<AdminEnv> {
  const routes = new Hono<AdminEnv>();
  routes.use(requireScope("admin"));
  routes.get("/", (context) => {
    const { after, limit } = parsePage(context);
    const { items, next } = toPage(listTokens(store, after, limit + 1), limit, {
      toCursor: (row) => row.tokenId,
      toItem: toTokenBody,
    });
    return context.json({ tokens: items, next });
  });
  routes.post("/", async (context) => {
    const body = await readJson(context, config.http.body_bytes_max);
    const { name, scope } = parseInput(tokenSchema, body);
    const { text, row } = store.write((write) =>
      createToken(write, store, { name, scope, now: now() }),
    );
    return context.json({ ...toTokenBody(row), token: text }, 201);
  });
  routes.delete("/:token_id", (context) => {
    store.write((write) => deleteToken(write, store, context.req.param("token_id")));
    return context.body(null, 204);
  });
  return routes;
}

function toTokenBody(row: TokenRow) {
  return { id: row.tokenId, name: row.name, scope: row.scope, created_at: row.createdAt };
}
