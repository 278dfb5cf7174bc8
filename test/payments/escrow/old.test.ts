import { join } from "node:path";
import Database from "better-sqlite3";
import type { Address } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NETWORK, type PaidSteward, startPaidSteward } from "../../support/paid-steward.ts";
import type { TestSteward } from "../../support/steward.ts";
import { type Reply, WireClient } from "../../support/wire-client.ts";
import { callEscrow, type EscrowWorld, pay, quote } from "./support/escrow-steward.ts";

let paid: PaidSteward;
let steward: TestSteward;
beforeAll(async () => {
  paid = await startPaidSteward({});
  const handlers = { "*": { echo: { type: "echo" } } };
  const payments = { recipient: recipient() };
  steward = await paid.start({ handlers, payments });
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
  await paid[Symbol.asyncDispose]();
});

const recipient = () => paid.chain.accounts[7]?.address as Address;

test("an escrow that is refunded after its answer was forgotten holds up no other escrow", async () => {
  const price = { amount: "5000000", asset: "USDC", network: NETWORK, settlement_mode: "escrow" };
  const action = { name: "echo", description: "Held for a week.", price };
  const zoneId = await steward.createZone({ actions: [action] });
  const world = { paid: { ...paid, steward }, zoneId } as unknown as EscrowWorld;
  const client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: zoneId });
  const escrows: Reply[] = [];
  for (let i = 0; i < 2; i++) {
    const answer = await pay(client, await quote(world, client), paid.payer);
    escrows.push(answer.escrow);
  }
  await client[Symbol.asyncDispose]();
  const show = async (escrow: Reply | undefined) =>
    (await steward.api("GET", `/v1/escrows/${escrow?.escrow_id}`)).body;
  // Answers of paid requests are forgotten after 90 days.
  const db = new Database(join(steward.dataDir, "steward.sqlite"));
  expect(db.prepare("DELETE FROM requests WHERE state = 'answered'").run().changes).toBe(2);
  db.close();
  await callEscrow(world, recipient(), "refund", escrows[0]?.escrow_id);
  await callEscrow(world, paid.payer.address, "release", escrows[1]?.escrow_id);
  await expect
    .poll(async () => [(await show(escrows[0])).status, (await show(escrows[1])).status], {
      timeout: 5_000,
    })
    .toEqual(["refunded", "released"]);
});
