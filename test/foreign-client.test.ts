import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ForeignClient } from "./support/foreign-client.ts";
import { array, type JsonObject, jcs, object, sha256, text } from "./support/foreign-codec.ts";
import { balanceOf, buy, type PayerChain } from "./support/foreign-payment.ts";

const ROOT = join(import.meta.dirname, "..");
const PRICE = 2_000_000n;
const PARAMS = { text: "good morning", source_lang: "en", target_lang: "de" };

interface Ready {
  wire: string;
  node_id: string;
  data_dir: string;
  chain: { rpc_url: string; chain_id: number; usdc: Hex; settlement: Hex };
  zone: { id: string };
  funded_keys: [Hex, Hex];
}

let child: ChildProcess;
let ready: Ready;
let chain: PayerChain;
let ada: ForeignClient;
let bob: ForeignClient;

/** Boots the real thing, a steward with its own chain, as anybody would: by its command line. */
beforeAll(async () => {
  const dev = spawn(process.execPath, ["bin/steward.mjs", "dev", "--json"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  child = dev;
  ready = await new Promise((resolve, reject) => {
    createInterface(dev.stdout).once("line", (line) => resolve(JSON.parse(line)));
    dev.once("exit", (code) => reject(new Error(`steward dev ended with ${code}`)));
  });
  const { rpc_url, chain_id, usdc, settlement } = ready.chain;
  chain = { rpcUrl: rpc_url, chainId: chain_id, token: usdc, settlement };
  ada = await ForeignClient.connect({ url: ready.wire, name: "ada" });
  bob = await ForeignClient.connect({ url: ready.wire, name: "bob", detail: true });
}, 90_000);

afterAll(async () => {
  await ada?.close();
  await bob?.close();
  if (child && child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
  if (ready) rmSync(ready.data_dir, { recursive: true, force: true });
});

test("the foreign client shares no code with the steward", () => {
  const support = join(ROOT, "test/support");
  const files = readdirSync(support).filter((name) => name.startsWith("foreign-"));
  expect(files).toContain("foreign-client.ts");
  const imports = files.flatMap((name) => {
    const source = readFileSync(join(support, name), "utf8");
    return Array.from(
      source.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*|\brequire\(\s*)["']([^"']+)["']/g),
      (m) => m[1],
    );
  });
  for (const from of imports) {
    expect(from).toMatch(/^(node:[a-z/]+|ws|msgpackr|viem|viem\/accounts|\.\/foreign-[a-z]+\.ts)$/);
  }
});

test("it verifies plainly", () => {
  expect(ada.stewardId).toBe(ready.node_id);
  expect(bob.stewardId).toBe(ready.node_id);
  expect(ada.nodeId).not.toBe(bob.nodeId);
});

test("it has the steward prove its key", async () => {
  const eve = await ForeignClient.connect({ url: ready.wire, name: "eve", prove: true });
  expect(eve.stewardId).toBe(ready.node_id);
  await eve.close();
});

test("it finds the zone, joins, talks in both directions and verifies the log", async () => {
  const zone_id = ready.zone.id;
  const found = await ada.call({ type: "zone.discover", request_id: "req_find", filter: {} });
  expect(found).toMatchObject({ type: "zone.directory", request_id: "req_find" });
  expect(array(found.zones).map((zone) => object(zone).zone_id)).toContain(zone_id);
  const manifest = await ada.inspect(zone_id);
  expect(array(manifest.actions).map((action) => object(action).name)).toContain("translate");

  expect(await ada.call({ type: "zone.join", zone_id })).toMatchObject({
    type: "zone.joined",
    zone_id,
    role: "member",
  });
  const joined = await bob.call({ type: "zone.join", zone_id, epoch: 1 });
  const event = await ada.delivery(({ type }) => type === "zone.event");
  expect(event).toMatchObject({
    event: "joined",
    node_id: bob.nodeId,
    name: "bob",
    seq: joined.seq,
  });

  const hello = { text: "größe 😀", list: [1, 2.5, -1e21, null], big: 1_790_000_000_000, é: "" };
  const said = await ada.say(zone_id, hello);
  const heard = await bob.delivery(({ type }) => type === "zone.message");
  expect(heard).toMatchObject({ zone_id, seq: said, from: ada.nodeId, content: hello });
  const replied = await bob.say(zone_id, null);
  const answer = await ada.delivery(({ type }) => type === "zone.message");
  expect(answer).toMatchObject({ zone_id, seq: replied, from: bob.nodeId, content: null });

  const log = await ada.history(zone_id);
  expect(log.length).toBeGreaterThanOrEqual(replied);
  expect(log[said - 1]).toMatchObject({ kind: "message", node_id: ada.nodeId });
  expect(object(log[said - 1]?.data).content).toEqual(hello);
  expect(sha256(jcs(object(log[said - 1]?.data).content ?? null))).toEqual(sha256(jcs(hello)));
});

test("it uses a free action and is told what is wrong", async () => {
  const zone_id = ready.zone.id;
  const request = { type: "zone.request", zone_id, action: "echo" };
  const params = { text: "hi" };
  const answer = await ada.call({ ...request, request_id: "req_echo", params });
  expect(answer).toMatchObject({ type: "zone.response", action: "echo", result: params });
  expect(answer).not.toHaveProperty("settlement");
  const refused = { ...request, action: "none" };
  await expect(ada.call({ ...refused, request_id: "req_none-a" })).rejects.toMatchObject({
    code: "action_not_found",
  });
  await expect(bob.call({ ...refused, request_id: "req_none-b" })).rejects.toMatchObject({
    code: "action_not_found",
    fields: { recovery: "change", hint: expect.any(String) },
  });
  await expect(ada.call({ type: "zone.nonsense" })).rejects.toMatchObject({ code: 2003 });
});

test.each([
  ["receive", 0],
  ["transfer", 1],
] as const)("it pays an action with a %s authorization", async (type, index) => {
  const client = index === 0 ? ada : bob;
  const payerKey = ready.funded_keys[index];
  const payer = privateKeyToAccount(payerKey).address;
  const request = {
    zone_id: ready.zone.id,
    request_id: `req_${type}`,
    action: "translate",
    params: PARAMS,
  };
  const before = await balanceOf(chain, payer);
  const answer = await buy(client, chain, request, payerKey, type);
  expect(answer).toMatchObject({ type: "zone.response", action: "translate" });
  const settlement = object(answer.settlement);
  await expectSettled(settlement);
  expect(before - (await balanceOf(chain, payer))).toBe(PRICE);

  // Asked again, by request and by receipt, it is the same answer and nobody pays again.
  const { request_id } = request;
  expect(await client.call({ type: "zone.request", ...request })).toEqual(answer);
  expect(await client.call({ type: "zone.receipt", request_id })).toEqual(answer);
  expect(before - (await balanceOf(chain, payer))).toBe(PRICE);
});

/** Checks a settlement against itself and against the recipient's balance before and after its block. */
async function expectSettled(settlement: JsonObject): Promise<void> {
  const manifest = await ada.inspect(ready.zone.id);
  const protocol = (PRICE * 10n) / 10_000n;
  const creator = (PRICE * BigInt(Number(manifest.creator_fee_bps ?? 0))) / 10_000n;
  expect(settlement).toMatchObject({
    chain_id: chain.chainId,
    token: chain.token,
    amount: String(PRICE),
    protocol_fee: String(protocol),
    creator_fee: String(creator),
    recipient_amount: String(PRICE - protocol - creator),
    tx_hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
  });
  const block = Number(settlement.block_number);
  const recipient = text(settlement, "recipient");
  const grown =
    (await balanceOf(chain, recipient, block)) - (await balanceOf(chain, recipient, block - 1));
  // The dev zone's creator may be its recipient, too.
  const own = object(manifest.creator).wallet === recipient ? creator : 0n;
  expect(grown).toBe(PRICE - protocol - creator + own);
}
