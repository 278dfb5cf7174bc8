import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

let steward: TestSteward;
let zoneId: string;

beforeAll(async () => {
  steward = await startSteward();
  zoneId = await steward.createZone({
    actions: [
      { name: "echo", description: "Answers.", params: { text: "string", n: "number?" } },
      { name: "orphan", description: "Nobody fulfils it." },
    ],
  });
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
});

async function connect(options = {}): Promise<WireClient> {
  return WireClient.connect(steward.wireUrl, options);
}

async function expectCode(client: WireClient, body: object, code: string, reason?: string) {
  const reply = await client.ask({ request_id: "r1", ...body });
  expect(reply).toMatchObject({ type: "zone.error", request_id: "r1", code });
  if (reason !== undefined) expect(reply.reason).toBe(reason);
  expect(reply.hint.length).toBeGreaterThan(10);
}

const UNKNOWN_ZONE = "zone_01890000-0000-7000-8000-000000000000";

test("a zone body with a mistyped field is invalid_params, never 2003", async () => {
  await using client = await connect();
  await expectCode(client, { type: "zone.join" }, "invalid_params");
  await expectCode(client, { type: "zone.join", zone_id: 1 }, "invalid_params");
  await expectCode(client, { type: "zone.history", zone_id: zoneId }, "invalid_params");
});

test("an unknown zone is zone_not_found", async () => {
  await using client = await connect();
  await expectCode(client, { type: "zone.inspect", zone_id: UNKNOWN_ZONE }, "zone_not_found");
  await expectCode(client, { type: "zone.inspect", zone_id: "zone_1" }, "zone_not_found");
});

test("whoever is no member gets not_member", async () => {
  await using client = await connect();
  const zone_id = zoneId;
  const id = createId("zmsg");
  await expectCode(client, { type: "zone.message", zone_id, id, content: 1 }, "not_member");
  await expectCode(client, { type: "zone.history", zone_id, after_seq: 0 }, "not_member");
  await expectCode(client, { type: "zone.members", zone_id }, "not_member");
  await expectCode(client, { type: "zone.leave", zone_id }, "not_member");
  await expectCode(client, { type: "zone.request", zone_id, action: "echo" }, "not_member");
});

test("requests: action_not_found, params and conflict, in this order", async () => {
  await using client = await connect();
  const zone_id = zoneId;
  const ask = { type: "zone.request", zone_id };
  await client.ask({ type: "zone.join", zone_id });
  await expectCode(client, { ...ask, action: "nothing" }, "action_not_found");
  await expectCode(client, { ...ask, action: "echo", params: { text: 1 } }, "invalid_params");
  await expectCode(client, { ...ask, action: "echo", params: {} }, "invalid_params");
  const first = await client.ask({
    ...ask,
    request_id: "r1",
    action: "echo",
    params: { text: "a" },
  });
  expect(first).toMatchObject({ type: "zone.response", result: { text: "a" } });
  const conflict = { ...ask, action: "echo", params: { text: "b" } };
  await expectCode(client, conflict, "invalid_params", "REQUEST_ID_CONFLICT");
});

test("an action without a handler is internal with NO_HANDLER", async () => {
  await using client = await connect();
  await client.ask({ type: "zone.join", zone_id: zoneId });
  const body = { type: "zone.request", zone_id: zoneId, action: "orphan" };
  await expectCode(client, body, "internal", "NO_HANDLER");
});

test("a payment nobody asked for, or without authorization, is payment_required", async () => {
  await using client = await connect();
  await expectCode(client, { type: "zone.payment", authorization: {} }, "payment_required");
  await expectCode(client, { type: "zone.payment" }, "payment_required");
});

test("an epoch older than the zone's is stale_manifest", async () => {
  await using client = await connect();
  await expectCode(client, { type: "zone.join", zone_id: zoneId, epoch: 0 }, "stale_manifest");
});

test("a zone that is not open is not_open; skills and places are checked after it", async () => {
  await using client = await connect({ skills: ["cook"] });
  const closed = await steward.createZone({ rules: { open: false, skills_required: ["sing"] } });
  await expectCode(client, { type: "zone.join", zone_id: closed }, "not_open");
  const skilled = await steward.createZone({
    rules: { skills_required: ["sing"], max_members: 1 },
  });
  await expectCode(client, { type: "zone.join", zone_id: skilled }, "skills_mismatch");
  const small = await steward.createZone({ rules: { max_members: 1 } });
  await using other = await connect();
  expect((await other.ask({ type: "zone.join", zone_id: small })).type).toBe("zone.joined");
  expect((await other.ask({ type: "zone.join", zone_id: small })).type).toBe("zone.joined");
  await expectCode(client, { type: "zone.join", zone_id: small }, "full");
  await other.ask({ type: "zone.leave", zone_id: small });
  expect((await client.ask({ type: "zone.join", zone_id: small })).type).toBe("zone.joined");
});

test("a stopped zone is stopped; inspect and history still answer", async () => {
  const zone_id = await steward.createZone();
  await using client = await connect();
  await client.ask({ type: "zone.join", zone_id });
  expect((await steward.api("POST", `/v1/zones/${zone_id}/stop`)).status).toBe(200);
  expect((await client.nextBody("zone.event")).event).toBe("stopped");
  const id = createId("zmsg");
  await expectCode(client, { type: "zone.message", zone_id, id, content: 1 }, "stopped");
  expect((await client.ask({ type: "zone.inspect", zone_id })).state).toBe("stopped");
  const page = await client.ask({ type: "zone.history", zone_id, after_seq: 0 });
  expect(
    page.entries.map((e: { entry: { data: { event: string } } }) => e.entry.data.event),
  ).toEqual(["created", "joined", "stopped"]);
});

test("a banned member is put out, told so, and gets banned until the ban is lifted", async () => {
  const zone_id = await steward.createZone();
  await using client = await connect();
  await client.ask({ type: "zone.join", zone_id });
  const path = `/v1/zones/${zone_id}/bans/${client.nodeId}`;
  expect((await steward.api("PUT", path, { reason: "spam" })).status).toBeLessThan(300);
  expect(["removed", "banned"]).toContain((await client.nextBody("zone.event")).event);
  await expectCode(client, { type: "zone.join", zone_id }, "banned");
  expect((await steward.api("DELETE", path)).status).toBeLessThan(300);
  expect((await client.ask({ type: "zone.join", zone_id })).type).toBe("zone.joined");
});

test("a member over the zone's limit is rate_limited with a time to wait", async () => {
  await using tight = await startSteward({
    config: {
      limits: {
        unknown: { messages_per_second: 1000, messages_per_minute: 1000 },
        zone: { messages_per_minute: 3 },
      },
    },
  });
  const zone_id = await tight.createZone();
  await using client = await WireClient.connect(tight.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const send = () =>
    client.ask({ type: "zone.message", zone_id, id: createId("zmsg"), content: 1 });
  for (let i = 0; i < 3; i++) expect((await send()).type).toBe("zone.sent");
  const limited = await send();
  expect(limited).toMatchObject({ type: "zone.error", code: "rate_limited", recovery: "retry" });
  expect(limited.retry_after_ms).toBeGreaterThan(0);
});
