import { createPublicKey, verify } from "node:crypto";
import { privateKeyToAccount } from "viem/accounts";
import { expect, onTestFinished, test } from "vitest";
import {
  Agent,
  type AgentOptions,
  createMemoryLedger,
  type PaymentLedger,
} from "../../src/client/agent.ts";
import { toMessageContent } from "../../src/protocol/signed-content.ts";
import { toRequestKey } from "../../src/protocol/terms.ts";
import { createTestKey } from "./keys.ts";
import { createQuote, ESCROW, RECIPIENT, SETTLEMENT, TOKEN } from "./quote-fixture.ts";
import {
  type AnyBody,
  type Script,
  type ScriptedSocket,
  startScriptedSteward,
} from "./scripted-steward.ts";
import { CHAIN_ID, createZoneEnvelope, toContentHash, ZONE_ID } from "./zone-fixture.ts";

const WALLET_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const agentKey = createTestKey(5);
const creator = createTestKey(1);
const steward = createTestKey(2);
const params = { text: "Guten Tag" };
const requestKey = toRequestKey(agentKey.nodeId, "req_1", { action: "translate", params });
const nowSecs = () => Math.floor(Date.now() / 1000);

const RECEIPT = {
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
};

const toResponse = (settlement: AnyBody | undefined = RECEIPT): AnyBody => ({
  type: "zone.response",
  request_id: "req_1",
  zone_id: ZONE_ID,
  action: "translate",
  result: "Good day",
  settlement,
});

const quoteNow = (changes: Partial<Parameters<typeof createQuote>[1]> = {}) =>
  createQuote(steward, {
    nodeId: agentKey.nodeId,
    requestId: "req_1",
    params,
    deadline: nowSecs() + 300,
    ...changes,
  });

type Handler = (socket: ScriptedSocket, body: AnyBody, message: { id: string }) => void;

/** A steward that answers inspect truly and the rest as the test says. */
function script(handlers: Record<string, Handler>): Script {
  const envelope = createZoneEnvelope(creator, steward);
  return {
    onMessage: (socket, body, message) => {
      const handler = handlers[body.type];
      if (handler !== undefined) return handler(socket, body, message);
      socket.reply(message, { type: "zone.manifest", envelope, members: 0, state: "active" });
    },
  };
}

const reply =
  (body: (received: AnyBody) => AnyBody): Handler =>
  (socket, received, message) =>
    socket.reply(message as never, body(received));

async function connect(wireUrl: string, options: Partial<AgentOptions> = {}): Promise<Agent> {
  const agent = await Agent.connect(wireUrl, {
    key: agentKey.seed,
    name: "payer",
    pacing: false,
    reconnect: { initialDelayMs: 5, maxDelayMs: 20 },
    wallet: WALLET_KEY,
    chains: { [CHAIN_ID]: { usdc: TOKEN, settlement: SETTLEMENT, escrow: ESCROW } },
    ...options,
  });
  onTestFinished(() => agent.close());
  return agent;
}

const pay = (agent: Agent, maxAmount: bigint | string = "2000000") =>
  agent.request(ZONE_ID, "translate", params, { pay: { maxAmount }, requestId: "req_1" });

const paymentsOf = (bodies: readonly AnyBody[]) =>
  bodies.filter((body) => body.type === "zone.payment").map((body) => body.authorization);

test("a quote is paid with the recorded authorization, and the receipt ends the record", async () => {
  const ledger = createMemoryLedger();
  const quote = quoteNow();
  let recorded: unknown;
  const peer = await startScriptedSteward(
    script({
      "zone.request": reply(() => quote),
      "zone.payment": async (socket, body, message) => {
        recorded = (await ledger.get(requestKey))?.authorization;
        expect(body.authorization).toEqual(recorded);
        socket.reply(message as never, toResponse());
      },
    }),
  );
  const agent = await connect(peer.wireUrl, { ledger });
  const outcome = await pay(agent);
  expect(outcome).toEqual({ requestId: "req_1", result: "Good day", settlement: RECEIPT });
  expect(recorded).toMatchObject({
    from: privateKeyToAccount(WALLET_KEY).address,
    nonce: (quote.payment_requirement as AnyBody).nonce,
  });
  expect(await ledger.get(requestKey)).toMatchObject({ state: "settled", txHash: RECEIPT.tx_hash });
});

test("a ledger that cannot record stops the payment before anything is sent", async () => {
  const broken: PaymentLedger = {
    get: async () => undefined,
    put: async () => {
      throw new Error("disk full");
    },
  };
  const peer = await startScriptedSteward(script({ "zone.request": reply(() => quoteNow()) }));
  const agent = await connect(peer.wireUrl, { ledger: broken });
  await expect(pay(agent)).rejects.toMatchObject({ code: "ledger_failed", message: "disk full" });
  expect(paymentsOf(peer.bodies)).toEqual([]);
});

test("a lost connection sends the same authorization again, under a new message id", async () => {
  const quote = quoteNow();
  const peer = await startScriptedSteward(
    script({
      "zone.request": reply(() => quote),
      "zone.payment": (socket, _body, message) => {
        if (socket.index === 0) socket.drop();
        else socket.reply(message as never, toResponse());
      },
    }),
  );
  const agent = await connect(peer.wireUrl);
  await pay(agent);
  const [first, second, ...more] = paymentsOf(peer.bodies);
  expect(second).toEqual(first);
  expect(peer.bodies.filter(({ type }) => type === "zone.payment")).toMatchObject([
    { zone_id: ZONE_ID },
    { zone_id: ZONE_ID },
  ]);
  expect(more).toEqual([]);
  expect(new Set(peer.messages.map((message) => message.id)).size).toBe(peer.messages.length);
});

test("repeating a request whose payment failed sends the recorded authorization, in a new process too", async () => {
  const ledger = createMemoryLedger();
  const quote = quoteNow();
  const failed = {
    type: "zone.error",
    request_id: "req_1",
    code: "payment_failed",
    message: "No.",
  };
  const peer = await startScriptedSteward(
    script({ "zone.request": reply(() => quote), "zone.payment": reply(() => failed) }),
  );
  const first = await connect(peer.wireUrl, { ledger });
  await expect(pay(first)).rejects.toMatchObject({ code: "payment_failed" });
  const second = await connect(peer.wireUrl, { ledger });
  await expect(pay(second)).rejects.toMatchObject({ code: "payment_failed" });
  const [one, two] = paymentsOf(peer.bodies);
  expect(two).toEqual(one);
});

test("a steward that quotes anew cannot get a second authorization while the first may execute", async () => {
  const ledger = createMemoryLedger();
  let salt = 0;
  const peer = await startScriptedSteward(
    script({
      "zone.request": reply(() => quoteNow({ salt: `0x${String(++salt).padStart(64, "0")}` })),
      "zone.payment": reply(() => ({
        type: "zone.error",
        request_id: "req_1",
        code: "payment_invalid",
        message: "Never seen.",
      })),
    }),
  );
  const agent = await connect(peer.wireUrl, { ledger });
  await expect(pay(agent)).rejects.toMatchObject({ code: "payment_invalid" });
  for (let n = 0; n < 2; n++) {
    await expect(pay(agent)).rejects.toMatchObject({
      code: "payment_unresolved",
      reason: "AUTHORIZATION_OPEN",
      recovery: "reconcile",
    });
  }
  expect(paymentsOf(peer.bodies)).toHaveLength(1);
  const entry = await ledger.get(requestKey);
  if (entry === undefined) throw new Error("nothing recorded");
  // Its end by the agent's own clock is not enough: the chain's time may lag behind.
  await ledger.put(requestKey, { ...entry, validBefore: nowSecs() - 3500 });
  await expect(pay(agent)).rejects.toMatchObject({ code: "payment_unresolved" });
  await ledger.put(requestKey, { ...entry, validBefore: nowSecs() - 3700 });
  await expect(pay(agent)).rejects.toMatchObject({ code: "payment_invalid" });
  expect(paymentsOf(peer.bodies)).toHaveLength(2);
  await ledger.put(requestKey, { ...entry, state: "settled", validBefore: 1 });
  await expect(pay(agent)).rejects.toMatchObject({
    code: "payment_unresolved",
    reason: "AUTHORIZATION_USED",
  });
});

test("the same request twice at once is paid with one authorization", async () => {
  const memory = createMemoryLedger();
  const slow: PaymentLedger = {
    get: (key) => memory.get(key),
    put: async (key, entry) => {
      // Time in which the other request would look into the ledger, if it could.
      await new Promise((resolve) => setTimeout(resolve, 30));
      await memory.put(key, entry);
    },
  };
  let salt = 0;
  const peer = await startScriptedSteward(
    script({
      "zone.request": reply(() => quoteNow({ salt: `0x${String(++salt).padStart(64, "0")}` })),
      "zone.payment": reply(() => toResponse()),
    }),
  );
  const agent = await connect(peer.wireUrl, { ledger: slow });
  const outcomes = await Promise.allSettled([pay(agent), pay(agent)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(paymentsOf(peer.bodies)).toHaveLength(1);
});

test("without consent, wallet, or enough allowance nothing is signed", async () => {
  const peer = await startScriptedSteward(script({ "zone.request": reply(() => quoteNow()) }));
  const agent = await connect(peer.wireUrl);
  await expect(
    agent.request(ZONE_ID, "translate", params, { requestId: "req_1" }),
  ).rejects.toMatchObject({
    code: "payment_required",
    details: { payment_requirement: { amount: "2000000" } },
  });
  await expect(pay(agent, 1_999_999n)).rejects.toMatchObject({ code: "price_too_high" });
  await expect(pay(agent, "1.5")).rejects.toMatchObject({ code: "invalid_input" });
  const poor = await connect(peer.wireUrl, { wallet: undefined } as never);
  await expect(pay(poor)).rejects.toMatchObject({ code: "wallet_missing" });
  expect(paymentsOf(peer.bodies)).toEqual([]);
});

test("a price that changed since the agent looked is checked against the newer envelope", async () => {
  const first = createZoneEnvelope(creator, steward);
  const price = { amount: "1000000", asset: "USDC", network: "anvil" };
  const second = createZoneEnvelope(creator, steward, {
    epoch: 2,
    prev: toContentHash(first),
    manifest: { actions: [{ name: "translate", description: "Cheaper", price }] },
  });
  let inspected = 0;
  const peer = await startScriptedSteward({
    onMessage: (socket, body, message) => {
      if (body.type === "zone.inspect") {
        const envelope = inspected++ === 0 ? first : second;
        socket.reply(message, { type: "zone.manifest", envelope, members: 0, state: "active" });
      } else if (body.type === "zone.request") {
        socket.reply(message, quoteNow({ terms: { amount: 1_000_000n } }));
      } else socket.reply(message, { type: "zone.error", code: "internal", message: "paid" });
    },
  });
  const agent = await connect(peer.wireUrl);
  await expect(pay(agent)).rejects.toMatchObject({ code: "internal" });
  expect(paymentsOf(peer.bodies)[0]).toMatchObject({ value: "1000000" });
});

test("pending is waited out: the pushed answer ends it at once", async () => {
  const pending = {
    type: "zone.pending",
    request_id: "req_1",
    state: "settling",
    retry_after_ms: 60_000,
  };
  const peer = await startScriptedSteward(
    script({
      "zone.request": reply(() => quoteNow()),
      "zone.payment": (socket, _body, message) => {
        socket.reply(message as never, pending);
        socket.push(toResponse());
      },
    }),
  );
  const agent = await connect(peer.wireUrl);
  expect(await pay(agent)).toMatchObject({ result: "Good day" });
});

const OTHER_ID = "zone_01930000-0000-7000-8000-00000000000b";
const pendingNow = {
  type: "zone.pending",
  request_id: "req_1",
  state: "running",
  retry_after_ms: 60_000,
};
const serve = (zone_id: string): AnyBody => ({
  ...toResponse(),
  settlement: undefined,
  zone_id,
  result: zone_id,
});

/** A steward of two zones in which req_1 is pending once it was asked for, until something is pushed. */
async function startTwoZones(onReceipt: (zoneId: string) => AnyBody, onBoth: () => AnyBody) {
  const manifests: Record<string, AnyBody> = {
    [ZONE_ID]: createZoneEnvelope(creator, steward),
    [OTHER_ID]: createZoneEnvelope(creator, steward, { manifest: { id: OTHER_ID } }),
  };
  const peer = await startScriptedSteward({
    onMessage: (socket, body, message) => {
      const envelope = manifests[body.zone_id];
      if (body.type === "zone.inspect") {
        const manifest = { type: "zone.manifest", envelope, members: 0, state: "active" };
        return socket.reply(message, manifest);
      }
      if (body.type === "zone.receipt") return socket.reply(message, onReceipt(body.zone_id));
      socket.reply(message, pendingNow);
      if (peer.bodies.filter(({ type }) => type === "zone.request").length === 2) {
        socket.push(onBoth());
      }
    },
  });
  const agent = await connect(peer.wireUrl);
  const ask = (zoneId: string) =>
    agent.request(zoneId, "translate", params, { requestId: "req_1" });
  return { peer, agent, ask };
}

test("of one request id in two zones, a pushed answer ends only its own zone's request", async () => {
  const { peer, agent, ask } = await startTwoZones(serve, () => serve(OTHER_ID));
  const first = ask(ZONE_ID);
  expect((await ask(OTHER_ID)).result).toBe(OTHER_ID);
  peer.sockets.at(-1)?.push(serve(ZONE_ID));
  expect((await first).result).toBe(ZONE_ID);
  expect((await agent.receipt("req_1", { zoneId: ZONE_ID }))?.result).toBe(ZONE_ID);
  const receipts = peer.bodies.filter(({ type }) => type === "zone.receipt");
  expect(receipts).toMatchObject([{ zone_id: ZONE_ID }]);
});

test("a pushed error that names no zone has the requests of both zones ask for their own answers", async () => {
  const error = { type: "zone.error", request_id: "req_1", code: "internal", message: "No." };
  const onReceipt = (zoneId: string) => (zoneId === ZONE_ID ? serve(ZONE_ID) : error);
  const { ask } = await startTwoZones(onReceipt, () => error);
  const [first, second] = await Promise.allSettled([ask(ZONE_ID), ask(OTHER_ID)]);
  expect(first).toMatchObject({ status: "fulfilled", value: { result: ZONE_ID } });
  expect(second).toMatchObject({ status: "rejected", reason: { code: "internal" } });
});

test("pending is waited out: where nothing is pushed, and over a reconnect, the receipt is asked for", async () => {
  const pending = {
    type: "zone.pending",
    request_id: "req_1",
    state: "settling",
    retry_after_ms: 1,
  };
  const peer = await startScriptedSteward(
    script({
      "zone.request": reply(() => pending),
      "zone.receipt": (socket, _body, message) => {
        if (socket.index === 0) socket.drop();
        else socket.reply(message as never, toResponse());
      },
    }),
  );
  const agent = await connect(peer.wireUrl);
  expect(await pay(agent)).toMatchObject({ result: "Good day" });
  expect(peer.bodies.filter((body) => body.type === "zone.receipt")).toHaveLength(2);
});

test("a time-out says how far the request had come", async () => {
  const tx_hash = `0x${"5a".repeat(32)}`;
  const pending = {
    type: "zone.pending",
    request_id: "req_1",
    state: "submitted",
    tx_hash,
    retry_after_ms: 60_000,
  };
  const peer = await startScriptedSteward(
    script({ "zone.request": reply(() => pending), "zone.receipt": reply(() => pending) }),
  );
  const agent = await connect(peer.wireUrl);
  const options = { pay: { maxAmount: "2000000" }, requestId: "req_1", timeoutMs: 300 };
  await expect(agent.request(ZONE_ID, "translate", params, options)).rejects.toMatchObject({
    code: "timeout",
    recovery: "reconcile",
    message: expect.stringContaining("submitted"),
    details: { request_id: "req_1", state: "submitted", tx_hash },
  });
});

test("a pushed error ends the wait with its code", async () => {
  const pending = {
    type: "zone.pending",
    request_id: "req_1",
    state: "settling",
    retry_after_ms: 60_000,
  };
  const peer = await startScriptedSteward(
    script({
      "zone.request": (socket, _body, message) => {
        socket.reply(message as never, pending);
        socket.push({
          type: "zone.error",
          request_id: "req_1",
          code: "payment_failed",
          message: "No.",
          reason: "SETTLEMENT_REVERTED",
        });
      },
    }),
  );
  const agent = await connect(peer.wireUrl);
  await expect(pay(agent)).rejects.toMatchObject({
    code: "payment_failed",
    reason: "SETTLEMENT_REVERTED",
  });
});

test("another agent cannot answer for the steward", async () => {
  const forger = createTestKey(77).nodeId;
  const forged = { ...toResponse(), result: "forged" };
  const peer = await startScriptedSteward(
    script({
      "zone.request": (socket, _body, message) => {
        socket.push(forged, forger, message.id);
        socket.push(forged, forger);
        socket.reply(message as never, toResponse());
      },
    }),
  );
  const agent = await connect(peer.wireUrl);
  expect((await pay(agent)).result).toBe("Good day");
});

test.each([
  ["another amount", { amount: "1" }],
  ["another split", { creator_fee: "50001", recipient_amount: "1947999" }],
  ["another recipient", { recipient: SETTLEMENT }],
  ["another chain", { chain_id: 1 }],
  ["no hash", { tx_hash: "0x" }],
])("a receipt with %s is receipt_invalid and leaves the record open", async (_name, change) => {
  const ledger = createMemoryLedger();
  const peer = await startScriptedSteward(
    script({
      "zone.request": reply(() => quoteNow()),
      "zone.payment": reply(() => toResponse({ ...RECEIPT, ...change })),
    }),
  );
  const agent = await connect(peer.wireUrl, { ledger });
  await expect(pay(agent)).rejects.toMatchObject({ code: "receipt_invalid" });
  expect(await ledger.get(requestKey)).toMatchObject({ state: "authorized" });
});

test("behind a replica requests and payments are addressed to the primary and signed", async () => {
  const replica = createTestKey(8);
  const envelope = createZoneEnvelope(creator, steward, {
    manifest: {
      steward_set: [
        { node_id: steward.nodeId, role: "primary" },
        { node_id: replica.nodeId, role: "replica" },
      ],
    },
  });
  const peer = await startScriptedSteward({
    key: replica,
    onMessage: (socket, body, message) => {
      if (body.type === "zone.inspect") {
        socket.reply(message, { type: "zone.manifest", envelope, members: 0, state: "active" });
      } else if (body.type === "zone.request") {
        socket.send("message", {
          id: message.id,
          from: steward.nodeId,
          to: agentKey.nodeId,
          timestamp: nowSecs(),
          reply_to: message.id,
          body: quoteNow(),
          public_key: steward.publicKeyHex,
        });
      } else socket.push(toResponse(), steward.nodeId, message.id);
    },
  });
  const agent = await connect(peer.wireUrl);
  expect((await pay(agent)).result).toBe("Good day");
  const [inspect, ...sealed] = peer.messages;
  expect([inspect?.to, inspect?.sig]).toEqual([replica.nodeId, undefined]);
  expect(sealed.map((message) => (message.body as AnyBody).type)).toEqual([
    "zone.request",
    "zone.payment",
  ]);
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), agentKey.publicKey]);
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  for (const message of sealed) {
    expect(message).toMatchObject({ to: steward.nodeId, public_key: agentKey.publicKeyHex });
    const signature = Buffer.from(message.sig ?? "", "hex");
    expect(verify(null, toMessageContent(message), publicKey, signature)).toBe(true);
  }
});
