import { afterAll, beforeAll, expect, test } from "vitest";
import { openShell, type Shell } from "../cli/support.ts";
import { startSteward, type TestSteward, WIDE_LIMITS } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { createNodeId } from "./support.ts";

const HOST = "127.0.0.1:1";
const PEER = createNodeId();
const post = { type: "http", url: `http://${HOST}/secret-path`, allow_private: ["127.0.0.1"] };
const config = {
  name: "in-force",
  replication: { peers: { [PEER]: "wss://peer.example/wire" } },
  handlers: { "*": { post } },
  limits: { ...WIDE_LIMITS, zone: { messages_per_minute: 77 } },
};

let steward: TestSteward;
let shell: Shell;
beforeAll(async () => {
  steward = await startSteward({ config });
  shell = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: steward.token });
});
afterAll(async () => {
  shell[Symbol.dispose]();
  await steward[Symbol.asyncDispose]();
});

test("what is in force is shown, defaults included, and of URLs that may hold a key only where they lead", async () => {
  const { body } = await steward.api("GET", "/v1/config");
  expect(body.config).toMatchObject({
    name: "in-force",
    http: { body_bytes_max: 1_048_576 },
    replication: { peers: { [PEER]: "wss://peer.example/wire" } },
    limits: { zone: { messages_per_minute: 77 } },
    handlers: { "*": { post: { type: "http", url: `http://${HOST}/[hidden]` } } },
  });
  expect(JSON.stringify(body)).not.toContain("secret-path");
  expect(body.config).not.toHaveProperty("baseDir");
});

test("a breaker that a host's failures opened is shown, and closed by its operator the next call goes out", async () => {
  const actions = [{ name: "post", description: "Posts." }];
  const zone_id = await steward.createZone({ actions });
  await using agent = await WireClient.connect(steward.wireUrl);
  await agent.ask({ type: "zone.join", zone_id });
  const ask = async (request_id: string) =>
    (await agent.ask({ type: "zone.request", request_id, zone_id, action: "post" })).message;
  for (let i = 0; i < 5; i++) expect(await ask(`r${i}`)).toMatch(/cannot be reached/);
  expect(await ask("refused")).toMatch(/known to be down/);
  const { breakers } = await shell.json(["breaker", "list"]);
  expect(breakers).toEqual([
    { name: HOST, state: "open", failures: 5, retry_after_ms: expect.any(Number) },
  ]);
  expect((await shell.run(["breaker", "close", HOST])).code).toBe(0);
  expect((await steward.api("GET", "/v1/breakers")).body.breakers).toMatchObject([
    { name: HOST, state: "closed", failures: 0 },
  ]);
  expect(await ask("again")).toMatch(/cannot be reached/);
  expect((await shell.run(["breaker", "close", "nobody:1"])).code).toBe(1);
});

test("statistics count what there is", async () => {
  const before = (await steward.api("GET", "/v1/stats")).body;
  const zone_id = await steward.createZone();
  await using agent = await WireClient.connect(steward.wireUrl);
  await agent.ask({ type: "zone.join", zone_id });
  const after = (await steward.api("GET", "/v1/stats")).body;
  expect(after.sessions.verified).toBe(before.sessions.verified + 1);
  expect(after.kept.member.rows).toBe(before.kept.member.rows + 1);
  expect(after.public_zones).toBe(before.public_zones + 1);
  expect(after).toMatchObject({ payments: null, transactions: [], limits_reached: {} });
  expect(after.database.bytes).toBeGreaterThan(0);
});
