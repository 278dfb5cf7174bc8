import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readCount } from "../support/counts.ts";
import { createApi, TEST_ZONE, type TestSteward } from "../support/steward.ts";
import { NO_LIMITS, StewardProcess } from "../support/steward-process.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { listSigners, type Received, Receiver } from "./receiver.ts";

const ZONES = 10;
const EVENTS = readCount("WEBHOOK_EVENTS");
/** Its joining is refused for good: it is to be given up. */
const POISON = createAgentKey();
const CONFIG = {
  ...NO_LIMITS,
  webhooks: {
    allow_private: ["127.0.0.1"],
    retry_ms_first: 10,
    retry_ms_max: 100,
    attempts_max: 20,
    pending_max: 50,
    delivered_max: 5_000,
  },
};

type Api = TestSteward["api"];

test("each event arrives, signed, in order in its zone, though the receiver fails and dies and the steward is killed", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-hooks-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  await using receiver = await Receiver.start();
  receiver.answer = (response, { body }) => {
    const isPoison = body.type === "member.joined" && body.data.node_id === POISON.nodeId;
    if (isPoison) response.writeHead(400).end("no");
    else if (Math.random() < 1 / 3) response.writeHead(503).end();
    else response.writeHead(200).end();
  };

  let steward = await StewardProcess.start({ dataDir, config: CONFIG });
  const { token } = steward;
  let api = steward.api;
  const zones: string[] = [];
  for (let i = 0; i < ZONES; i++) zones.push((await api("POST", "/v1/zones", TEST_ZONE)).body.id);
  const asked = { url: receiver.url, events: ["member.*"], allow_private: true };
  const { body: hook } = await api("POST", "/v1/webhooks", asked);
  await stir(steward.wireUrl, zones.slice(0, 1), 1, POISON);
  await stir(steward.wireUrl, zones, EVENTS / 4);
  await receiver.until(() => receiver.listTaken().length > EVENTS / 16);

  // Dead, while more happens, and nobody knows what was on its way when the steward is killed.
  await receiver.die();
  const stirred = stir(steward.wireUrl, zones, EVENTS / 2).catch(() => undefined);
  await expect.poll(() => countEvents(api, zones), { timeout: 60_000 }).toBeGreaterThan(EVENTS / 2);
  await steward.kill();
  await stirred;
  steward = await StewardProcess.start({ dataDir, config: CONFIG });
  onTestFinished(() => steward[Symbol.asyncDispose]());
  api = createApi(steward.httpUrl, token);
  await receiver.listen();
  const left = EVENTS - (await countEvents(api, zones));
  if (left > 0) await stir(steward.wireUrl, zones, left);

  await expect
    .poll(() => settle(api, hook.id), { timeout: 240_000, interval: 100 })
    .toMatchObject({ pending: 0, dead: 1 });
  const happened = await listEvents(api, zones);
  expect(happened.size).toBeGreaterThanOrEqual(EVENTS);
  const taken = receiver.listTaken();
  expect(new Set(taken.map(toName))).toEqual(
    new Set([...happened].filter((one) => !isPoison(one))),
  );
  for (const one of receiver.received) expect(listSigners(one, [hook.secret])).toHaveLength(1);
  for (const zoneId of zones) {
    const seqs = taken
      .filter(({ body }) => body.zone_id === zoneId)
      .map(({ body }) => body.data.seq);
    expect(seqs).toEqual(seqs.toSorted((left, right) => left - right));
  }
  const failed = receiver.received.length - taken.length;
  expect(failed).toBeGreaterThan(EVENTS / 5);

  const path = `/v1/webhooks/${hook.id}`;
  const { deliveries } = (await api("GET", `${path}/deliveries?state=dead`)).body;
  expect(deliveries).toMatchObject([{ attempts: 20, status: 400, problem: "it answered 400: no" }]);
  receiver.answer = (response) => response.writeHead(204).end();
  expect((await api("POST", `${path}/replay`)).body).toEqual({ replayed: 1, left: 0 });
  await receiver.until(() => receiver.listTaken().length === taken.length + 1);
  expect(receiver.listTaken().at(-1)?.body.data.node_id).toBe(POISON.nodeId);
  expect([...happened].filter(isPoison)).toEqual([toName(receiver.listTaken().at(-1))]);
}, 300_000);

/** Members join and leave, in all zones at a time, until so many events have happened. */
async function stir(
  wireUrl: string,
  zones: readonly string[],
  events: number,
  key = createAgentKey(),
): Promise<void> {
  const times = Math.ceil(events / zones.length / 2);
  await Promise.all(
    zones.map(async (zone_id) => {
      await using client = await WireClient.connect(wireUrl, {
        key: zones.length > 1 ? createAgentKey() : key,
      });
      for (let i = 0; i < times; i++) {
        await client.ask({ type: "zone.join", zone_id });
        await client.ask({ type: "zone.leave", zone_id });
      }
    }),
  );
}

/** The operator closes the breaker that a dead receiver opened. */
async function settle(api: Api, id: string) {
  await api("DELETE", `/v1/breakers/${id}`);
  return (await api("GET", `/v1/webhooks/${id}`)).body;
}

/** What happened by the zones' own logs, which know of no webhook. */
async function listEvents(api: Api, zones: readonly string[]): Promise<Set<string>> {
  const names = new Set<string>();
  for (const zoneId of zones) {
    for (let after: number | undefined = 0; after !== undefined; ) {
      const path: string = `/v1/zones/${zoneId}/log?after=${after}&limit=500`;
      const { entries, next } = (await api("GET", path)).body;
      for (const { kind, seq, node_id, data } of entries.map(({ entry }: Reply) => entry)) {
        if (kind === "event" && /^(joined|left)$/.test(data.event))
          names.add(`${zoneId} ${seq} ${data.event} ${node_id}`);
      }
      after = next;
    }
  }
  return names;
}

async function countEvents(api: Api, zones: readonly string[]): Promise<number> {
  return (await listEvents(api, zones)).size;
}

function isPoison(name: string): boolean {
  return name.endsWith(` joined ${POISON.nodeId}`);
}

function toName(received: Received | undefined): string {
  const { type, zone_id, data } = received?.body ?? {};
  return `${zone_id} ${data?.seq} ${String(type).slice("member.".length)} ${data?.node_id}`;
}
