import { createHash } from "node:crypto";
import type { Context } from "hono";
import { StewardError } from "../../errors.ts";
import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import {
  findStoredAnswer,
  forgetStoredAnswers,
  insertStoredAnswer,
} from "../../store/admin/idempotency.ts";
import type { Store, Write } from "../../store/database.ts";
import type { AdminEnv } from "../deps.ts";

/** How long a key's answer is repeated. */
const KEPT_SECS = 86_400;
const KEY_PATTERN = /^[\x21-\x7e]{1,255}$/;

/** A successful answer, as it is repeated. */
export interface KeptAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** What an Idempotency-Key names: the route, the key and what was asked. */
export interface IdempotentRequest {
  /** Undefined where the client sent none: then nothing is kept. */
  readonly key: string | undefined;
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

/**
 * Runs once per key and repeats that answer afterwards; what throws is not kept. Effect and answer
 * are of one write.
 * @throws StewardError `conflict` for a key that was used with other content
 */
export function answerOnce(
  write: Write,
  store: Store,
  request: IdempotentRequest,
  run: () => KeptAnswer,
): KeptAnswer {
  const known = findAnswer(write, store, request);
  if (known !== undefined) return known;
  const answer = run();
  const { key, content, now } = request;
  if (key === undefined) return answer;
  const contentHash = toContentHash(content);
  const body = JSON.stringify(answer.body);
  insertStoredAnswer(write, store, {
    key,
    contentHash,
    status: answer.status,
    body,
    createdAt: now,
  });
  return answer;
}

function toContentHash(content: unknown): string {
  return createHash("sha256").update(toCanonicalJson(content)).digest("hex");
}

/**
 * The answer that a key was given before, for what asks the chain before it writes.
 * @throws StewardError `conflict` for a key that was used with other content
 */
export function findAnswer(
  write: Write,
  store: Store,
  { key, content, now }: IdempotentRequest,
): KeptAnswer | undefined {
  if (key === undefined) return undefined;
  forgetStoredAnswers(write, store, now - KEPT_SECS);
  const known = findStoredAnswer(store, key);
  if (known === undefined) return undefined;
  if (known.contentHash !== toContentHash(content)) {
    throw new StewardError("conflict", {
      message: "The Idempotency-Key was used with other content.",
    });
  }
  return { status: known.status, body: JSON.parse(known.body) as JsonObject };
}
