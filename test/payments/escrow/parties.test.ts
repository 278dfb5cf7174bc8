import type { Hex, LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Agent } from "../../../src/client/agent.ts";
import { NETWORK } from "../../support/paid-steward.ts";
import {
  balanceOf,
  type EscrowWorld,
  join,
  PRICE,
  pay,
  quote,
  startEscrowWorld,
} from "./support/escrow-steward.ts";

/** A published development key, anvil's eighth: here the recipient of all payments. */
const RECIPIENT_KEY = "0x4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356";
const recipient = privateKeyToAccount(RECIPIENT_KEY);

let world: EscrowWorld;
let arbiter: LocalAccount;
beforeAll(async () => {
  world = await startEscrowWorld({
    payments: { head_age_max_secs: 0, recipient: recipient.address },
  });
  arbiter = privateKeyToAccount(world.paid.chain.accounts[6]?.key as Hex);
});
afterAll(() => world[Symbol.asyncDispose]());

/** An account that writes its address in lower case, and counts what it signs. */
function inLowerCase(account: LocalAccount) {
  const address = account.address.toLowerCase() as Hex;
  const counted = { ...account, address, signatures: 0 };
  counted.signTypedData = ((document: never) => {
    counted.signatures++;
    return account.signTypedData(document);
  }) as typeof account.signTypedData;
  return counted;
}

test("whoever pays an escrow is neither its arbiter nor its recipient, however the address is written", async () => {
  await using client = await join(world);
  const conflicts = [
    { action: "judged", account: arbiter },
    { action: "judged", account: inLowerCase(arbiter) },
    { action: "judged", account: recipient },
    { action: "echo", account: inLowerCase(recipient) },
  ];
  for (const { action, account } of conflicts) {
    const requirement = await quote(world, client, { action });
    const answer = await pay(client, requirement, account as never);
    expect(answer).toMatchObject({ code: "payment_invalid", reason: "PARTY_CONFLICT" });
    // Nobody owns the requirement yet: another account pays it.
    const paid = await pay(client, requirement, world.paid.payer);
    expect(paid).toMatchObject({ type: "zone.response", escrow: { status: "deposited" } });
  }
  expect(await balanceOf(world, world.paid.contracts.escrow)).toBe(4n * PRICE);
});

test("the SDK signs no escrow that its wallet would arbitrate or receive", async () => {
  const { contracts, chain, steward } = world.paid;
  const cases = [
    { account: inLowerCase(arbiter), action: "judged" },
    { account: inLowerCase(recipient), action: "echo" },
  ];
  for (const { account, action } of cases) {
    await using agent = await Agent.connect(steward.wireUrl, {
      key: crypto.getRandomValues(new Uint8Array(32)),
      name: "payer",
      wallet: account,
      chains: { [chain.chainId]: contracts },
    });
    await agent.join(world.zoneId);
    const request = agent.request(world.zoneId, action, {}, { pay: { maxAmount: PRICE } });
    await expect(request).rejects.toMatchObject({
      code: "payment_invalid",
      reason: "PARTY_CONFLICT",
      recovery: "change",
      hint: expect.stringContaining("Pay from an account"),
    });
    expect(account.signatures).toBe(0);
  }
});

test("an arbiter who is the recipient is refused before any quote", async () => {
  const price = {
    amount: PRICE.toString(),
    asset: "USDC",
    network: NETWORK,
    settlement_mode: "escrow",
    arbiter: recipient.address.toLowerCase(),
  };
  const zone_id = await world.paid.steward.createZone({
    actions: [{ name: "echo", description: "Judged by its recipient.", price }],
  });
  await using client = await join(world);
  await client.ask({ type: "zone.join", zone_id });
  const answer = await client.ask({
    type: "zone.request",
    request_id: "req_own_judge",
    zone_id,
    action: "echo",
  });
  expect(answer).toMatchObject({ code: "payment_failed", reason: "PARTY_CONFLICT" });
});
