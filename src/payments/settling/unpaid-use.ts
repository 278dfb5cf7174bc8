import { getAddress, type Hex } from "viem";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { Chain } from "../chain/chain.ts";
import { readLevelHead } from "../chain/level-head.ts";
import { type Block, findBlock } from "../chain/reads.ts";
import type { RpcEndpoint } from "../chain/rpc-endpoint.ts";
import { findVerdict, readUsers } from "./verdict.ts";

/**
 * What the chain shows of a requirement that no authorization is known for: `unused`: nobody paid it, and nobody can
 * any more; `used`: somebody did; `unknown`: not found out.
 */
export type UnpaidUse =
  | { readonly kind: "unused" }
  | { readonly kind: "used"; readonly payer: Hex }
  | { readonly kind: "unknown" };

const UNKNOWN: UnpaidUse = { kind: "unknown" };

/**
 * Looks for whoever used a requirement's nonce towards its contract, past the deadline by the chain's time. Whose
 * nonce of the same value went elsewhere paid nothing. No state of the chain is kept by the nonce alone, so every URL
 * must show that there is no event; `docs/protocol.md` §9.9.
 * @throws RpcError where one does not answer, or is behind
 */
export async function findUnpaidUse(chain: Chain, row: PaymentRow): Promise<UnpaidUse> {
  const users = new Set<Hex>();
  let isOver = true;
  await chain.rpc.each(async (rpc) => {
    const head = await readLevelHead(chain, rpc);
    if (!(await isPast(chain, rpc, row, head))) isOver = false;
    else for (const user of await readUsers(rpc, row, head.number)) users.add(user);
  });
  if (!isOver) return UNKNOWN;
  for (const user of users) {
    const payer = getAddress(user);
    const { kind } = await findVerdict(chain, { ...row, payer });
    if (kind === "settled" || kind === "stranded") return { kind: "used", payer };
    if (kind !== "void") return UNKNOWN;
  }
  return { kind: "unused" };
}

/** Whether a block that no reorganisation takes back any more is past the deadline. */
async function isPast(
  { config }: Chain,
  rpc: RpcEndpoint,
  { deadline }: PaymentRow,
  head: Block,
): Promise<boolean> {
  const deep = await findBlock(rpc, Math.max(0, head.number - config.confirmations + 1));
  return deep !== undefined && deep.timestamp >= deadline;
}
