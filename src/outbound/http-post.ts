import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { Agent as HttpAgent, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { type AddressGuard, PrivateAddressError } from "./address-guard.ts";

/** One POST. */
export interface HttpPost {
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
  /** For name lookup, connection and the whole answer. */
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
  readonly guard: AddressGuard;
  readonly signal: AbortSignal;
}

/** What became of a POST, by how much the other side may have seen of it. */
export type HttpOutcome =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: Uint8Array;
      /** What Retry-After asks for; undefined without one. */
      readonly retryAfterMs: number | undefined;
    }
  /** Answered, but larger than allowed. */
  | { readonly kind: "oversize"; readonly status: number }
  /** No byte of the request was sent. */
  | { readonly kind: "unreached"; readonly cause: Error }
  | { readonly kind: "timeout"; readonly sent: boolean }
  /** Sent, and the connection ended before the answer did. */
  | { readonly kind: "lost"; readonly cause: Error };

const CONNECTIONS_MAX = 64;

/**
 * Posts to upstreams. Every connection is new: on a kept one nobody can tell whether a request that
 * found it closed had arrived.
 */
export class HttpPoster implements Disposable {
  private readonly agents = {
    "http:": new HttpAgent({ keepAlive: false, maxSockets: CONNECTIONS_MAX }),
    "https:": new HttpsAgent({ keepAlive: false, maxSockets: CONNECTIONS_MAX }),
  };

  /** Sends a POST; redirects are not followed; never rejects. */
  post(call: HttpPost): Promise<HttpOutcome> {
    const { url, guard, body } = call;
    // A literal address is connected to without a lookup.
    if (!guard.allowsHost(url.hostname)) {
      const cause = new PrivateAddressError(url.hostname);
      return Promise.resolve({ kind: "unreached", cause });
    }
    const options = {
      method: "POST",
      headers: { ...call.headers, "content-length": Buffer.byteLength(body) },
      lookup: guard.lookup,
    };
    const request =
      url.protocol === "https:"
        ? requestHttps(url, { ...options, agent: this.agents["https:"] })
        : requestHttp(url, { ...options, agent: this.agents["http:"] });
    const outcome = watch(request, call);
    request.end(body);
    return outcome;
  }

  /** Closes what is open. */
  [Symbol.dispose](): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }
}

function watch(request: ClientRequest, call: HttpPost): Promise<HttpOutcome> {
  const { promise, resolve } = Promise.withResolvers<HttpOutcome>();
  let sent = false;
  const end = (outcome: HttpOutcome): void => {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", onAbort);
    resolve(outcome);
    request.destroy();
  };
  const fail = (cause: Error) => end({ kind: sent ? "lost" : "unreached", cause });
  const timer = setTimeout(() => end({ kind: "timeout", sent }), call.timeoutMs);
  const onAbort = () => fail(new Error("the steward stops"));
  call.signal.addEventListener("abort", onAbort, { once: true });
  request.once("socket", (socket) => {
    const event = call.url.protocol === "https:" ? "secureConnect" : "connect";
    socket.once(event, () => {
      sent = true;
    });
  });
  request.on("error", fail);
  const onClose = () => fail(new Error("the connection closed"));
  request.once("close", onClose);
  request.once("response", (response) => {
    // From here on the reader sees the end, complete or not.
    request.off("close", onClose);
    read(response, call.responseBytesMax).then(end, fail);
  });
  return promise;
}

async function read(response: IncomingMessage, bytesMax: number): Promise<HttpOutcome> {
  const status = response.statusCode ?? 0;
  const retryAfterMs = toRetryAfterMs(response.headers["retry-after"]);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) return { kind: "oversize", status };
    chunks.push(chunk);
  }
  return { kind: "answer", status, body: Buffer.concat(chunks), retryAfterMs };
}

/** Seconds, or a date; anything else asks for nothing. */
function toRetryAfterMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - Date.now());
}
