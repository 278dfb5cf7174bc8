import { expect, test } from "vitest";
import { createMemoryLedger } from "../../../src/client/agent.ts";
import { toRequestKey } from "../../../src/protocol/terms.ts";
import type { TestNodeKey } from "../keys.ts";
import { createQuote, RECIPIENT, SETTLEMENT, TOKEN } from "../quote-fixture.ts";
import type { AnyBody } from "../scripted-steward.ts";
import { CHAIN_ID, ZONE_ID } from "../zone-fixture.ts";
import {
  type Answer,
  agentKey,
  bodiesOf,
  connect,
  messagesOf,
  refuse,
  signSet,
  startStewards,
  type ZoneSteward,
} from "./stewards.ts";

const WALLET_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const params = { text: "Guten Tag" };
const ids = { nodeId: agentKey.nodeId, requestId: "req_1", params };
const requestKey = toRequestKey(ids.nodeId, ids.requestId, { action: "translate", params });
const deadline = Math.floor(Date.now() / 1000) + 300;

const RESPONSE = {
  type: "zone.response",
  request_id: "req_1",
  zone_id: ZONE_ID,
  action: "translate",
  result: "Good day",
  settlement: {
    tx_hash: `0x${"ab".repeat(32)}`,
    block_number: 7,
    chain_id: CHAIN_ID,
    token: TOKEN,
    amount: "2000000",
    protocol_fee: "2000",
    creator_fee: "50000",
    recipient_amount: "1948000",
    recipient: RECIPIENT,
    settled_at: 1_800_000_000,
  },
};

const say =
  (body: AnyBody): Answer =>
  (socket, _body, message) =>
    socket.reply(message, body);

const quoteBy = (key: TestNodeKey, changes: Partial<Parameters<typeof createQuote>[1]> = {}) =>
  say(createQuote(key, { ...ids, deadline, ...changes }));

async function start() {
  const stewards = (await startStewards(3)) as [ZoneSteward, ZoneSteward, ZoneSteward];
  const ledger = createMemoryLedger();
  const connectPayer = async (steward: ZoneSteward) => {
    const agent = await connect(steward, {
      ledger,
      wallet: WALLET_KEY,
      chains: { [CHAIN_ID]: { usdc: TOKEN, settlement: SETTLEMENT } },
    });
    await agent.join(ZONE_ID);
    return agent;
  };
  return { stewards, ledger, connectPayer };
}

const pay = (agent: Awaited<ReturnType<typeof connect>>) =>
  agent.request(ZONE_ID, "translate", params, { pay: { maxAmount: 2_000_000n }, ...ids });

function kill({ peer, key }: ZoneSteward): void {
  peer.script = { key, onVerify: (socket) => socket.drop() };
  for (const socket of peer.sockets) socket.drop();
}

test("a payment whose steward is lost goes to the new primary with the same authorization", async () => {
  const { stewards, ledger, connectPayer } = await start();
  const [a, b, c] = stewards;
  a.answers["zone.request"] = quoteBy(a.key);
  a.answers["zone.payment"] = () => {
    for (const steward of [b, c]) steward.envelope = signSet(stewards, 1, 2, a.envelope);
    kill(a);
  };
  for (const steward of [b, c]) steward.answers["zone.payment"] = say(RESPONSE);
  const agent = await connectPayer(a);
  expect(await pay(agent)).toMatchObject({ result: "Good day" });
  const [first] = bodiesOf(a, "zone.payment");
  const [second, ...more] = [...messagesOf(b, "zone.payment"), ...messagesOf(c, "zone.payment")];
  expect(more).toEqual([]);
  expect(second).toMatchObject({ to: b.key.nodeId, body: first as object });
  expect(first?.zone_id).toBe(ZONE_ID);
  const entries = await ledger.list?.();
  expect(entries).toMatchObject([{ requestKey, state: "settled" }]);
});

test("a quote that a replica passes on is checked with the primary's key that stands in it", async () => {
  const { stewards, connectPayer } = await start();
  const [a, b] = stewards;
  b.answers["zone.request"] = quoteBy(a.key, { quote: { public_key: a.key.publicKeyHex } });
  b.answers["zone.payment"] = say(RESPONSE);
  const agent = await connectPayer(b);
  expect(await pay(agent)).toMatchObject({ result: "Good day" });
  for (const type of ["zone.request", "zone.payment"]) {
    expect(messagesOf(b, type)[0]).toMatchObject({ to: a.key.nodeId, sig: expect.any(String) });
  }
});

test("another steward's fresh requirement is not paid while the first authorization could execute", async () => {
  const { stewards, ledger, connectPayer } = await start();
  const [a, b, c] = stewards;
  a.answers["zone.request"] = quoteBy(a.key);
  a.answers["zone.payment"] = () => {
    for (const steward of [b, c]) steward.envelope = signSet(stewards, 1, 2, a.envelope);
    kill(a);
  };
  kill(c);
  // It has lost the first one and quotes anew.
  b.answers["zone.payment"] = refuse("payment_required");
  b.answers["zone.request"] = quoteBy(b.key, { salt: `0x${"6b".repeat(32)}` });
  const agent = await connectPayer(a);
  await expect(pay(agent)).rejects.toMatchObject({ code: "payment_required" });
  await expect(pay(agent)).rejects.toMatchObject({
    code: "payment_unresolved",
    reason: "AUTHORIZATION_OPEN",
    recovery: "reconcile",
  });
  expect(
    new Set(
      [a, b]
        .flatMap((steward) => bodiesOf(steward, "zone.payment"))
        .map((body) => body.authorization.nonce),
    ).size,
  ).toBe(1);
  expect(await ledger.list?.()).toHaveLength(1);
});

test("a payment of unknown effect is repeated as it is, and answered once the outcome is known", async () => {
  const { stewards, connectPayer } = await start();
  const [a] = stewards;
  a.answers["zone.request"] = quoteBy(a.key);
  a.answers["zone.payment"] = (socket, body, message) => {
    a.answers["zone.payment"] = say(RESPONSE);
    const unknown = { reason: "REPLICATION_TIMEOUT", recovery: "reconcile", retry_after_ms: 1 };
    refuse("internal", unknown)(socket, body, message);
  };
  const agent = await connectPayer(a);
  expect(await pay(agent)).toMatchObject({ result: "Good day" });
  const [first, second] = bodiesOf(a, "zone.payment");
  expect(second).toEqual(first);
});

test("a receipt is asked of the request's zone, signed to its primary, in a later process, too", async () => {
  const { stewards, connectPayer } = await start();
  const [a, b] = stewards;
  a.answers["zone.request"] = quoteBy(a.key);
  a.answers["zone.payment"] = say(RESPONSE);
  await pay(await connectPayer(a));
  b.answers["zone.receipt"] = say(RESPONSE);
  const later = await connectPayer(b);
  expect(await later.receipt("req_1")).toMatchObject({ result: "Good day" });
  expect(messagesOf(b, "zone.receipt")[0]).toMatchObject({
    to: a.key.nodeId,
    sig: expect.any(String),
    body: { zone_id: ZONE_ID },
  });
});
