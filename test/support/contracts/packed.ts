import type { Hex } from "viem";
import { concatHex, encodeFunctionData, numberToHex, size } from "viem";
import { zoneSettlementAbi } from "../../../src/abi/zone-settlement.generated.ts";
import { KIND_RECEIVE } from "./authorization.ts";
import type { Item } from "./settlement.ts";
import { settleBatchCall } from "./settlement.ts";

/** Bytes of one group and of one item, as docs/contracts.md says. */
export const GROUP_BYTES = 74;
export const ITEM_BYTES = 182;

/** Writes a batch as `settlePacked` reads it; one group per distinct zone, payees and fee. */
export function pack(items: Item[]): Hex {
  const groups: Hex[] = [];
  const packedItems = items.map((item) => packItem(item, indexOf(groups, packGroup(item))));
  return concatHex([numberToHex(groups.length, { size: 1 }), ...groups, ...packedItems]);
}

/** Encodes the call of `settlePacked` with these bytes. */
export const packedCall = (packed: Hex) =>
  encodeFunctionData({ abi: zoneSettlementAbi, functionName: "settlePacked", args: [packed] });

/** Both ways to call a batch, which must do the same. */
export const BATCH_FORMS: readonly [string, (items: Item[]) => Hex][] = [
  ["settleBatch", settleBatchCall],
  ["settlePacked", (items) => packedCall(pack(items))],
];

function indexOf(groups: Hex[], group: Hex): number {
  const known = groups.indexOf(group);
  return known >= 0 ? known : groups.push(group) - 1;
}

function packGroup({ terms }: Item): Hex {
  const { zoneKey, recipient, creator, creatorFeeBps } = terms;
  return sized(
    concatHex([zoneKey, recipient, creator, numberToHex(creatorFeeBps, { size: 2 })]),
    GROUP_BYTES,
  );
}

function packItem({ terms, authorization }: Item, group: number): Hex {
  const { kind, v, r, s, from, validAfter } = authorization;
  const flags = (kind === KIND_RECEIVE ? 1 : 0) | (v === 28 ? 2 : 0);
  return sized(
    concatHex([
      numberToHex(group, { size: 1 }),
      numberToHex(flags, { size: 1 }),
      numberToHex(terms.amount, { size: 16 }),
      numberToHex(terms.deadline, { size: 8 }),
      numberToHex(validAfter, { size: 8 }),
      from,
      terms.requestKey,
      terms.salt,
      r,
      s,
    ]),
    ITEM_BYTES,
  );
}

function sized(bytes: Hex, expected: number): Hex {
  if (size(bytes) !== expected) throw new Error(`${size(bytes)} bytes, not ${expected}`);
  return bytes;
}
