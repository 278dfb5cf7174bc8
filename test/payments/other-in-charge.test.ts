import { afterAll, beforeAll, expect, test } from "vitest";
import { StewardError } from "../../src/errors.ts";
import { SendGate } from "../../src/payments/ledger/send-gate.ts";
import { createId } from "../../src/protocol/ids.ts";
import { openRecords } from "../replication/support/copy.ts";
import { type RpcProxy, startRpcProxy } from "../support/rpc-proxy.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  type PayWorld,
  pay,
  STEWARD_ID,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";

const refused = new StewardError("steward_unavailable", { reason: "NO_LEASE" });
const HASH = "0".repeat(64);

let world: PayWorld;
let proxy: RpcProxy;
beforeAll(async () => {
  world = await startPayWorld();
  proxy = await startRpcProxy(world.chain.rpcUrl);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** A zone whose commits are all acknowledged, and which another steward is in charge of at first. */
function watchOther({ gate }: Engine, zoneId = createId("zone"), released = Infinity) {
  const state: { refusal: StewardError | undefined } = { refusal: refused };
  gate.watch(zoneId, {
    leaseMs: () => 1000,
    position: () => 1,
    released: () => released,
    isInCharge: () => state.refusal === undefined,
    overloaded: () => new StewardError("steward_unavailable"),
    refusal: () => state.refusal,
    unreadable: () => undefined,
    seqAt: (n) => n,
    late: () => refused,
    replica: () => undefined,
    primaryHead: () => undefined,
    holdsPages: () => false,
  });
  const setRefusal = (refusal?: StewardError) => {
    state.refusal = refusal;
    gate.changed(zoneId);
  };
  return { zoneId, setRefusal };
}

function register(engine: Engine, zoneId: string): void {
  engine.store.write((write) =>
    engine.payments.registerZone(write, {
      ...{ zoneId, epoch: 1, creator: world.creator, creatorFeeBps: 100 },
      ...{ chainId: world.chain.chainId, envelopeHash: "1".repeat(64) },
    }),
  );
}

function listStates({ store }: Engine, zoneId: string): unknown[] {
  const sql = `SELECT h.state FROM payment_history h JOIN payments p USING (payment_id)
    WHERE p.zone_id = ? ORDER BY h.rowid`;
  return store.raw.prepare(sql).pluck().all(zoneId);
}

const registered = ({ store }: Engine) =>
  store.raw
    .prepare("SELECT zone_id FROM zone_registrations WHERE state = 'registered'")
    .pluck()
    .all();

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await proxy.asked("eth_getBlockByNumber");
}

test("jobs of zones that others are in charge of are not sent, and however many they are, the one behind them is", async () => {
  let now = Math.floor(Date.now() / 1000);
  await using engine = await startEngine(world, { rpcUrls: [proxy.url], now: () => now });
  const others = Array.from({ length: 130 }, () => watchOther(engine));
  for (const { zoneId } of others) register(engine, zoneId);
  now++;
  const own = createId("zone");
  register(engine, own);
  await until(() => registered(engine).length > 0);
  expect(registered(engine)).toEqual([own]);
  const [first] = others;
  first?.setRefusal();
  await until(() => registered(engine).length > 1);
  expect(registered(engine).sort()).toEqual([own, first?.zoneId].sort());
});

test("what is held back is looked at again as soon as the steward is in charge", async () => {
  await using engine = await startEngine(world);
  let woken = 0;
  const sends = new SendGate(engine.gate, () => woken++);
  const { zoneId, setRefusal } = watchOther(engine, createId("zone"), 1);
  const pick = () => sends.pick(["a"], (id) => ({ id, zoneId }));
  setRefusal();
  expect(woken).toBe(0);
  expect(pick()).toEqual(["a"]);
  setRefusal(refused);
  expect(pick()).toEqual([]);
  expect(sends.waiting).toBe(1);
  setRefusal();
  expect(woken).toBe(1);
  expect(pick()).toEqual(["a"]);
  expect(sends.waiting).toBe(0);
});

test("a payment of a zone that another steward is in charge of waits, and its company does not", async () => {
  await using engine = await startEngine(world, { rpcUrls: [proxy.url] });
  const other = watchOther(engine);
  const held = await askQuote(engine, world, { zoneId: other.zoneId });
  const own = await askQuote(engine, world);
  const payer = await fundPayer(world);
  for (const { key, quote } of [held, own]) {
    await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  }
  await engine.hooks.until("settled", own.key.requestId);
  expect(listStates(engine, other.zoneId)).toEqual(["quoted", "authorized"]);
  other.setRefusal();
  await engine.hooks.until("settled", held.key.requestId);
});

test("a zone lost while its batch is broadcast keeps no other zone's payment from being marked as sent", async () => {
  await using engine = await startEngine(world, { rpcUrls: [proxy.url] });
  const zoneIds = [createId("zone"), createId("zone")] as const;
  const { log, queries } = openRecords(engine.store, STEWARD_ID);
  engine.store.write((write) => {
    for (const zoneId of zoneIds) {
      queries.insertZone(write, {
        ...{ zoneId, epoch: 1, envelopeHash: HASH, state: "active", creator: STEWARD_ID },
        ...{ name: "shop", type: "service", description: "", headSeq: 1, headHash: HASH },
        ...{ memberCount: 0, createdAt: 1, suspendedAt: null, topic: null, logBytes: 0 },
      });
      const end = { epoch: 1, seq: 1, hash: HASH };
      log.register(write, { zoneId, envelopeHash: HASH, complete: true, ...end });
    }
  });
  let lost: string | undefined;
  log.setGuard((zoneId) => {
    if (zoneId === lost) throw refused;
  });
  const payer = await fundPayer(world);
  const quotes = await Promise.all(zoneIds.map((zoneId) => askQuote(engine, world, { zoneId })));
  const signed = await Promise.all(
    quotes.map(({ quote }) => pay(payer, quote.payment_requirement)),
  );
  proxy.on("eth_sendRawTransaction", "before", () => {
    lost = zoneIds[1];
  });
  await Promise.all(quotes.map(({ key }, i) => engine.payments.accept(key, signed[i])));
  await engine.hooks.until("settled", quotes[0]?.key.requestId as string);
  const sent = engine.store.raw.prepare("SELECT count(DISTINCT tx_id) FROM payments").pluck().get();
  expect(sent).toBe(1);
  const before = ["quoted", "authorized", "submitting"];
  expect(listStates(engine, zoneIds[0])).toEqual([...before, "submitted", "confirmed"]);
  expect(listStates(engine, zoneIds[1])).toEqual(before);
});
