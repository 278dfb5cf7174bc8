import { z } from "zod";
import { LogSpan } from "./log-span.ts";
import { findRevertData, type RpcMeaning, readMeaning, toWords } from "./rpc-errors.ts";

/**
 * What went wrong with a call: `unavailable`: no usable answer, nothing is known; `reverted`: the
 * call was executed and reverted with `data`; `refused`: the node answered with an error.
 */
export type RpcFault = "unavailable" | "reverted" | "refused";

/** Carries a failed JSON-RPC call; its text holds no URL, so it may be logged. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly fault: RpcFault;
  /** Of a node's own error. */
  readonly meaning: RpcMeaning | undefined;
  /** What the node said, or how it did not answer, without its URL. */
  readonly words: string;
  /** Revert data, `0x` where there is none. */
  readonly data: `0x${string}`;

  constructor(
    fault: RpcFault,
    message: string,
    options: { data?: string; cause?: unknown; meaning?: RpcMeaning; words?: string } = {},
  ) {
    super(message, { cause: options.cause });
    this.fault = fault;
    this.meaning = options.meaning;
    this.words = options.words ?? message;
    this.data = (options.data ?? "0x") as `0x${string}`;
  }
}

const answerSchema = z.object({
  id: z.union([z.number(), z.string(), z.null()]).optional(),
  result: z.unknown().optional(),
  error: z
    .object({ code: z.number(), message: z.string().catch(""), data: z.unknown().optional() })
    .nullish(),
});

/** A call that cannot fail: of the precompile that returns what it is given. */
export const SAFE_CALL = { to: `0x${"00".repeat(19)}04`, data: "0x" } as const;
const ANSWER_BYTES_MAX = 32 * 1024 * 1024;
const LIMITED_MS_MIN = 250;
const LIMITED_MS_MAX = 10_000;
const RETRY_AFTER_MS_MAX = 60_000;
/** Shorter parts of a URL are no secrets. */
const SECRET_LENGTH_MIN = 8;

/** Hears of every call's end. */
export interface CallWatch {
  /** A method was answered; a revert is an answer. */
  answered(method: string): void;
  failed(method: string, error: RpcError, label: string): void;
}

/** What an endpoint is made of. */
export interface RpcEndpointOptions {
  readonly label: string;
  readonly url: string;
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
  /** Hears of every call; nobody does by default. */
  readonly watch?: CallWatch;
}

/** One RPC URL: a JSON-RPC client that knows how its node has behaved lately. */
export class RpcEndpoint {
  /** What logs and health call it; URLs hold keys. */
  readonly label: string;
  private readonly url: string;
  private readonly headers: Record<string, string>;
  private readonly secrets: readonly string[];
  private readonly timeoutMs: number;
  private readonly stop: AbortSignal;
  private readonly watch: CallWatch | undefined;
  private nextId = 1;
  private failures = 0;
  private downUntilMs = 0;
  private distrustedUntilMs = 0;
  private asideUntilMs = 0;
  private limits = 0;
  private limitedUntilMs = 0;
  /** When the chain id was last found right, on the monotonic clock; undefined: not known. */
  verifiedAtMs: number | undefined;
  readonly logSpan = new LogSpan();
  /** Whether its node takes a block's hash in a call (EIP-1898), as far as is known. */
  takesBlockHash = true;

  constructor({ label, url, timeoutMs, stop, watch }: RpcEndpointOptions) {
    this.label = label;
    const parsed = new URL(url);
    this.secrets = toSecrets(parsed);
    this.headers = { "content-type": "application/json", ...takeCredentials(parsed) };
    this.url = parsed.href;
    this.timeoutMs = timeoutMs;
    this.stop = stop;
    this.watch = watch;
  }

  /** Whether it is not being left alone after failures, or what it said. */
  get up(): boolean {
    const untilMs = Math.max(this.downUntilMs, this.distrustedUntilMs);
    return performance.now() >= untilMs && !this.aside;
  }

  /** Whether it is only asked where no other can be, whatever it answers. */
  get aside(): boolean {
    return performance.now() < this.asideUntilMs;
  }

  /** Whether its node said a moment ago that it is asked too much. */
  get limited(): boolean {
    return performance.now() < this.limitedUntilMs;
  }

  /**
   * Calls one method; `parse` refuses answers of the wrong shape by throwing. That a call reverted for no reason is
   * taken from its node only where it executes at all, and says so again.
   * @throws RpcError
   */
  async call<T>(
    method: string,
    params: readonly unknown[],
    parse: (raw: unknown) => T,
  ): Promise<T> {
    try {
      return await this.ask(method, params, parse);
    } catch (error) {
      if (method !== "eth_call" || !isBareRevert(error)) throw error;
    }
    await this.assertExecutes();
    return this.ask(method, params, parse);
  }

  /** @throws RpcError `unavailable` where it says of a call that cannot fail that it reverted */
  private async assertExecutes(): Promise<void> {
    try {
      await this.ask("eth_call", [SAFE_CALL, "latest"], (raw) => raw);
    } catch (error) {
      if (!(error instanceof RpcError) || error.fault !== "reverted") throw error;
      const words = "it says of every call that it reverts";
      const all = new RpcError("unavailable", `eth_call: ${this.label}: ${words}`, { words });
      this.watch?.failed("eth_call", all, this.label);
      this.rest();
      throw all;
    }
  }

  private async ask<T>(
    method: string,
    params: readonly unknown[],
    parse: (raw: unknown) => T,
  ): Promise<T> {
    try {
      const result = parse(await this.exchange(method, params));
      this.failures = 0;
      this.downUntilMs = 0;
      this.limits = 0;
      this.watch?.answered(method);
      return result;
    } catch (cause) {
      const error =
        cause instanceof RpcError
          ? cause
          : new RpcError("unavailable", `${method}: unusable answer from ${this.label}`, {
              cause,
              words: "an answer of another shape than the method's",
            });
      if (error.fault === "reverted") this.noteReverted(method, error);
      else if (!this.stop.aborted) this.watch?.failed(method, error, this.label);
      if (error.fault === "unavailable") this.rest();
      throw error;
    }
  }

  /** A revert is an answer, unless it may be what is said of every call. */
  private noteReverted(method: string, error: RpcError): void {
    if (method !== "eth_call" || !isBareRevert(error)) this.watch?.answered(method);
  }

  /** Takes it out of use for a while, for an answer that cannot be right: whatever it answers until then. */
  distrust(forMs: number): void {
    this.verifiedAtMs = undefined;
    this.distrustedUntilMs = performance.now() + forMs;
  }

  /** Has it asked only where no other can be, for a while. */
  setAside(forMs: number): void {
    this.asideUntilMs = performance.now() + forMs;
  }

  private rest(): void {
    this.failures += 1;
    this.downUntilMs = performance.now() + Math.min(100 * 2 ** this.failures, 10_000);
  }

  private limit(method: string, words: string, retryAfterMs = 0): RpcError {
    const ms = Math.min(LIMITED_MS_MIN * 2 ** this.limits, LIMITED_MS_MAX);
    // Several calls under way may be answered 429 at once: that counts once, or the pause would
    // double for each.
    if (!this.limited) this.limits += 1;
    this.limitedUntilMs = performance.now() + Math.max(ms, retryAfterMs);
    const message = `${method}: asked too much of ${this.label}: ${words}`;
    return new RpcError("unavailable", message, { meaning: "limited", words });
  }

  private async exchange(method: string, params: readonly unknown[]): Promise<unknown> {
    const id = this.nextId++;
    const answer = answerSchema.parse(JSON.parse(await this.post(method, { id, method, params })));
    if (answer.error) throw this.toError(method, answer.error);
    if (answer.id !== id) throw new Error("The answer belongs to another call.");
    if (answer.result === undefined) throw new Error("The answer has no result.");
    return answer.result;
  }

  private async post(method: string, call: object): Promise<string> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.url, {
        method: "POST",
        headers: this.headers,
        body: JSON.stringify({ jsonrpc: "2.0", ...call }),
        signal: AbortSignal.any([AbortSignal.timeout(this.timeoutMs), this.stop]),
        redirect: "manual",
      });
      text = await response.text();
    } catch (error) {
      // fetch's errors may name the URL in their cause: only the kind is kept.
      throw this.unanswered(method, toKind(error));
    }
    if (response.status === 429) {
      throw this.limit(method, "HTTP status 429", toRetryAfterMs(response.headers));
    }
    const unusable = findUnusable(response, text);
    if (unusable !== undefined) throw this.unanswered(method, unusable);
    return text;
  }

  private unanswered(method: string, words: string): RpcError {
    const message = `${method}: no answer from ${this.label} (${words})`;
    return new RpcError("unavailable", message, { words });
  }

  private toError(
    method: string,
    error: { code: number; message: string; data?: unknown },
  ): RpcError {
    const meaning = readMeaning(method, error);
    const words = toWords(error.message, this.secrets);
    if (meaning === "reverted") {
      const data = findRevertData(error.data) ?? "0x";
      return new RpcError("reverted", `${method}: reverted`, { data, meaning, words });
    }
    if (meaning === "limited") return this.limit(method, words);
    const message = `${method}: error ${error.code} from ${this.label}: ${words}`;
    return new RpcError("refused", message, { meaning, words });
  }
}

/** Whether all that is known of a failed call is that it reverted. */
function isBareRevert(error: unknown): boolean {
  return error instanceof RpcError && error.fault === "reverted" && error.data === "0x";
}

/** Why an HTTP answer is none of a node's; undefined where its body decides. */
function findUnusable({ status, ok }: Response, text: string): string | undefined {
  if (status >= 300 && status < 400) return `HTTP status ${status}: it points to another address`;
  if (status === 401 || status === 403) return `HTTP status ${status}: it wants other credentials`;
  if (text.length > ANSWER_BYTES_MAX) return "the answer is too large";
  // Nodes send JSON-RPC errors with 400s and 500s too; the body decides where it is one.
  if (text.trimStart().startsWith("{")) return undefined;
  return ok ? "a page, not JSON" : `HTTP status ${status}`;
}

function toKind(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : error.name;
}

function toRetryAfterMs(headers: Headers): number {
  const secs = Number(headers.get("retry-after"));
  return Number.isFinite(secs) && secs > 0 ? Math.min(secs * 1_000, RETRY_AFTER_MS_MAX) : 0;
}

/** What of a URL is nobody else's business, should a node repeat it. */
function toSecrets({ username, password, pathname, searchParams, host }: URL): string[] {
  const parts = [username, password, host, ...pathname.split("/"), ...searchParams.values()];
  return parts.filter((part) => part.length >= SECRET_LENGTH_MIN);
}

/** Moves a URL's user and password into the header that says them: fetch refuses such URLs. */
function takeCredentials(url: URL): Record<string, string> {
  const { username, password } = url;
  if (username === "" && password === "") return {};
  url.username = "";
  url.password = "";
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}
