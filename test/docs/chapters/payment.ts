import { privateKeyToAccount } from "viem/accounts";
import { expect } from "vitest";
import { authorize } from "../../support/paid-steward.ts";
import type { Reply } from "../../support/wire-client.ts";
import { example } from "../../wire/protocol-doc.ts";
import type { Stage } from "../support/stage.ts";
import { DOC_TIME } from "../support/world.ts";

const SETTLEMENT = example("zone.response").settlement as { settled_at: number };

/** §6: an approved member offers an action. */
export async function replayProvide({ replay, agent, creator, provider }: Stage): Promise<void> {
  const approve = replay.sent("zone.approve");
  const done = await creator.ask(approve);
  replay.received("zone.done", done, { request_id: approve.request_id });
  replay.received("zone.providing", await provider.ask(replay.sent("zone.provide")));
  const { zone_id } = approve;
  const { members } = await agent.ask({ type: "zone.members", zone_id });
  expect(members.map(({ role }: Reply) => role)).toEqual(["member", "provider", "creator"]);
  expect(agent.left).toEqual([]);
}

/** §8: request, quote, two refused payments, the payment, its settlement, run and answer. */
export async function replayPayment(stage: Stage): Promise<void> {
  const { world, replay, agent, second, provider } = stage;
  world.clock.set(DOC_TIME);
  const quote = await agent.ask(replay.sent("zone.request"));
  const { payment_requirement } = replay.received("zone.payment_required", quote);
  const payment = replay.sent("zone.payment");
  const { authorization } = payment;
  const misspelt = { ...payment, authorization: { ...authorization, value: "2.0" } };
  replay.received("zone.error", await agent.ask(misspelt));
  // The documented nonce is not the one that was quoted now.
  replay.received("zone.error.detailed", await second.ask(payment));

  const signed = await authorize(payment_requirement, privateKeyToAccount(world.payerKey));
  const { nonce, v, r, s } = signed;
  expect(signed).toEqual({ ...authorization, nonce, v, r, s });
  await world.chain.rpc("evm_setIntervalMining", [0]);
  const paid = agent.send({ ...payment, authorization: signed });
  const receipt = replay.sent("zone.receipt");
  let pending: Reply = {};
  const askState = async () => {
    pending = await second.ask(receipt);
    return pending.state;
  };
  await expect.poll(askState, { timeout: 10_000 }).toBe("submitted");
  replay.received("zone.pending", pending);

  // The block that settles has the documented time.
  await world.chain.setNextBlockTime(BigInt(SETTLEMENT.settled_at));
  await world.chain.mine();
  const invoke = replay.received("zone.invoke", await provider.delivery("zone.invoke"));
  const { invoke_id } = invoke;
  const refused = provider.send(replay.sent("zone.result.failed", { invoke_id }));
  await provider.ack(refused);
  replay.received("zone.error.failed", await agent.reply(paid));

  const again = agent.send(example("zone.request"));
  expect(await provider.delivery("zone.invoke")).toEqual(invoke);
  const result = provider.send(replay.sent("zone.result", { invoke_id }));
  await provider.ack(result);
  const answer = replay.received("zone.response", await agent.reply(again));
  expect(answer.request_id).toBe(receipt.request_id);
  expect(await agent.ask(receipt)).toEqual(answer);
}

/** §8: the same request of another node, to a zone that has its price held in escrow. */
export async function replayEscrow({ world, replay, creator }: Stage): Promise<void> {
  world.clock.set(DOC_TIME);
  const { escrow } = example("zone.escrow_state") as Reply;
  const price = { amount: escrow.amount, asset: "USDC", network: "anvil" };
  const zone_id = await world.test.createZone({
    name: "Held",
    actions: [
      { name: "echo", description: "Echoes", price: { ...price, settlement_mode: "escrow" } },
    ],
  });
  await creator.ask({ type: "zone.join", zone_id });
  const { request_id } = escrow;
  const quote = await creator.ask({ type: "zone.request", request_id, zone_id, action: "echo" });
  const payer = privateKeyToAccount(world.payerKey);
  const authorization = await authorize(quote.payment_requirement, payer);
  await world.chain.rpc("evm_setIntervalMining", [1]);
  const answer = await creator.ask({ type: "zone.payment", request_id, authorization });
  const shown = await creator.ask(replay.sent("zone.escrow"));
  replay.received("zone.escrow_state", shown);
  expect(answer.escrow).toEqual(shown.escrow);
}
