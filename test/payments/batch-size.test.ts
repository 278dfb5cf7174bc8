import { expect, test } from "vitest";
import { type GasUser, toBatchGas, toBatchSize } from "../../src/payments/contracts/settle-call.ts";
import { toGasLeft } from "../../src/payments/settling/block-space.ts";

/** One payment: its recipient, its zone's creator and whether a smart account signed it. */
function pay(recipient: string, creator: string, byContract = false): GasUser {
  return { recipient, creator, byContract };
}

const SAME = Array.from({ length: 100 }, () => pay("shop", "ann"));
const APART = Array.from({ length: 100 }, (_, i) => pay("shop", `creator ${i}`));
const WALLETS = Array.from({ length: 100 }, () => pay("shop", "ann", true));
const LAST_WALLET = [...SAME.slice(0, 99), pay("shop", "ann", true)];
const FIRST_WALLET = [...LAST_WALLET].reverse();

test.each([
  ["no payments", [], 7_000_000n, 1],
  ["one payment", SAME.slice(0, 1), 7_000_000n, 1],
  ["one payment that is too dear, which goes alone", WALLETS.slice(0, 1), 1n, 1],
  ["payments that all fit", SAME, 7_000_000n, 100],
  ["a little less room than all need", SAME, toBatchGas(SAME) - 1n, 99],
  ["room for half", SAME, toBatchGas(SAME.slice(0, 50)), 50],
  ["payments to a hundred creators, each another account", APART, 7_000_000n, 68],
  ["smart accounts, whose own checks are dear", WALLETS, 7_000_000n, 5],
  ["one smart account at the end, which alone has to wait", LAST_WALLET, 7_000_000n, 99],
  ["one smart account at the beginning", FIRST_WALLET, 7_000_000n, 89],
  ["no room at all", SAME, 0n, 1],
] as const)("a batch holds as many payments as its gas allows: %s", (_, rows, gasMax, size) => {
  expect(toBatchSize(rows, gasMax)).toBe(size);
  const fits = (count: number) => toBatchGas(rows.slice(0, count)) <= gasMax;
  if (size > 1) expect(fits(size)).toBe(true);
  if (size < rows.length) expect(fits(size + 1)).toBe(false);
});

const MILLION = 1_000_000;
/** What a block holds. */
const BLOCK = 30n * BigInt(MILLION);

test.each([
  ["nothing waits", [], 30],
  ["one waits: it uses four fifths of its limit", [10], 22],
  ["two wait that fit into one block", [10, 10], 14],
  ["the second does not fit by its limit, and opens a block of its own", [20, 15], 18],
  ["the third does not fit any more", [10, 10, 20], 14],
  ["one is as large as a block", [30], 6],
  ["two are as large as a block each", [30, 30], 6],
  ["many small ones fill a block and begin another", Array.from({ length: 12 }, () => 5), 10],
] as const)("what is left of the next transaction's block: %s", (_, limits, left) => {
  const waiting = limits.map((limit) => ({ gasLimit: limit * MILLION }));
  expect(toGasLeft(waiting, BLOCK)).toBe(BigInt(left * MILLION));
});
