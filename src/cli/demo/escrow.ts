import { createPublicClient, type Hex, http } from "viem";
import type { Agent, EscrowInfo } from "../../client/agent.ts";
import type { DevWorld } from "../../dev/world.ts";
import { assertSplit, DemoError, printBalances, readBalances, say } from "./balances.ts";

const TEXT = "The the zone keeps the money\nuntil the work is accepted.";
const PRICE = 5_000_000n;

/** The demo's second act: deposit, result, release by a signature that the steward carries. */
export async function payByEscrow(
  world: DevWorld,
  { alice, wallet }: { readonly alice: Agent; readonly wallet: Hex },
): Promise<void> {
  const before = await readBalances(world, wallet);
  const gasBefore = await readWei(world, wallet);
  const changed = watchStatus(alice, "released");
  const done = await alice.request(
    world.zone.id,
    "audit",
    { text: TEXT },
    { pay: { maxAmount: PRICE } },
  );
  const { escrow } = done;
  if (escrow?.status !== "deposited") throw new DemoError("The answer has no deposited escrow.");
  say("escrow", `${escrow.amount} units (5 USDC) are held as ${escrow.escrow_id}`);
  say("result", JSON.stringify(done.result));
  const held = await readBalances(world, wallet);
  if (held.payer !== before.payer - PRICE || held.recipient !== before.recipient) {
    throw new DemoError("The deposit is not held by the escrow contract alone.");
  }
  const released = await alice.escrows.release(escrow.escrow_id);
  if (released.status !== "released") throw new DemoError(`The escrow is ${released.status}.`);
  await changed;
  say("released", `transaction ${released.resolved_tx_hash}, signed by alice, sent by the steward`);
  const after = await readBalances(world, wallet);
  printBalances(before, after);
  assertSplit(before, after, PRICE);
  if ((await readWei(world, wallet)) !== gasBefore) throw new DemoError("The payer paid for gas.");
  say("gas", "deposit and release cost the payer none");
  await releaseAgain(world, { alice, wallet, released });
}

async function releaseAgain(
  world: DevWorld,
  {
    alice,
    wallet,
    released,
  }: { readonly alice: Agent; readonly wallet: Hex; readonly released: EscrowInfo },
): Promise<void> {
  const before = await readBalances(world, wallet);
  const again = await alice.escrows.release(released.escrow_id);
  const listed = await alice.escrows.list();
  const after = await readBalances(world, wallet);
  const same = again.resolved_tx_hash === released.resolved_tx_hash && listed.length === 1;
  if (!same || before.payer !== after.payer || before.recipient !== after.recipient) {
    throw new DemoError("Released again, the escrow was another or moved money.");
  }
  say("again", "released again it is the same release and moves nothing");
}

function watchStatus(alice: Agent, status: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = alice.on("escrow", ({ escrow }) => {
      if (escrow.status !== status) return;
      stop();
      resolve();
    });
  });
}

function readWei(world: DevWorld, address: Hex): Promise<bigint> {
  return createPublicClient({ transport: http(world.rpcUrl), cacheTime: 0 }).getBalance({
    address,
  });
}
