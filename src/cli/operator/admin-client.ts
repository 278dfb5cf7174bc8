import { isLoopback } from "../../client/link/wire-address.ts";
import { type ConfigProblem, toProblemText } from "../../config/problem.ts";
import { findForeignFailure } from "../../foreign-errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { UnreachableError, UsageError } from "../exit-codes.ts";

const TIMEOUT_MS = 30_000;

/** The admin API refused or failed; the fields are those of its error body. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly reason: string | undefined;
  readonly category: string | undefined;
  readonly recovery: string | undefined;
  readonly hint: string | undefined;
  /** One line each, of a configuration that was not taken over. */
  readonly problems: readonly string[];

  constructor(status: number, error: Partial<ApiErrorBody>) {
    super(error.message ?? `The steward answered ${status}.`);
    this.status = status;
    this.code = error.code ?? String(status);
    this.reason = error.details?.reason;
    this.category = error.details?.category;
    this.recovery = error.details?.recovery;
    this.hint = error.hint;
    this.problems = (error.details?.problems ?? []).map(toProblemText);
  }
}

interface ApiErrorBody {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details: {
    readonly reason?: string;
    readonly category?: string;
    readonly recovery?: string;
    readonly problems?: readonly ConfigProblem[];
  };
}

/** What a call carries beside method and path. */
interface CallFields {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Calls a route of the admin API and returns the body; empty where there is none.
 * @throws ApiError, UnreachableError
 */
export type AdminApi = <Body = JsonObject>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  fields?: CallFields,
) => Promise<Body>;

/**
 * Reads what a route of the admin API answers with, as it comes.
 * @throws ApiError, UnreachableError
 */
export type AdminDownload = (path: string) => Promise<ReadableStream<Uint8Array>>;

/**
 * Creates the function that calls an admin API.
 * @throws UsageError where the token would travel unencrypted beyond this machine
 */
export function createAdminApi(
  baseUrl: string,
  token: string,
  { allowInsecure = false }: { readonly allowInsecure?: boolean | undefined } = {},
): AdminApi {
  const base = parseBaseUrl(baseUrl, allowInsecure);
  return async (method, path, { query, body, headers } = {}) => {
    const url = new URL(base.pathname.replace(/\/$/, "") + path, base);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const response = await send(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = parseAnswer(await response.text());
    if (response.ok && answer !== undefined) return answer as never;
    const error = answer?.error as Partial<ApiErrorBody> | undefined;
    if (error?.code === undefined) throw toForeignAnswer(url, response);
    throw new ApiError(response.status, error);
  };
}

/**
 * Creates the function that reads a file from an admin API; it may take as long as it takes.
 * @throws UsageError where the token would travel unencrypted beyond this machine
 */
export function createAdminDownload(
  baseUrl: string,
  token: string,
  { allowInsecure = false }: { readonly allowInsecure?: boolean | undefined } = {},
): AdminDownload {
  const base = parseBaseUrl(baseUrl, allowInsecure);
  return async (path) => {
    const url = new URL(base.pathname.replace(/\/$/, "") + path, base);
    const response = await send(url, { headers: { authorization: `Bearer ${token}` } }, false);
    if (response.ok && response.body !== null) return response.body;
    const error = parseAnswer(await response.text())?.error as Partial<ApiErrorBody> | undefined;
    if (error?.code === undefined) throw toForeignAnswer(url, response);
    throw new ApiError(response.status, error);
  };
}

function parseBaseUrl(text: string, allowInsecure: boolean): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError("--url: expected an http:// or https:// URL.");
  }
  if (url.protocol === "https:" || allowInsecure || isLoopback(url.hostname)) return url;
  throw new UsageError("--url: the token would travel unencrypted; use https or --allow-insecure.");
}

async function send(url: URL, init: RequestInit, isBounded = true): Promise<Response> {
  try {
    const signal = isBounded ? AbortSignal.timeout(TIMEOUT_MS) : null;
    // A redirect would take the token to another place.
    return await fetch(url, { ...init, redirect: "manual", signal });
  } catch (error) {
    const { code, hint } = findForeignFailure(error) ?? {};
    const advice = hint ?? "see whether the steward runs";
    throw new UnreachableError(
      `${url.origin} is not reachable (${code ?? "connection failed"}): ${advice}; --url (STEWARD_URL) is its address.`,
      { cause: error },
    );
  }
}

/** Something answers that is no steward, or stands before one. */
function toForeignAnswer({ origin }: URL, { status, headers }: Response): UnreachableError {
  const location = status >= 300 && status < 400 ? headers.get("location") : null;
  const to = location === null ? undefined : URL.parse(location, origin)?.origin;
  return new UnreachableError(
    to === undefined
      ? `${origin} answers (HTTP ${status}), but not as a steward does: is --url (STEWARD_URL) its address?`
      : `${origin} sends on to ${to}, where the token does not follow: give that as --url.`,
  );
}

function parseAnswer(text: string): JsonObject | undefined {
  if (text === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
