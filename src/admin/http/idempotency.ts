import { createHash } from "node:crypto";
import type { Context } from "hono";
import { StewardError } from "../../errors.ts";
import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import {
  ANSWERS_KEPT_SECS,
  findStoredAnswer,
  putStoredAnswer,
} from "../../store/admin/idempotency.ts";
import type { Store, Write } from "../../store/database.ts";
import type { AdminEnv } from "../deps.ts";
import type { Reply } from "./route.ts";

/** What an Idempotency-Key may be. */
export const KEY_PATTERN = /^[\x21-\x7e]{1,255}$/;

/** What an Idempotency-Key names: the route, the key and what was asked. */
export interface IdempotentRequest {
  /** Undefined where the client sent none: then nothing is kept. */
  readonly key: string | undefined;
  /** As versions that did not tell the keys of tokens apart kept it. */
  readonly earlierKey: string | undefined;
  readonly content: unknown;
  /** Unix seconds. */
  readonly now: number;
}

/**
 * Parses Idempotency-Key; keys of different routes are different.
 * @throws StewardError `invalid_request`
 */
export function parseIdempotencyKey(context: Context<AdminEnv>): string | undefined {
  const key = context.req.header("Idempotency-Key");
  if (key === undefined) return undefined;
  if (!KEY_PATTERN.test(key)) {
    throw new StewardError("invalid_request", {
      message: "Idempotency-Key: expected 1 to 255 visible ASCII characters",
    });
  }
  return `${context.req.method} ${context.req.path} ${key}`;
}

/** Keeps the answer of a key, in the write of its effect; nothing where the client sent none. */
export function keepAnswer(
  write: Write,
  store: Store,
  { key, content, now }: IdempotentRequest,
  { status, body }: Reply,
): void {
  if (key === undefined) return;
  putStoredAnswer(write, store, {
    key,
    contentHash: toContentHash(content),
    status,
    body: JSON.stringify(body ?? null),
    createdAt: now,
  });
}

function toContentHash(content: unknown): string {
  return createHash("sha256").update(toCanonicalJson(content)).digest("hex");
}

/**
 * Finds the answer that a key was given before.
 * @throws StewardError `conflict` for a key that was used with other content
 */
export function findAnswer(
  store: Store,
  { key, earlierKey, content, now }: IdempotentRequest,
): Reply | undefined {
  // A repetition across an upgrade must not do again what was done: then a key was everybody's.
  const known = [key, earlierKey]
    .map((one) => (one === undefined ? undefined : findStoredAnswer(store, one)))
    .find((row) => row !== undefined && row.createdAt > now - ANSWERS_KEPT_SECS);
  if (known === undefined) return undefined;
  if (known.contentHash !== toContentHash(content)) {
    throw new StewardError("conflict", {
      message: "The Idempotency-Key was used with other content.",
    });
  }
  const body = JSON.parse(known.body) as JsonObject | null;
  return { status: known.status, ...(body !== null && { body }) };
}
