import { AgentError } from "./agent-error.ts";

/** How long a call may take, and how its caller may give it up. */
export interface CallOptions {
  /** Milliseconds until the call fails with `timeout`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** One end of time shared by all steps of a call. */
export interface Deadline {
  /** Monotonic milliseconds, comparable with `monotonicMs()`. */
  readonly at: number;
  readonly signal: AbortSignal | undefined;
}

/** Milliseconds of a clock that never jumps. */
export function monotonicMs(): number {
  return performance.now();
}

/** Starts the time of a call. */
export function createDeadline(options: CallOptions, defaultTimeoutMs: number): Deadline {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  if (!(timeoutMs > 0)) {
    throw new AgentError("invalid_input", { message: "timeoutMs: expected more than 0." });
  }
  return { at: monotonicMs() + timeoutMs, signal: options.signal };
}

/** The error of a caller who gave up. */
function toAborted(signal: AbortSignal): AgentError {
  return signal.reason instanceof AgentError
    ? signal.reason
    : new AgentError("aborted", { cause: signal.reason });
}

/** Timers beyond this fire at once (32-bit milliseconds). */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Calls `onEnd` when the deadline passes or its signal aborts; the returned function disarms it. */
export function armDeadline(deadline: Deadline, onEnd: (error: AgentError) => void): () => void {
  const { signal } = deadline;
  const onAbort = () => {
    if (signal !== undefined) onEnd(toAborted(signal));
  };
  const delayMs = Math.min(TIMER_MS_MAX, Math.max(0, deadline.at - monotonicMs()));
  const timer = setTimeout(() => onEnd(new AgentError("timeout")), delayMs);
  if (signal?.aborted) queueMicrotask(onAbort);
  else signal?.addEventListener("abort", onAbort, { once: true });
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
}

/** Waits; resolves early, without an error, when the signal aborts. */
export function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener("abort", done, { once: true });
  });
}
