/** Something that took its time, once it has ended; `docs/operations.md`, Traces. */
export interface EndedSpan {
  readonly name: string;
  /** Whether somebody else asked for it. */
  readonly kind: "server" | "internal";
  /** Milliseconds since the epoch. */
  readonly endedMs: number;
  readonly tookMs: number;
  /** What its trace is of: spans with the same text belong together, whichever process they are of. */
  readonly trace: string;
  /** Undefined ones are left out. */
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  /** Why it failed: a code. */
  readonly error?: string | undefined;
}

/** Takes spans; what has none is not traced. */
export interface SpanSink {
  add(span: EndedSpan): void;
}

/** Names the trace of a request for an action: its messages, its run, its payment. */
export function toRequestTrace(nodeId: string, requestId: string): string {
  return `request ${nodeId} ${requestId}`;
}
