import {
  honest,
  type NodeAnswer,
  type NodeCall,
  type Shape,
} from "../../../support/shaped-node.ts";

/** Answers some methods in another way than the node. */
export function answering(methods: Record<string, Shape>): Shape {
  return (call, ask, request) => (methods[call.method] ?? honest)(call, ask, request);
}

/** Refuses with an error. */
export function refusing(code: number, message: string, data?: unknown): Shape {
  return () => ({ error: { code, message, ...(data !== undefined && { data }) } });
}

/** Does something the first times that it is asked, and answers as the node does after that. */
export function first(times: number, shape: Shape): Shape {
  let left = times;
  return (call, ask, request) => (left-- > 0 ? shape(call, ask, request) : ask(call));
}

/** Where a call is such a one, another shape than the node's. */
export function where(holds: (call: NodeCall) => boolean, shape: Shape): Shape {
  return (call, ask, request) => (holds(call) ? shape(call, ask, request) : ask(call));
}

/** Changes what the node answers. */
export function changing(change: (result: never) => unknown): Shape {
  return async (call, ask) => {
    const answer = await ask(call);
    if (!("result" in answer) || answer.result === null) return answer;
    return { result: change(answer.result as never) };
  };
}

/** Spells the reverts of calls in another way. */
export function spelling(spell: (data: unknown) => NodeAnswer): Shape {
  return async (call, ask) => {
    const answer = await ask(call);
    return "error" in answer && answer.error.code === 3 ? spell(answer.error.data) : answer;
  };
}

/** A receipt is shown when its block is so deep. */
export function late(blocks: number): Shape {
  return async (call, ask) => {
    const answer = await ask(call);
    if (!("result" in answer) || answer.result === null) return answer;
    const { blockNumber } = answer.result as { blockNumber: string };
    const head = await ask({ method: "eth_blockNumber", params: [] });
    const number = "result" in head ? Number(head.result) : 0;
    return number - Number(blockNumber) < blocks ? { result: null } : answer;
  };
}

/** Answers at the latest block as the node did some blocks ago. */
export function behind(blocks: number): Shape {
  return async (call, ask) => {
    const head = await ask({ method: "eth_blockNumber", params: [] });
    const at = "result" in head ? Math.max(0, Number(head.result) - blocks) : 0;
    const params = call.params.map((param) => {
      if (param === "latest") return `0x${at.toString(16)}`;
      // A node that is behind has not the blocks above.
      return typeof param === "object" && param !== null && "blockHash" in param
        ? `0x${at.toString(16)}`
        : param;
    });
    return ask({ ...call, params });
  };
}

/** Refuses events of more than so many blocks. */
export function spans(blocks: number, refusal: Shape): Shape {
  return where(({ params }) => {
    const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
    return Number(toBlock) - Number(fromBlock) + 1 > blocks;
  }, refusal);
}

/** Whether a call names its block by hash (EIP-1898). */
export function isByHash({ params }: NodeCall): boolean {
  return typeof params[1] === "object" && params[1] !== null;
}

/** A history in which others paid such tips. */
export const paying =
  (tip: bigint): Shape =>
  () => ({
    result: { oldestBlock: "0x1", reward: [[`0x${tip.toString(16)}`], ["0x0"]] },
  });
