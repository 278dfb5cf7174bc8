import { createHmac } from "node:crypto";
import type { StewardError } from "../errors.ts";
import { toPeerText } from "../errors.ts";
import type { AddressGuard } from "../outbound/address-guard.ts";
import type { CircuitBreaker } from "../outbound/circuit-breaker.ts";
import { toFailure } from "../outbound/failure.ts";
import type { HttpOutcome, HttpPoster } from "../outbound/http-post.ts";
import { type Again, retry } from "../outbound/retry.ts";
import type { JsonValue } from "../protocol/json.ts";
import { parseJsonText } from "../wire/json-text.ts";
import { BODY_LIMITS } from "../wire/structure-limits.ts";
import { type ActionHandler, type Invocation, toUnknownOutcome } from "./handler.ts";

const ATTEMPTS_MAX = 3;
const BACKOFF = { firstMs: 200, maxMs: 2000 };
/** Answers of a gateway for a host behind it that may be back a moment later. */
const RETRIED_STATUS = new Set([502, 503, 504]);

export interface HttpHandlerOptions {
  readonly url: URL;
  readonly timeoutMs: number;
  readonly secret: string | undefined;
  readonly idempotent: boolean;
  readonly responseBytesMax: number;
  readonly guard: AddressGuard;
  /** Shared by all handlers of one host. */
  readonly breaker: CircuitBreaker;
  readonly poster: HttpPoster;
  readonly nowMs: () => number;
}

/** Fulfils an action by a POST to the operator's URL; `docs/decisions/action-handlers.md`. */
export class HttpHandler implements ActionHandler {
  readonly idempotent: boolean;
  private readonly options: HttpHandlerOptions;

  constructor(options: HttpHandlerOptions) {
    this.options = options;
    this.idempotent = options.idempotent;
  }

  /** Refuses while the host's breaker is open. */
  assertAvailable(): void {
    this.options.breaker.assertClosed();
  }

  /** Posts the invocation and returns the JSON answer; repeats only what may be repeated. */
  async invoke(invocation: Invocation, signal: AbortSignal): Promise<JsonValue> {
    const body = toBody(invocation);
    const deadlineMs = performance.now() + this.options.timeoutMs;
    const attemptsMax = this.idempotent ? ATTEMPTS_MAX : 1;
    const outcome = await retry(
      { attemptsMax, backoff: BACKOFF, deadlineMs, signal },
      () => this.post(invocation, body, deadlineMs, signal),
      findAgain,
    );
    return toResult(outcome);
  }

  private async post(
    invocation: Invocation,
    body: string,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<HttpOutcome> {
    const { url, guard, breaker, poster, responseBytesMax } = this.options;
    const pass = breaker.enter();
    let verdict: Parameters<typeof pass.end>[0] = "neither";
    try {
      const outcome = await poster.post({
        url,
        guard,
        body,
        signal,
        responseBytesMax,
        isRepeatable: this.idempotent,
        headers: this.toHeaders(invocation, body),
        timeoutMs: Math.max(1, deadlineMs - performance.now()),
      });
      if (!signal.aborted) verdict = isHostDown(outcome) ? "failure" : "success";
      return outcome;
    } finally {
      pass.end(verdict);
    }
  }

  private toHeaders(invocation: Invocation, body: string): Record<string, string> {
    const { secret, nowMs } = this.options;
    const timestamp = Math.floor(nowMs() / 1000).toString();
    const headers = {
      "content-type": "application/json",
      accept: "application/json",
      "accept-encoding": "identity",
      "idempotency-key": invocation.invokeId,
      "x-steward-timestamp": timestamp,
    };
    if (secret === undefined) return headers;
    const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
    return { ...headers, "x-steward-signature": `sha256=${signature}` };
  }
}

function toBody({ invokeId, zoneId, action, requester, paramsText }: Invocation): string {
  const head = JSON.stringify({ request_id: invokeId, zone_id: zoneId, action, requester });
  return `${head.slice(0, -1)},"params":${paramsText}}`;
}

/** An answer below 500 shows that the host works, whatever it says. */
function isHostDown(outcome: HttpOutcome): boolean {
  const answered = outcome.kind === "answer" || outcome.kind === "oversize";
  return !answered || outcome.status >= 500;
}

/** Whether it may be over a moment later. */
function findAgain(outcome: HttpOutcome): Again | undefined {
  if (outcome.kind === "oversize") return undefined;
  if (outcome.kind !== "answer") return { retryAfterMs: undefined };
  return RETRIED_STATUS.has(outcome.status) ? outcome : undefined;
}

function toResult(outcome: HttpOutcome): JsonValue {
  switch (outcome.kind) {
    case "answer":
      if (isSuccess(outcome.status)) return parseResult(outcome.body);
      throw toFailure({
        reason: "UPSTREAM_ERROR",
        message: toStatusText(outcome.status, outcome.body),
      });
    case "oversize":
      throw toOversize(outcome.status);
    case "unreached":
      throw toFailure({
        reason: "UPSTREAM_UNAVAILABLE",
        message: "The action's upstream cannot be reached.",
        cause: outcome.cause,
      });
    case "timeout": {
      const message = "The action's upstream did not answer in time.";
      throw (outcome.sent ? toUnknownOutcome : toFailure)({ reason: "UPSTREAM_TIMEOUT", message });
    }
    case "lost":
      throw toUnknownOutcome({
        reason: "UPSTREAM_ERROR",
        message: "The connection to the action's upstream ended before its answer did.",
        cause: outcome.cause,
      });
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function parseResult(body: Uint8Array): JsonValue {
  if (body.length === 0) return null;
  const text = decodeText(body);
  try {
    return parseJsonText(text, BODY_LIMITS) as JsonValue;
  } catch (cause) {
    if (!isJson(text)) throw toNoJson(cause);
    throw toFailure({
      reason: "RESULT_INVALID",
      message: "The action's result is nothing a message can carry.",
      cause,
    });
  }
}

function decodeText(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (cause) {
    throw toNoJson(cause);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** It may be by something before the upstream, which then may have run the action or not. */
function toNoJson(cause: unknown): StewardError {
  return toUnknownOutcome({
    reason: "UPSTREAM_ERROR",
    message: "The action's upstream answered with something that is no valid JSON.",
    cause,
  });
}

function toOversize(status: number): StewardError {
  return toFailure({
    reason: isSuccess(status) ? "RESULT_TOO_LARGE" : "UPSTREAM_ERROR",
    message: "The answer of the action's upstream is too large.",
  });
}

function toStatusText(status: number, body: Uint8Array): string {
  const text = toPeerText(new TextDecoder().decode(body));
  return `The action's upstream answered ${status}${text === "" ? "." : `: ${text}`}`;
}
