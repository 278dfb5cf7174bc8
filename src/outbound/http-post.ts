import type { AgentOptions, ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
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
  /** Whether it does no harm where the other side gets it twice. */
  readonly isRepeatable: boolean;
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
  /** Sent, and the connection, of which others may have been served before, ended before the answer did. */
  | { readonly kind: "lost"; readonly cause: Error; readonly wasKept: boolean };

/** At a time to one host, of those that are kept as of those that are not. */
const CONNECTIONS_MAX = 64;
/** How long a connection is kept that nothing is sent on. */
const KEPT_MS = 4000;

/**
 * Posts to upstreams. On a kept connection nobody can tell whether a request that found it closed had arrived:
 * only what may be repeated is sent on one, and at once on a new one where it was lost with it.
 */
export class HttpPoster implements Disposable {
  private readonly fresh = createAgents({ keepAlive: false });
  /** What one guard let through is nobody else's; idle ones end by themselves and keep no process. */
  private readonly kept = new WeakMap<AddressGuard, Agents>();

  /** Sends a POST; redirects are not followed; never rejects. */
  async post(call: HttpPost): Promise<HttpOutcome> {
    // A literal address is connected to without a lookup.
    if (!call.guard.allowsHost(call.url.hostname)) {
      const cause = new PrivateAddressError(call.url.hostname);
      return { kind: "unreached", cause };
    }
    if (!call.isRepeatable) return this.send(call, this.fresh);
    const beganMs = performance.now();
    const outcome = await this.send(call, this.keptOf(call.guard));
    const timeoutMs = call.timeoutMs - (performance.now() - beganMs);
    const isStale = outcome.kind === "lost" && outcome.wasKept && timeoutMs > 0;
    if (!isStale || call.signal.aborted) return outcome;
    return this.send({ ...call, timeoutMs }, this.fresh);
  }

  /** Closes what is open. */
  [Symbol.dispose](): void {
    for (const agent of Object.values(this.fresh)) agent.destroy();
  }

  private keptOf(guard: AddressGuard): Agents {
    const kept = this.kept.get(guard) ?? createAgents({ keepAlive: true, timeout: KEPT_MS });
    this.kept.set(guard, kept);
    return kept;
  }

  private send(call: HttpPost, agents: Agents): Promise<HttpOutcome> {
    const { url, guard, body } = call;
    const options = {
      method: "POST",
      headers: { ...call.headers, "content-length": Buffer.byteLength(body) },
      lookup: guard.lookup,
    };
    const request =
      url.protocol === "https:"
        ? requestHttps(url, { ...options, agent: agents["https:"] })
        : requestHttp(url, { ...options, agent: agents["http:"] });
    // Without this an agent whose connections are counted gives one on to the next request that waits for one.
    if (agents === this.fresh) request.shouldKeepAlive = false;
    const outcome = watch(request, call);
    request.end(body);
    return outcome;
  }
}

type Agents = ReturnType<typeof createAgents>;

function createAgents(options: AgentOptions) {
  const bounded = { ...options, maxSockets: CONNECTIONS_MAX };
  return { "http:": new HttpAgent(bounded), "https:": new HttpsAgent(bounded) };
}

function watch(request: ClientRequest, call: HttpPost): Promise<HttpOutcome> {
  const { promise, resolve } = Promise.withResolvers<HttpOutcome>();
  let sent = false;
  let wasKept = false;
  const end = (outcome: HttpOutcome): void => {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", onAbort);
    resolve(outcome);
    request.destroy();
  };
  const fail = (cause: Error) =>
    end(sent ? { kind: "lost", cause, wasKept } : { kind: "unreached", cause });
  const timer = setTimeout(() => end({ kind: "timeout", sent }), call.timeoutMs);
  const onAbort = () => fail(new Error("the steward stops"));
  call.signal.addEventListener("abort", onAbort, { once: true });
  request.once("socket", (socket) => {
    // `reusedSocket` says nothing of a request that waited for its connection.
    wasKept = !socket.connecting && !socket.destroyed;
    if (wasKept) {
      sent = true;
      return;
    }
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
