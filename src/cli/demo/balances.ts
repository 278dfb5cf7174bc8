import { createPublicClient, erc20Abi, formatUnits, type Hex, http } from "viem";
import type { DevWorld } from "../../dev/world.ts";
import { toFeeSplit } from "../../protocol/terms.ts";

const CREATOR_FEE_BPS = 100;

/** What everybody in the demo holds, in the smallest unit. */
export type Balances = Readonly<Record<"payer" | "recipient" | "creator" | "protocol", bigint>>;

/** Something in the demo is not as it should be. */
export class DemoError extends Error {
  override readonly name = "DemoError";
}

/** Reads what everybody in the demo holds of the token. */
export async function readBalances(world: DevWorld, payer: Hex): Promise<Balances> {
  const client = createPublicClient({ transport: http(world.rpcUrl), cacheTime: 0 });
  const read = (holder: Hex) =>
    client.readContract({
      address: world.contracts.usdc,
      abi: erc20Abi,
      functionName: "balanceOf",
      args: [holder],
    });
  const { recipient, creator, treasury } = world.accounts;
  const [p, r, c, t] = await Promise.all([payer, recipient, creator, treasury].map(read));
  return { payer: p ?? 0n, recipient: r ?? 0n, creator: c ?? 0n, protocol: t ?? 0n };
}

/** Prints what everybody had, has, and the difference. */
export function printBalances(before: Balances, after: Balances): void {
  say("balances", "             before (USDC)     after (USDC)       change (units)");
  for (const name of ["payer", "recipient", "creator", "protocol"] as const) {
    const [from, to] = [before[name], after[name]];
    const cells = [formatUnits(from, 6), formatUnits(to, 6), (to - from).toString()];
    say("balances", `${name.padEnd(10)} ${cells.map((cell) => cell.padStart(16)).join("  ")}`);
  }
}

/** Makes sure that a price was split to the last unit. @throws DemoError */
export function assertSplit(before: Balances, after: Balances, price: bigint): void {
  const change = (name: keyof Balances): bigint => after[name] - before[name];
  const split = toFeeSplit(price, CREATOR_FEE_BPS);
  const right =
    change("payer") === -price &&
    change("recipient") === split.recipientAmount &&
    change("creator") === split.creatorFee &&
    change("protocol") === split.protocolFee;
  if (!right) throw new DemoError("The balances do not add up.");
  say("balances", "the four changes sum to 0, to the last unit");
}

/** Prints one line of the demo. */
export function say(topic: string, text: string): void {
  process.stdout.write(`${topic.padEnd(9)} ${text}\n`);
}
