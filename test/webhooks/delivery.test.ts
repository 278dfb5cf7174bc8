import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { listSigners, Receiver } from "./receiver.ts";

const CONFIG = {
  webhooks: {
    allow_private: ["127.0.0.1"],
    retry_ms_first: 20,
    retry_ms_max: 200,
    attempts_max: 3,
  },
};

let steward: TestSteward;

beforeAll(async () => {
  steward = await startSteward({ config: CONFIG });
});

afterAll(async () => {
  await steward[Symbol.asyncDispose]();
});

/** Makes a webhook for what happens to members, which is removed at the end of the test. */
async function add(receiver: Receiver, fields: object = {}) {
  const { status, body } = await steward.api("POST", "/v1/webhooks", {
    url: receiver.url,
    events: ["member.*"],
    allow_private: true,
    ...fields,
  });
  expect(status).toBe(201);
  onTestFinished(async () => {
    await steward.api("DELETE", `/v1/webhooks/${body.id}`);
  });
  return body as { id: string; secret: string };
}

/** A member joins and leaves as often as that. */
async function stir(zoneId: string, times = 1): Promise<WireClient> {
  await using client = await WireClient.connect(steward.wireUrl);
  for (let i = 0; i < times; i++) {
    await client.ask({ type: "zone.join", zone_id: zoneId });
    await client.ask({ type: "zone.leave", zone_id: zoneId });
  }
  return client;
}

const listDeliveries = async (id: string, state: string) => {
  const path = `/v1/webhooks/${id}/deliveries?state=${state}`;
  return (await steward.api("GET", path)).body.deliveries;
};

test("what happens is posted, signed as Standard Webhooks says, and listed as delivered", async () => {
  await using receiver = await Receiver.start();
  const { id, secret } = await add(receiver);
  const zoneId = await steward.createZone();
  const client = await stir(zoneId);
  await receiver.until(() => receiver.listTaken().length === 2);
  const [joined, left] = receiver.received;
  expect(joined?.body).toEqual({
    id: expect.any(Number),
    type: "member.joined",
    created_at: expect.any(Number),
    zone_id: zoneId,
    data: expect.objectContaining({ node_id: client.nodeId }),
  });
  expect(left?.body.type).toBe("member.left");
  expect(joined?.headers).toMatchObject({
    "content-type": "application/json",
    "webhook-id": expect.stringMatching(/^evt_[0-9a-f]{12}_\d+$/),
    "webhook-timestamp": expect.stringMatching(/^\d{10}$/),
    "webhook-signature": expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
  });
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  for (const one of receiver.received) expect(listSigners(one, [secret])).toEqual([secret]);
  await expect.poll(() => listDeliveries(id, "delivered")).toHaveLength(2);
  const { body: shown } = await steward.api("GET", `/v1/webhooks/${id}`);
  expect(shown).toMatchObject({ id, state: "active", pending: 0, dead: 0 });
  expect(JSON.stringify(await steward.api("GET", "/v1/webhooks"))).not.toContain(secret);
  expect(JSON.stringify(await steward.api("GET", "/v1/audit?limit=500"))).not.toContain(secret);
});

test("a failing event holds back later ones of its zone, not those of others, until it is given up", async () => {
  await using receiver = await Receiver.start();
  const { id } = await add(receiver, { events: ["zone.created", "member.*"] });
  const stuck = await steward.createZone();
  const other = await steward.createZone();
  receiver.answer = (response, { body }) => {
    const isRefused = body.zone_id === stuck && body.type === "member.joined";
    response.writeHead(isRefused ? 400 : 200).end(isRefused ? "no such table: users" : "");
  };
  await stir(stuck);
  await stir(other);
  await receiver.until(() => receiver.listTaken().length === 5);
  const typesOf = (zoneId: string) =>
    receiver.received.filter(({ body }) => body.zone_id === zoneId).map(({ body }) => body.type);
  const [created, joined, left] = ["zone.created", "member.joined", "member.left"];
  expect(typesOf(stuck)).toEqual([created, joined, joined, joined, left]);
  expect(typesOf(other)).toEqual([created, joined, left]);
  const ids = receiver.received
    .filter(({ body }) => body.zone_id === stuck && body.type === joined)
    .map(({ headers, text }) => `${headers["webhook-id"]} ${text}`);
  expect(new Set(ids).size).toBe(1);
  const [dead] = await listDeliveries(id, "dead");
  expect(dead).toMatchObject({ attempts: 3, status: 400, type: joined, zone_id: stuck });
  expect(dead.problem).toBe("it answered 400: no such table: users");

  const { warnings } = (await steward.api("GET", "/readyz?verbose")).body;
  expect(warnings.map(({ key }: { key: string }) => key)).toContain(`webhooks.${id}.dead`);
  const metrics = await (
    await fetch(`${steward.httpUrl}/metrics`, {
      headers: { authorization: `Bearer ${steward.token}` },
    })
  ).text();
  expect(metrics).toContain('steward_webhook_deliveries{state="dead"} 1');

  receiver.answer = (response) => response.writeHead(204).end();
  const path = `/v1/webhooks/${id}/deliveries/${dead.id}/replay`;
  expect((await steward.api("POST", path)).status).toBe(202);
  await receiver.until(() => receiver.listTaken().length === 6);
  expect(receiver.received.at(-1)?.headers["webhook-id"]).toBe(ids[0]?.split(" ")[0]);
  await expect.poll(() => listDeliveries(id, "dead")).toHaveLength(0);
});

test("another secret signs beside the one before until that is over", async () => {
  await using receiver = await Receiver.start();
  const { id, secret: first } = await add(receiver);
  const zoneId = await steward.createZone();
  const rotate = async (body: object) =>
    (await steward.api("POST", `/v1/webhooks/${id}/secret`, body)).body;
  const { secret: second, former_secret_until: until } = await rotate({ overlap_secs: 60 });
  expect(until).toBeGreaterThan(Date.now() / 1000 + 50);
  await stir(zoneId);
  await receiver.until(() => receiver.listTaken().length === 2);
  for (const one of receiver.received) {
    expect(listSigners(one, [first, second])).toEqual([first, second]);
    expect(String(one.headers["webhook-signature"]).split(" ")).toHaveLength(2);
  }
  const given = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
  expect((await rotate({ overlap_secs: 0, secret: given })).secret).toBe(given);
  await stir(zoneId);
  await receiver.until(() => receiver.listTaken().length === 4);
  const [, , third] = receiver.received;
  expect(third && listSigners(third, [first, second, given])).toEqual([given]);
  for (const secret of [
    "whsec_",
    "whsec_c2hvcnQ=",
    "plain",
    `${given}=`,
    given.replace("w", "W"),
  ]) {
    const { status } = await steward.api("POST", `/v1/webhooks/${id}/secret`, { secret });
    expect([secret, status]).toEqual([secret, 400]);
  }
});

test("a receiver that is gone is disabled, and goes on where it was once it is resumed", async () => {
  await using receiver = await Receiver.start();
  const { id } = await add(receiver);
  const zoneId = await steward.createZone();
  receiver.answer = (response) => response.writeHead(410).end();
  await stir(zoneId);
  const read = async () => (await steward.api("GET", `/v1/webhooks/${id}`)).body;
  await expect.poll(async () => (await read()).state).toBe("disabled");
  await stir(zoneId);
  expect(receiver.received).toHaveLength(1);
  const { warnings } = (await steward.api("GET", "/readyz?verbose")).body;
  expect(warnings.map(({ key }: { key: string }) => key)).toContain(`webhooks.${id}.disabled`);
  receiver.answer = (response) => response.writeHead(204).end();
  const change = (body: object) => steward.api("PATCH", `/v1/webhooks/${id}`, body);
  expect((await change({ state: "active" })).body.state).toBe("active");
  await receiver.until(() => receiver.listTaken().length === 4);
  const types = receiver.listTaken().map(({ body }) => body.type);
  expect(types).toEqual(["member.joined", "member.left", "member.joined", "member.left"]);

  // Paused by the operator it is as quiet; what it is sent then may be other events.
  expect((await change({ state: "paused", events: ["member.left"] })).body.state).toBe("paused");
  await stir(zoneId);
  await change({ state: "active" });
  await receiver.until(() => receiver.listTaken().length === 5);
  expect(receiver.listTaken().at(-1)?.body.type).toBe("member.left");
});

test("redirects are not followed, long answers not read, and Retry-After is kept to", async () => {
  await using receiver = await Receiver.start();
  await using other = await Receiver.start();
  const { id } = await add(receiver);
  const answers = [
    { status: 307, headers: { location: other.url }, text: "" },
    { status: 429, headers: { "retry-after": "1" }, text: "" },
    { status: 200, headers: {}, text: "x".repeat(1_000_000) },
  ];
  const atMs: number[] = [];
  receiver.answer = (response) => {
    atMs.push(performance.now());
    const { status = 204, headers = {}, text = "" } = answers.shift() ?? {};
    response.writeHead(status, headers).end(text);
  };
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: await steward.createZone() });
  await expect.poll(() => listDeliveries(id, "delivered"), { timeout: 10_000 }).toHaveLength(1);
  expect(other.received).toHaveLength(0);
  expect(atMs).toHaveLength(3);
  // retry_ms_max is below what Retry-After asks for.
  expect((atMs[2] ?? 0) - (atMs[1] ?? 0)).toBeGreaterThan(195);
  expect(await listDeliveries(id, "delivered")).toMatchObject([{ attempts: 3, status: 200 }]);
});
