import { type Hex, parseAbi } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { toZoneKey } from "../../src/protocol/terms.ts";
import { type RpcProxy, startRpcProxy } from "../support/rpc-proxy.ts";
import { type Engine, type PayWorld, startEngine, startPayWorld } from "./support/engine.ts";

const abi = parseAbi([
  "function zones(bytes32) view returns (address, uint64, address, uint16, bytes32)",
]);

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

function register(engine: Engine, zoneId: string, epoch: number, digit: number): void {
  engine.store.write((write) =>
    engine.payments.registerZone(write, {
      ...{ zoneId, epoch, creator: world.creator, creatorFeeBps: 100 },
      chainId: world.chain.chainId,
      envelopeHash: toHash(digit).slice(2),
    }),
  );
}

const toHash = (digit: number): Hex => `0x${`${digit}`.repeat(64)}`;

function read(zoneId: string) {
  const call = { abi, functionName: "zones", args: [toZoneKey(zoneId)] } as const;
  return world.chain.client.readContract({ address: world.settlement, ...call });
}

function findState({ store }: Engine, zoneId: string): unknown {
  const sql = "select state from zone_registrations where zone_id = ?";
  return store.raw.prepare(sql).pluck().get(zoneId);
}

async function untilState(engine: Engine, zoneId: string, state: string): Promise<void> {
  while (findState(engine, zoneId) !== state) await proxy.asked("eth_getBlockByNumber");
}

test("a zone is written into the registry, and its next epoch over it", async () => {
  await using engine = await startEngine(world, { rpcUrls: [proxy.url] });
  const zoneId = createId("zone");
  register(engine, zoneId, 1, 1);
  await untilState(engine, zoneId, "registered");
  const { address } = privateKeyToAccount(world.walletKey);
  expect(await read(zoneId)).toEqual([address, 1n, world.creator, 100, toHash(1)]);
  register(engine, zoneId, 1, 2);
  expect(findState(engine, zoneId)).toBe("registered");
  register(engine, zoneId, 3, 3);
  await untilState(engine, zoneId, "registered");
  expect(await read(zoneId)).toEqual([address, 3n, world.creator, 100, toHash(3)]);
});

test("epochs that come while an earlier one is on its way are registered after it", async () => {
  await using engine = await startEngine(world, { rpcUrls: [proxy.url] });
  const zoneId = createId("zone");
  await world.chain.rpc("evm_setIntervalMining", [0]);
  register(engine, zoneId, 1, 1);
  await untilState(engine, zoneId, "submitted");
  register(engine, zoneId, 2, 2);
  register(engine, zoneId, 3, 3);
  await world.chain.rpc("evm_setIntervalMining", [1]);
  while (!["registered", "refused"].includes(String(findState(engine, zoneId)))) {
    await proxy.asked("eth_getBlockByNumber");
  }
  expect(findState(engine, zoneId)).toBe("registered");
  const [, epoch, , , hash] = await read(zoneId);
  expect({ epoch, hash }).toEqual({ epoch: 3n, hash: toHash(3) });
  const sent = engine.store.raw
    .prepare("select succeeded from settlement_txs order by nonce desc limit 2")
    .pluck()
    .all();
  expect(sent).toEqual([1, 1]);
});
