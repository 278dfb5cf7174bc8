import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { type Fields, signDraft, toManifest } from "../model/envelopes.ts";
import { startSteward, TEST_ZONE } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { FuzzedSteward } from "./fuzzed-steward.ts";

const MIB = 1024 * 1024;
const ANYONE = { config: { zones: { creation: "anyone" } } };
/** Three bytes of UTF-8 each. */
const WIDE_TEXT = "€".repeat(512);

/** Signs the first envelope of a zone, with fields of its manifest replaced. */
function toEnvelope(client: WireClient, fields: Fields): Fields {
  const fixed = { id: createId("zone"), creator: client.nodeId, steward: client.stewardId };
  const manifest = { ...toManifest({ name: "zone", topic: "big", rules: {} }, fixed), ...fields };
  const draft = {
    manifest,
    epoch: 1,
    state: "active",
    signedAt: 1_790_000_000,
    prev: null,
  } as const;
  return signDraft(client.key, draft).envelope;
}

/** Asks page by page until there are no more. */
async function readPages(client: WireClient, body: Fields, list: string): Promise<Reply[][]> {
  const pages: Reply[][] = [];
  for (let cursor: unknown; ; ) {
    const reply = await client.ask({ ...body, ...(cursor !== undefined && { cursor }) });
    pages.push(reply[list]);
    cursor = reply.next_cursor;
    if (cursor === undefined) return pages;
  }
}

test("a directory of zones as large as manifests may be comes in pages that fit", async () => {
  await using steward = await startSteward(ANYONE);
  await using client = await WireClient.connect(steward.wireUrl);
  const entrypoints = Array<string>(64).fill(WIDE_TEXT);
  for (let i = 0; i < 60; i++) {
    const envelope = toEnvelope(client, { entrypoints });
    expect((await client.ask({ type: "zone.create", envelope })).type).toBe("zone.manifest");
  }
  const pages = await readPages(client, { type: "zone.discover", limit: 100 }, "zones");
  expect(pages.length).toBeGreaterThan(1);
  expect(new Set(pages.flat().map(({ zone_id }) => zone_id)).size).toBe(60);
});

test("members with as many skills as a Hello holds come in pages that fit", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  const skills = Array<string>(40).fill("€".repeat(64));
  for (let i = 0; i < 420; i++) {
    await using member = await WireClient.connect(steward.wireUrl, { skills });
    await member.ask({ type: "zone.join", zone_id });
  }
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const pages = await readPages(client, { type: "zone.members", zone_id, limit: 500 }, "members");
  expect(pages.length).toBeGreaterThan(1);
  expect(new Set(pages.flat().map(({ node_id }) => node_id)).size).toBe(421);
});

test("what stands unsigned beside an envelope is neither kept nor served", async () => {
  await using steward = await startSteward(ANYONE);
  await using client = await WireClient.connect(steward.wireUrl);
  const envelope = toEnvelope(client, {});
  const junk = "x".repeat(3 * MIB);
  const reply = await client.ask({ type: "zone.create", envelope: { ...envelope, junk } });
  expect(reply).toMatchObject({ type: "zone.manifest", envelope });
  expect(Object.keys(reply.envelope).sort()).toEqual(Object.keys(envelope).sort());
});

test("large manifests of many zones do not stay in memory", { timeout: 60_000 }, async () => {
  await using steward = await FuzzedSteward.start();
  await using client = await WireClient.connect(steward.wireUrl);
  const hints = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`field${i}`, "string"]));
  const actions = Array.from({ length: 200 }, (_, i) => ({
    ...TEST_ZONE.actions[0],
    name: `echo${i}`,
    params: hints,
  }));
  const create = () =>
    client.ask({ type: "zone.create", envelope: toEnvelope(client, { actions }) });
  for (let i = 0; i < 10; i++) expect((await create()).type).toBe("zone.manifest");
  const before = await steward.measure();
  for (let i = 0; i < 80; i++) await create();
  const after = await steward.measure();
  expect(after.heapUsed - before.heapUsed).toBeLessThan(35 * MIB);
});

test("a pending answer says when to ask again, to peers without error_detail, too", async () => {
  const dir = mkdtempSync(join(tmpdir(), "never-"));
  const path = join(dir, "never.mjs");
  writeFileSync(path, "export default () => new Promise(() => {});");
  const handlers = { "*": { echo: { type: "module", path } } };
  await using steward = await startSteward({ config: { handlers } });
  const zone_id = await steward.createZone();
  const key = createAgentKey();
  await using client = await WireClient.connect(steward.wireUrl, { key, capabilities: [] });
  await client.ask({ type: "zone.join", zone_id });
  const request = { request_id: "slow", zone_id, action: "echo", params: { text: "x" } };
  client.sendBody({ type: "zone.request", ...request });
  const pending = await client.ask({ type: "zone.receipt", request_id: "slow" });
  expect(pending).toMatchObject({ type: "zone.pending", retry_after_ms: expect.any(Number) });
  const refused = await client.ask({
    type: "zone.request",
    ...request,
    request_id: "2",
    action: "no",
  });
  expect(refused).toMatchObject({ type: "zone.error", code: "action_not_found" });
  expect(Object.keys(refused).sort()).toEqual(["code", "message", "request_id", "type"]);
  rmSync(dir, { recursive: true });
});

test("requests that were answered leave nothing in memory", { timeout: 60_000 }, async () => {
  await using steward = await FuzzedSteward.start();
  const zone_id = (await steward.api("POST", "/v1/zones", TEST_ZONE)).body.id;
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const requestMany = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += 500) {
      const ids = Array.from({ length: 500 }, (_, i) => {
        const request_id = `req_${count}_${sent + i}`;
        const params = { text: "x".repeat(2000) };
        return client.sendBody({
          type: "zone.request",
          zone_id,
          action: "echo",
          request_id,
          params,
        });
      });
      const last = await client.replyTo(ids.at(-1) as string);
      expect(last.type).toBe("zone.response");
      client.received.length = 0;
    }
  };
  await requestMany(1000);
  const before = await steward.measure();
  await requestMany(5000);
  const after = await steward.measure();
  expect(after.heapUsed - before.heapUsed).toBeLessThan(8 * MIB);
});
