import { toPeerText } from "../errors.ts";
import { PrivateAddressError } from "../outbound/address-guard.ts";
import { type HttpOutcome, HttpPoster } from "../outbound/http-post.ts";
import type { WebhookRow } from "../store/webhooks/webhooks.ts";
import type { WebhooksConfig } from "./config.ts";
import type { WebhookSecrets } from "./secrets.ts";
import { signWebhook } from "./signature.ts";
import type { TargetGuard } from "./target.ts";

const UNOPENED = "its secret cannot be opened; give it another one";

/** What sending needs. */
export interface SenderDeps {
  readonly config: WebhooksConfig;
  readonly guard: TargetGuard;
  readonly secrets: WebhookSecrets;
  readonly nowMs: () => number;
  /** How this steward calls itself to receivers. */
  readonly userAgent: string;
}

/** What came of one POST. */
export interface Sent {
  /** `gone`: the receiver wants no more, ever. */
  readonly outcome: "delivered" | "failed" | "gone";
  /** Undefined where there was no answer. */
  readonly status: number | undefined;
  /** Why it failed, in words that hold no secret. */
  readonly error: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** What it says of the host; `neither` where it was not asked. */
  readonly host: "success" | "failure" | "neither";
}

/** Sends single messages to webhooks, signed; `docs/webhooks.md`. */
export class Sender implements Disposable {
  private readonly deps: SenderDeps;
  private readonly poster = new HttpPoster();

  constructor(deps: SenderDeps) {
    this.deps = deps;
  }

  /** Sends a body once; never rejects. */
  async send(
    webhook: WebhookRow,
    message: { readonly id: string; readonly body: string },
    signal: AbortSignal,
  ): Promise<Sent> {
    const { config, guard, secrets, nowMs, userAgent } = this.deps;
    const timestamp = Math.floor(nowMs() / 1000);
    const keys = secrets.open(webhook, timestamp);
    if (keys === undefined) return { ...toUnanswered(UNOPENED), host: "neither" };
    const signed = signWebhook(keys, { ...message, timestamp });
    const outcome = await this.poster.post({
      url: new URL(webhook.url),
      headers: {
        "content-type": "application/json",
        "user-agent": userAgent,
        "accept-encoding": "identity",
        ...signed,
      },
      body: message.body,
      timeoutMs: config.timeout_ms,
      responseBytesMax: config.response_bytes_max,
      guard: guard.guardOf(webhook),
      signal,
      isRepeatable: false,
    });
    return toSent(outcome, config.timeout_ms);
  }

  [Symbol.dispose](): void {
    this.poster[Symbol.dispose]();
  }
}

function toSent(outcome: HttpOutcome, timeoutMs: number): Sent {
  switch (outcome.kind) {
    case "answer":
      return toAnswered(outcome.status, outcome.body, outcome.retryAfterMs);
    case "oversize":
      return toAnswered(outcome.status);
    case "unreached":
      return outcome.cause instanceof PrivateAddressError
        ? { ...toUnanswered("its host has a private or reserved address"), host: "neither" }
        : toUnanswered(`it is not reached (${toCode(outcome.cause)})`);
    case "timeout":
      return toUnanswered(`no answer within ${timeoutMs} ms`);
    case "lost":
      return toUnanswered(`the connection ended before the answer did (${toCode(outcome.cause)})`);
  }
}

function toAnswered(
  status: number,
  body: Uint8Array = new Uint8Array(),
  retryAfterMs?: number,
): Sent {
  // The host works, whatever it says of the event.
  const host = status >= 500 ? "failure" : "success";
  if (status >= 200 && status < 300) {
    return { outcome: "delivered", status, error: undefined, retryAfterMs: undefined, host };
  }
  const text = toPeerText(new TextDecoder().decode(body));
  const error = `it answered ${status}${text === "" ? "" : `: ${text}`}`;
  return { outcome: status === 410 ? "gone" : "failed", status, error, retryAfterMs, host };
}

function toUnanswered(error: string): Sent {
  return { outcome: "failed", status: undefined, error, retryAfterMs: undefined, host: "failure" };
}

/** The library's own code; its text may name what is nobody's business. */
function toCode(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : error.name;
}
