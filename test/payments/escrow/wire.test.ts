import type { Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toFeeSplit } from "../../../src/protocol/terms.ts";
import { authorize } from "../../support/paid-steward.ts";
import type { Reply, WireClient } from "../../support/wire-client.ts";
import {
  balanceOf,
  callEscrow,
  deposit,
  type EscrowWorld,
  join,
  PRICE,
  pay,
  quote,
  signOp,
  startEscrowWorld,
  untilStatus,
  WEEK,
} from "./support/escrow-steward.ts";

let world: EscrowWorld;
beforeAll(async () => {
  world = await startEscrowWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const act = (client: WireClient, escrow: Reply, op: string, signature?: Hex) =>
  client.ask({
    type: "zone.escrow",
    escrow_id: escrow.escrow_id,
    op,
    ...(signature && { signature }),
  });

test("a release by signature pays recipient, creator and protocol, and costs the payer no gas", async () => {
  await using client = await join(world);
  const { paid, wallet } = world;
  const { payer } = paid;
  const creator = paid.chain.accounts[5]?.address as Hex;
  const treasury = paid.chain.accounts[1]?.address as Hex;
  const read = () =>
    Promise.all([payer.address, wallet, creator, treasury].map((owner) => balanceOf(world, owner)));
  const wei = () => paid.chain.client.getBalance({ address: payer.address });
  const nonce = () => paid.chain.client.getTransactionCount({ address: payer.address });
  const [before, weiBefore, nonceBefore] = await Promise.all([read(), wei(), nonce()]);

  const requirement = await quote(world, client);
  expect(requirement).toMatchObject({ settlement_mode: "escrow", to: paid.contracts.escrow });
  expect(requirement.terms.escrow_deadline).toBe(requirement.deadline + WEEK);
  const answer = await pay(client, requirement, payer);
  expect(answer).toMatchObject({
    type: "zone.response",
    escrow: { status: "deposited", amount: PRICE.toString(), recipient: wallet },
  });
  expect(answer.settlement).toBeUndefined();
  await untilStatus(client, answer.escrow.escrow_id, "pending_deposit");
  await untilStatus(client, answer.escrow.escrow_id, "deposited");
  expect(await balanceOf(world, payer.address)).toBe((before[0] ?? 0n) - PRICE);

  const signature = await signOp(payer, "Release", answer.escrow);
  const released = await act(client, answer.escrow, "release", signature);
  const split = toFeeSplit(PRICE, 100);
  expect(released).toMatchObject({
    type: "zone.escrow_state",
    escrow: {
      status: "released",
      recipient_amount: split.recipientAmount.toString(),
      creator_fee: split.creatorFee.toString(),
      protocol_fee: split.protocolFee.toString(),
    },
  });
  await untilStatus(client, answer.escrow.escrow_id, "released");
  const after = await read();
  expect(after.map((amount, i) => amount - (before[i] ?? 0n))).toEqual([
    -PRICE,
    split.recipientAmount,
    split.creatorFee,
    split.protocolFee,
  ]);
  expect([await wei(), await nonce()]).toEqual([weiBefore, nonceBefore]);
  expect(await act(client, answer.escrow, "release", signature)).toEqual(released);
  expect(await read()).toEqual(after);
  const receipt = await client.ask({ type: "zone.receipt", request_id: requirement.requestId });
  expect(receipt.escrow).toEqual(released.escrow);
});

test("a release signed for another escrow, recipient, amount, chain or contract, or by another, is refused", async () => {
  await using client = await join(world);
  const escrow = await deposit(world, client);
  const other = await deposit(world, client);
  const { payer, pauper } = world.paid;
  const forged = await Promise.all([
    signOp(payer, "Release", escrow, { escrow_id: other.escrow_id }),
    signOp(payer, "Release", escrow, { recipient: payer.address }),
    signOp(payer, "Release", escrow, { amount: "4999999" }),
    signOp(payer, "Release", escrow, { chain_id: 1 }),
    signOp(payer, "Release", escrow, { contract: world.paid.contracts.settlement }),
    signOp(pauper, "Release", escrow),
    signOp(payer, "Dispute", escrow),
  ]);
  for (const signature of [...forged, "0x12" as Hex]) {
    expect(await act(client, escrow, "release", signature)).toMatchObject({
      code: "payment_invalid",
      reason: "SIGNATURE_INVALID",
    });
  }
  expect(
    await act(client, escrow, "dispute", await signOp(payer, "Release", escrow)),
  ).toMatchObject({ reason: "SIGNATURE_INVALID" });
  expect(await act(client, escrow, "show")).toMatchObject({ escrow: { status: "deposited" } });
});

test("only the sender's own escrows are seen or changed by wire", async () => {
  await using client = await join(world);
  await using stranger = await join(world);
  const escrow = await deposit(world, client);
  const signature = await signOp(world.paid.payer, "Release", escrow);
  for (const op of ["show", "release", "refund", "dispute"]) {
    expect(await act(stranger, escrow, op, signature)).toMatchObject({ code: "invalid_params" });
  }
  expect(await act(client, escrow, "release")).toMatchObject({ code: "invalid_params" });
});

test("before the deadline a refund by wire is refused; the operator's, as the recipient, is carried", async () => {
  await using client = await join(world);
  const before = await balanceOf(world, world.paid.payer.address);
  const escrow = await deposit(world, client);
  expect(await act(client, escrow, "refund")).toMatchObject({
    code: "payment_invalid",
    reason: "ESCROW_STATE",
  });
  const { api } = world.paid.steward;
  const path = `/v1/escrows/${escrow.escrow_id}`;
  expect(await api("POST", `${path}/release`, {})).toMatchObject({ status: 409 });
  const answer = await api("POST", `${path}/refund`, {});
  expect(answer).toMatchObject({ status: 200, body: { status: "refunded" } });
  expect(await api("GET", path)).toMatchObject({ body: { status: "refunded" } });
  await untilStatus(client, escrow.escrow_id, "refunded");
  expect(await balanceOf(world, world.paid.payer.address)).toBe(before);
  const listed = await api("GET", "/v1/escrows?status=refunded&limit=5");
  expect(listed.body.escrows.map((one: Reply) => one.escrow_id)).toContain(escrow.escrow_id);
  const signature = await signOp(world.paid.payer, "Release", escrow);
  expect(await act(client, escrow, "release", signature)).toMatchObject({ reason: "ESCROW_STATE" });
});

test("releases, refunds and disputes by transactions made outside show up and are told", async () => {
  await using client = await join(world);
  const { payer } = world.paid;
  const [released, disputed] = [
    await deposit(world, client),
    await deposit(world, client, "judged"),
  ];
  await callEscrow(world, payer.address, "release", released.escrow_id);
  await untilStatus(client, released.escrow_id, "released");
  await callEscrow(world, payer.address, "dispute", disputed.escrow_id);
  const news = await untilStatus(client, disputed.escrow_id, "disputed");
  expect(news.escrow.deadline).toBe(disputed.deadline + WEEK);
  await callEscrow(world, world.arbiter, "refund", disputed.escrow_id);
  await untilStatus(client, disputed.escrow_id, "refunded");
});

test("a dispute by signature moves the deadline once; the arbiter's release is told", async () => {
  await using client = await join(world);
  const escrow = await deposit(world, client, "judged");
  const signature = await signOp(world.paid.payer, "Dispute", escrow);
  const answer = await act(client, escrow, "dispute", signature);
  expect(answer.escrow).toMatchObject({ status: "disputed", deadline: escrow.deadline + WEEK });
  expect(await act(client, escrow, "dispute", signature)).toEqual(answer);
  await callEscrow(world, world.arbiter, "release", escrow.escrow_id);
  await untilStatus(client, escrow.escrow_id, "released");
});

test("a payer without the money leaves a failed escrow", async () => {
  await using client = await join(world);
  const requirement = await quote(world, client);
  const answer = await pay(client, requirement, world.paid.pauper);
  expect(answer).toMatchObject({ code: "payment_failed", reason: "INSUFFICIENT_BALANCE" });
  const { body } = await world.paid.steward.api("GET", "/v1/escrows?status=failed");
  expect(body.escrows).toHaveLength(1);
  const [escrow] = body.escrows;
  expect(escrow).toMatchObject({ request_id: requirement.requestId, status: "failed" });
  await untilStatus(client, escrow.escrow_id, "failed");
  expect(await act(client, escrow, "show")).toMatchObject({ escrow: { status: "failed" } });
  const release = await signOp(world.paid.pauper, "Release", escrow);
  expect(await act(client, escrow, "release", release)).toMatchObject({ reason: "ESCROW_STATE" });
});

test("an escrow id that was used is refused before any broadcast, even after its release", async () => {
  await using client = await join(world);
  await using other = await join(world);
  const first = await quote(world, client);
  const { escrow } = await pay(client, first, world.paid.payer);
  const again = await quote(world, other, { requestId: first.requestId });
  const sent = await world.paid.chain.client.getTransactionCount({ address: world.wallet });
  const inUse = { code: "payment_invalid", reason: "ESCROW_IN_USE" };
  expect(await pay(other, again, world.paid.payer)).toMatchObject(inUse);
  await act(client, escrow, "release", await signOp(world.paid.payer, "Release", escrow));
  expect(await pay(other, again, world.paid.payer)).toMatchObject(inUse);
  const now = await world.paid.chain.client.getTransactionCount({ address: world.wallet });
  expect(now - sent).toBe(1);
});

test("the same authorization sent again joins its escrow and deposits once", async () => {
  await using client = await join(world);
  const requirement = await quote(world, client);
  const before = await balanceOf(world, world.paid.payer.address);
  const authorization = await authorize(requirement, world.paid.payer);
  const send = () =>
    client.ask({ type: "zone.payment", request_id: requirement.requestId, authorization });
  const [first, second] = await Promise.all([send(), send()]);
  expect(second).toEqual(first);
  expect(await send()).toEqual(first);
  expect(await balanceOf(world, world.paid.payer.address)).toBe(before - PRICE);
});

test("what the recipient does with the steward's own wallet is told, and the next deposit waits for the operator's word", async () => {
  await using client = await join(world);
  const { api } = world.paid.steward;
  const refunded = await deposit(world, client);
  await world.paid.chain.rpc("anvil_impersonateAccount", [world.wallet]);
  await callEscrow(world, world.wallet, "refund", refunded.escrow_id);
  await untilStatus(client, refunded.escrow_id, "refunded");
  const depositing = deposit(world, client);
  const standing = async () => (await api("GET", "/v1/wallets")).body.wallets[0];
  await expect.poll(async () => (await standing()).state, { timeout: 5_000 }).toBe("held");
  const { chain_id, chain_nonce: nonce } = await standing();
  expect((await api("POST", "/v1/wallets/release", { chain_id, nonce })).status).toBe(200);
  await depositing;
});
