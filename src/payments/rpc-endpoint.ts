import { z } from "zod";

/**
 * What went wrong with a call: `unavailable`: no usable answer, nothing is known; `reverted`: the
 * call was executed and reverted with `data`; `refused`: the node answered with an error.
 */
export type RpcFault = "unavailable" | "reverted" | "refused";

/** Carries a failed JSON-RPC call; its text holds no URL, so it may be logged. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly fault: RpcFault;
  /** Revert data, `0x` where there is none. */
  readonly data: `0x${string}`;

  constructor(fault: RpcFault, message: string, options: { data?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.fault = fault;
    this.data = (options.data ?? "0x") as `0x${string}`;
  }
}

const answerSchema = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z
    .object({ code: z.number(), message: z.string(), data: z.unknown().optional() })
    .nullish(),
});

const ANSWER_BYTES_MAX = 32 * 1024 * 1024;
/** The code nodes give an execution that reverted. */
const REVERTED = 3;

/** One RPC URL: a JSON-RPC client that knows how its node has behaved lately. */
export class RpcEndpoint {
  /** What logs and health call it; URLs hold keys. */
  readonly label: string;
  private readonly url: string;
  private readonly timeoutMs: number;
  private readonly stop: AbortSignal;
  private nextId = 1;
  private failures = 0;
  private downUntilMs = 0;
  /** When the chain id was last found right, on the monotonic clock; undefined: not known. */
  verifiedAtMs: number | undefined;

  constructor(options: { label: string; url: string; timeoutMs: number; stop: AbortSignal }) {
    this.label = options.label;
    this.url = options.url;
    this.timeoutMs = options.timeoutMs;
    this.stop = options.stop;
  }

  /** Whether it is not being left alone after failures. */
  get up(): boolean {
    return performance.now() >= this.downUntilMs;
  }

  /**
   * Calls one method; `parse` refuses answers of the wrong shape by throwing.
   * @throws RpcError
   */
  async call<T>(
    method: string,
    params: readonly unknown[],
    parse: (raw: unknown) => T,
  ): Promise<T> {
    try {
      const result = parse(await this.exchange(method, params));
      this.failures = 0;
      this.downUntilMs = 0;
      return result;
    } catch (error) {
      if (error instanceof RpcError && error.fault !== "unavailable") throw error;
      this.failures += 1;
      this.downUntilMs = performance.now() + Math.min(100 * 2 ** this.failures, 10_000);
      if (error instanceof RpcError) throw error;
      throw new RpcError("unavailable", `${method}: unusable answer from ${this.label}`, {
        cause: error,
      });
    }
  }

  /** Takes it out of use for a while, for an answer that cannot be right. */
  distrust(forMs: number): void {
    this.verifiedAtMs = undefined;
    this.downUntilMs = performance.now() + forMs;
  }

  private async exchange(method: string, params: readonly unknown[]): Promise<unknown> {
    const id = this.nextId++;
    const answer = answerSchema.parse(JSON.parse(await this.post(method, { id, method, params })));
    if (answer.id !== id) throw new Error("The answer belongs to another call.");
    if (answer.error) throw toRpcError(method, this.label, answer.error);
    if (answer.result === undefined) throw new Error("The answer has no result.");
    return answer.result;
  }

  private async post(method: string, call: object): Promise<string> {
    let response: Response;
    try {
      response = await fetch(this.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", ...call }),
        signal: AbortSignal.any([AbortSignal.timeout(this.timeoutMs), this.stop]),
        redirect: "error",
      });
      const text = await response.text();
      if (text.length > ANSWER_BYTES_MAX) throw new Error("The answer is too large.");
      // Nodes send JSON-RPC errors with 400s and 500s too; the body decides where it is one.
      if (!response.ok && !text.startsWith("{")) throw new Error(`HTTP status ${response.status}`);
      if (response.status === 429) throw new Error("HTTP status 429");
      return text;
    } catch (error) {
      // fetch's errors may name the URL in their cause: only the kind is kept.
      const kind = error instanceof Error ? error.name : "unknown";
      throw new RpcError("unavailable", `${method}: no answer from ${this.label} (${kind})`);
    }
  }
}

function toRpcError(
  method: string,
  label: string,
  error: { code: number; data?: unknown },
): RpcError {
  const data = findRevertData(error.data);
  if (error.code === REVERTED || data !== undefined) {
    return new RpcError("reverted", `${method}: reverted`, { data: data ?? "0x" });
  }
  return new RpcError("refused", `${method}: error ${error.code} from ${label}`);
}

function findRevertData(data: unknown): string | undefined {
  if (typeof data === "string") return /^0x([0-9a-fA-F]{2})*$/.test(data) ? data : undefined;
  if (typeof data !== "object" || data === null) return undefined;
  return findRevertData((data as { data?: unknown }).data);
}
