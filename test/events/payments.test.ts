import type { Hex } from "viem";
import { expect, test } from "vitest";
import { fundAccounts } from "../../src/dev/fund.ts";
import { createId } from "../../src/protocol/ids.ts";
import { EventReader } from "../support/event-reader.ts";
import { authorize, NETWORK, startPaidSteward } from "../support/paid-steward.ts";
import { WireClient } from "../support/wire-client.ts";

const PRICE = { amount: "2000000", asset: "USDC", network: NETWORK };

test("each state of a payment and of its refund is told once, in its order, with what it was before", async () => {
  await using paid = await startPaidSteward({ handlers: { "*": { echo: { type: "echo" } } } });
  const { steward, chain, contracts, payer } = paid;
  const wallet = steward.steward.walletAddress as Hex;
  await fundAccounts({
    rpcUrl: chain.rpcUrl,
    minterKey: chain.accounts[0]?.key as Hex,
    usdc: contracts.usdc,
    holders: [wallet],
    amount: 10_000_000n,
    gasAccount: wallet,
    gasWei: 10n ** 19n,
  });
  const actions = [{ name: "echo", description: "Costs.", price: PRICE }];
  const zone_id = await steward.createZone({ actions });
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  await using reader = await EventReader.open(steward, `?types=payment.*,refund.*`);
  const request_id = createId("req");
  const ask = { type: "zone.request", request_id, zone_id, action: "echo", params: {} };
  const { payment_requirement } = await client.ask(ask);
  const authorization = await authorize(payment_requirement, payer);
  await client.ask({ type: "zone.payment", request_id, authorization });
  const { subject } = (await reader.find("payment.delivered")).data;
  await steward.api("POST", `/v1/payments/${subject}/refund`, { reason: "Kindness." });
  await reader.find("payment.refunded");
  const of = (family: string) => reader.messages.filter(({ type }) => type.startsWith(family));
  const states = of("payment.").map(({ data }) => [data.data.from, data.data.state]);
  expect(states).toEqual([
    [undefined, "quoted"],
    ["quoted", "authorized"],
    ["authorized", "submitting"],
    ["submitting", "submitted"],
    ["submitted", "confirmed"],
    ["confirmed", "delivered"],
    ["delivered", "refunded"],
  ]);
  expect(of("refund.").map(({ data }) => data.data.state)).toEqual([
    "requested",
    "submitted",
    "confirmed",
  ]);
  const { payments } = (await steward.api("GET", "/v1/payments")).body;
  expect((await reader.find("payment.confirmed")).data).toMatchObject({
    zone_id,
    subject: payments[0].id,
    data: {
      payment_id: payments[0].id,
      request_id,
      node_id: client.nodeId,
      action: "echo",
      mode: "direct",
      amount: PRICE.amount,
      payer: payer.address,
      tx_hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    },
  });
  expect(JSON.stringify(reader.messages)).not.toContain("signature");
});
