import { toNodeId } from "../../../src/protocol/node-id.ts";

/** A simulated steward's names; nothing is signed with them. */
export interface SimKey {
  readonly id: string;
  readonly name: string;
  readonly publicKey: string;
}

const KEYS = ["A", "B", "C", "D", "E"].map((name, index) => ({
  name,
  id: toNodeId(new Uint8Array(32).fill(index + 1)),
  publicKey: `0${index + 1}`.repeat(32),
}));

/** Names for so many stewards. */
export function createKeys(count: number): readonly SimKey[] {
  return KEYS.slice(0, count);
}
