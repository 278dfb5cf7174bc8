/** Blocks that are asked about in one go. */
export const SPAN_BLOCKS = 2_000;

/** Blocks from one to another, both included. */
export interface Span {
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** Cuts blocks into spans that nodes answer about, in their order; none where there are no blocks. */
export function toSpans({ fromBlock, toBlock }: Span): Span[] {
  const spans: Span[] = [];
  for (let start = fromBlock; start <= toBlock; start += SPAN_BLOCKS) {
    spans.push({ fromBlock: start, toBlock: Math.min(start + SPAN_BLOCKS - 1, toBlock) });
  }
  return spans;
}
