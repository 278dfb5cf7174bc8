import type { Shape } from "../../../support/shaped-node.ts";

const toHex = (n: number) => `0x${n.toString(16)}`;

/**
 * A chain on which many blocks pass for each real one: the real block `n` after `base` is number
 * `base + (n - base) * factor`, and those between look like the one before them.
 */
export function stretch(base: number, factor: number, inner: Shape): Shape {
  return renumber(
    {
      out: (n) => (n <= base ? n : base + (n - base) * factor),
      back: (n) => (n <= base ? n : base + Math.floor((n - base) / factor)),
    },
    inner,
  );
}

/** A chain on which so many blocks passed at one time, after a block: they look like that one. */
export function leap(base: number, blocks: number, inner: Shape): Shape {
  return renumber(
    {
      out: (n) => (n <= base ? n : n + blocks),
      back: (n) => (n <= base ? n : Math.max(base, n - blocks)),
    },
    inner,
  );
}

/** How a chain's blocks are counted: from the real number, and back to it. */
interface Numbers {
  readonly out: (real: number) => number;
  readonly back: (shown: number) => number;
}

function renumber({ out, back }: Numbers, inner: Shape): Shape {
  const toReal = (value: unknown): unknown => {
    if (isNumber(value)) return toHex(back(Number(value)));
    if (typeof value !== "object" || value === null || !("fromBlock" in value)) return value;
    const { fromBlock, toBlock } = value as { fromBlock: unknown; toBlock?: unknown };
    return { ...value, fromBlock: toReal(fromBlock), toBlock: toReal(toBlock) };
  };
  const toStretched = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(toStretched);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, field]) => {
      const isHeight = (key === "blockNumber" || key === "number") && isNumber(field);
      return [key, isHeight ? toHex(out(Number(field))) : toStretched(field)];
    });
    return Object.fromEntries(entries);
  };
  return async (call, ask, request) => {
    const answer = await inner({ ...call, params: call.params.map(toReal) }, ask, request);
    if (!("result" in answer)) return answer;
    const result = toStretched(answer.result);
    const [asked] = call.params;
    const isBlock = call.method === "eth_getBlockByNumber" && isNumber(asked);
    return { result: isBlock && result ? { ...result, number: asked } : result };
  };
}

/** A quantity as short as a block's number. */
function isNumber(value: unknown): value is string {
  return typeof value === "string" && /^0x[0-9a-f]{1,8}$/.test(value);
}
