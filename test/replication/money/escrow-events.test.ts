import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../../src/protocol/ids.ts";
import { sendAsAnybody, toRuleCall } from "../../payments/escrow/support/outsider.ts";
import type { PayWorld } from "../../payments/support/engine.ts";
import {
  authorize,
  NETWORK,
  type PaidSteward,
  startPaidSteward,
} from "../../support/paid-steward.ts";
import { type RpcProxy, startRpcProxy } from "../../support/rpc-proxy.ts";
import type { TestSteward } from "../../support/steward.ts";
import { createAgentKey, WireClient } from "../../support/wire-client.ts";
import { Creator, epochAt, toSet, until } from "../support/replicated-zone.ts";

/** Longer than a contract is read that nothing is known to be held by. */
const UNWATCHED_BLOCKS = 80;
/** More than is read again each time. */
const OVERLAP_BLOCKS = 40;

const creator = new Creator();
const config = {
  handlers: { "*": { held: { type: "echo" } } },
  zones: { creation: "anyone" },
  replication: { allow: ["*"] },
};
let paid: PaidSteward;
let a: TestSteward;
let b: TestSteward;
let node: RpcProxy;

beforeAll(async () => {
  paid = await startPaidSteward(config);
  a = paid.steward;
  const { chain, contracts } = paid;
  node = await startRpcProxy(chain.rpcUrl);
  const entry = { chain_id: chain.chainId, network: NETWORK, rpc_urls: [node.url], ...contracts };
  b = await paid.start({ ...config, chains: [entry] });
}, 60_000);
afterAll(async () => {
  await b[Symbol.asyncDispose]();
  await node[Symbol.asyncDispose]();
  await paid[Symbol.asyncDispose]();
});

/** Mines so many blocks, and has the second steward look at the chain after them. */
async function mine(blocks: number): Promise<void> {
  await paid.chain.mine(blocks);
  await node.asked("eth_getBlockByNumber");
}

test("an escrow that was released while its zone had no primary is released at the one that takes over, however long ago", async () => {
  await mine(UNWATCHED_BLOCKS);
  const price = { amount: "2000000", asset: "USDC", network: NETWORK, settlement_mode: "escrow" };
  const zone = creator.sign(toSet(a, [b]), 1, {
    type: "service",
    chain_id: paid.chain.chainId,
    actions: [{ name: "held", description: "Held.", price: { ...price, escrow_secs: 3600 } }],
  });
  await creator.create(a, zone);
  await until("the voter has it", () => epochAt(b, zone.id) === 1);
  const key = createAgentKey();
  const member = await WireClient.connect(a.wireUrl, { key });
  await until("it joins", async () => {
    return (await member.ask({ type: "zone.join", zone_id: zone.id })).type === "zone.joined";
  });
  const body = { zone_id: zone.id, request_id: createId("req") };
  const quote = await member.ask({ type: "zone.request", ...body, action: "held", params: {} });
  const authorization = await authorize(quote.payment_requirement, paid.payer);
  const { escrow } = await member.ask({ type: "zone.payment", ...body, authorization });
  expect(escrow.status).toBe("deposited");
  await a[Symbol.asyncDispose]();
  const world = { chain: paid.chain, ...paid.contracts } as unknown as PayWorld;
  await sendAsAnybody(world, paid.payer.address, toRuleCall(world, "release", escrow.escrow_id));
  await mine(OVERLAP_BLOCKS);
  await creator.update(b, zone.next({ steward_set: toSet(b, [], [a]) }));
  await using late = await WireClient.connect(b.wireUrl, { key });
  const show = { type: "zone.escrow", escrow_id: escrow.escrow_id, op: "show" };
  await until("it is released", async () => (await late.ask(show)).escrow?.status === "released");
});
