import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { StewardError } from "../../errors.ts";
import { createId } from "../../protocol/ids.ts";
import type { Store, Write } from "../database.ts";
import type { TokenScope } from "./schema.ts";

/** A token as stored, its hash left out; times are Unix seconds. */
export interface TokenRow {
  readonly tokenId: string;
  readonly name: string;
  readonly scope: TokenScope;
  /** The part of its text that is no secret; empty for those of earlier versions. */
  readonly prefix: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

/** What a new token is to be. */
export interface TokenInput {
  readonly name: string;
  readonly scope: TokenScope;
  /** Unix seconds. */
  readonly now: number;
  /** Unix seconds. */
  readonly expiresAt?: number | undefined;
}

const SECRET_BYTES = 32;
const PREFIX_BYTES = 4;
/** `zs_`, 8 hex digits, and `_` before the secret. */
const PREFIX_PATTERN = /^(zs_[0-9a-f]{8})_/;
/** Expired tokens are listed for so long. */
const EXPIRED_KEPT_SECS = 30 * 86_400;
const COLUMNS = `token_id AS tokenId, name, scope, prefix, created_at AS createdAt,
  expires_at AS expiresAt, last_used_at AS lastUsedAt`;

/** Creates a token, stored hashed; `text` is returned this once. */
export function createToken(
  write: Write,
  { raw }: Pick<Store, "raw">,
  { name, scope, now, expiresAt }: TokenInput,
): { readonly text: string; readonly row: TokenRow } {
  const prefix = `zs_${randomBytes(PREFIX_BYTES).toString("hex")}`;
  const text = `${prefix}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  const row = {
    tokenId: createId("tok"),
    name,
    scope,
    prefix,
    createdAt: now,
    expiresAt: expiresAt ?? null,
    lastUsedAt: null,
  };
  const insert = raw.prepare(
    `INSERT INTO admin_tokens (token_id, hash, name, scope, prefix, created_at, expires_at)
     VALUES (@tokenId, @hash, @name, @scope, @prefix, @createdAt, @expiresAt)`,
  );
  const { lastUsedAt: _, ...columns } = row;
  write.run(insert, { ...columns, hash: hashToken(text).toString("hex") });
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

/**
 * Finds a token by its text, an expired one too. Rows are found by what is no secret; hashes are compared
 * in constant time.
 */
export function findToken({ raw }: Pick<Store, "raw">, text: string): TokenRow | undefined {
  const prefix = text.match(PREFIX_PATTERN)?.[1] ?? "";
  const given = hashToken(text);
  let found: TokenRow | undefined;
  const rows = raw
    .prepare<[string], TokenRow & { readonly hash: string }>(
      `SELECT ${COLUMNS}, hash FROM admin_tokens WHERE prefix IN (?, '')`,
    )
    .all(prefix);
  for (const { hash, ...row } of rows) {
    if (timingSafeEqual(Buffer.from(hash, "hex"), given)) found = row;
  }
  return found;
}

/** Lists tokens by id, after one. */
export function listTokens({ raw }: Pick<Store, "raw">, after: string, limit: number): TokenRow[] {
  return raw
    .prepare<[string, number], TokenRow>(
      `SELECT ${COLUMNS} FROM admin_tokens WHERE token_id > ? ORDER BY token_id LIMIT ?`,
    )
    .all(after, limit);
}

/** Gets a token by its id. */
export function findTokenById({ raw }: Pick<Store, "raw">, tokenId: string): TokenRow | undefined {
  return raw
    .prepare<[string], TokenRow>(`SELECT ${COLUMNS} FROM admin_tokens WHERE token_id = ?`)
    .get(tokenId);
}

/** How many tokens there are. */
export function countTokens({ raw }: Pick<Store, "raw">): number {
  return raw.prepare<[], number>("SELECT count(*) FROM admin_tokens").pluck().get() ?? 0;
}

/**
 * Deletes a token; it is refused from the next request on.
 * @param now Unix seconds
 * @throws StewardError `not_found`; `conflict` for the last one of scope admin that is in force
 */
export function deleteToken(write: Write, { raw }: Store, tokenId: string, now: number): void {
  const row = findTokenById({ raw }, tokenId);
  if (row === undefined) throw new StewardError("not_found");
  const others = raw
    .prepare<[string, number], number>(
      `SELECT count(*) FROM admin_tokens
       WHERE scope = 'admin' AND token_id <> ? AND (expires_at IS NULL OR expires_at > ?)`,
    )
    .pluck()
    .get(tokenId, now);
  if (row.scope === "admin" && others === 0) {
    throw new StewardError("conflict", { message: "This is the last token of scope admin." });
  }
  write.run(raw.prepare("DELETE FROM admin_tokens WHERE token_id = ?"), tokenId);
}

/** Deletes every token of scope admin but one; returns their ids. */
export function deleteOtherAdmins(
  write: Write,
  { raw }: Pick<Store, "raw">,
  keptId: string,
): string[] {
  const ids = raw
    .prepare<[string], string>(
      "SELECT token_id FROM admin_tokens WHERE scope = 'admin' AND token_id <> ?",
    )
    .pluck()
    .all(keptId);
  const remove = raw.prepare("DELETE FROM admin_tokens WHERE token_id = ?");
  for (const id of ids) write.run(remove, id);
  return ids;
}

/** Notes when a token was last used, in Unix seconds. */
export function putLastUse(
  write: Write,
  { raw }: Pick<Store, "raw">,
  tokenId: string,
  at: number,
): void {
  const update = raw.prepare("UPDATE admin_tokens SET last_used_at = ? WHERE token_id = ?");
  write.run(update, at, tokenId);
}

/** Forgets tokens that expired long ago. */
export function forgetExpiredTokens(write: Write, { raw }: Pick<Store, "raw">, now: number): void {
  write.run(raw.prepare("DELETE FROM admin_tokens WHERE expires_at <= ?"), now - EXPIRED_KEPT_SECS);
}

/** The form in which a token is stored, sha256. */
function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
