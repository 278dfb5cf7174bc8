import { createHash, randomBytes } from "node:crypto";
import { StewardError } from "../../errors.ts";
import { createId } from "../../protocol/ids.ts";
import type { Store, Write } from "../database.ts";

/** What a token may do; each scope includes those before it. */
export const TOKEN_SCOPES = ["read", "operate", "admin"] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** A token as stored, its hash left out; `createdAt` in Unix seconds. */
export interface TokenRow {
  readonly tokenId: string;
  readonly name: string;
  readonly scope: TokenScope;
  readonly createdAt: number;
}

const TOKEN_BYTES = 32;
const COLUMNS = "token_id AS tokenId, name, scope, created_at AS createdAt";

/** Creates a token, stored hashed; `text` is returned this once. */
export function createToken(
  write: Write,
  store: Store,
  { name, scope, now }: { readonly name: string; readonly scope: TokenScope; readonly now: number },
): { readonly text: string; readonly row: TokenRow } {
  const text = `zs_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
  const row = { tokenId: createId("tok"), name, scope, createdAt: now };
  const insert = store.raw.prepare(
    "INSERT INTO admin_tokens VALUES (@tokenId, @hash, @name, @scope, @createdAt)",
  );
  write.run(insert, { ...row, hash: hashToken(text) });
  return { text, row };
}

/** Creates the first token of a new database; undefined where there are tokens. */
export function ensureFirstToken(store: Store, now: number): string | undefined {
  const known = store.raw.prepare("SELECT 1 FROM admin_tokens LIMIT 1").get();
  if (known !== undefined) return undefined;
  return store.write(
    (write) => createToken(write, store, { name: "first", scope: "admin", now }).text,
  );
}

/** Finds a token by its text. */
export function findToken(store: Store, text: string): TokenRow | undefined {
  return store.raw
    .prepare<[string], TokenRow>(`SELECT ${COLUMNS} FROM admin_tokens WHERE hash = ?`)
    .get(hashToken(text));
}

/** Lists tokens by id, after one. */
export function listTokens(store: Store, after: string, limit: number): TokenRow[] {
  return store.raw
    .prepare<[string, number], TokenRow>(
      `SELECT ${COLUMNS} FROM admin_tokens WHERE token_id > ? ORDER BY token_id LIMIT ?`,
    )
    .all(after, limit);
}

/**
 * Deletes a token; it is refused from the next request on.
 * @throws StewardError `not_found`; `conflict` for the last one of scope admin
 */
export function deleteToken(write: Write, store: Store, tokenId: string): void {
  const { raw } = store;
  const scope = raw
    .prepare<[string], TokenScope>("SELECT scope FROM admin_tokens WHERE token_id = ?")
    .pluck()
    .get(tokenId);
  if (scope === undefined) throw new StewardError("not_found");
  const others = raw
    .prepare<[string], number>(
      "SELECT count(*) FROM admin_tokens WHERE scope = 'admin' AND token_id <> ?",
    )
    .pluck()
    .get(tokenId);
  if (scope === "admin" && others === 0) {
    throw new StewardError("conflict", { message: "This is the last token of scope admin." });
  }
  write.run(raw.prepare("DELETE FROM admin_tokens WHERE token_id = ?"), tokenId);
}

/** Returns the form in which a token is stored, hex sha256. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
