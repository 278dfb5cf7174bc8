import type { LogPosition } from "../../protocol/log-chain.ts";

/**
 * The pairs by which a responder finds how far a follower's log is its own: the log's end, then 1, 2,
 * 4 … back, last what is before its first entry; at most 64; `docs/protocol.md` §9.5.
 */
export function toLocator(log: {
  readonly start: LogPosition;
  readonly end: LogPosition;
  readonly hashAt: (seq: number) => string | undefined;
}): readonly LogPosition[] {
  const pairs: LogPosition[] = [];
  for (let back = 0; log.end.seq - back > log.start.seq; back = back === 0 ? 1 : back * 2) {
    const seq = log.end.seq - back;
    const hash = back === 0 ? log.end.hash : log.hashAt(seq);
    if (hash !== undefined) pairs.push({ seq, hash });
  }
  return [...pairs, { seq: log.start.seq, hash: log.start.hash }];
}
