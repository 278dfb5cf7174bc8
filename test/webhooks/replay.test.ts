import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "../../src/store/database.ts";
import { prepareDeliveryQueries } from "../../src/store/webhooks/deliveries.ts";
import { prepareWebhookQueries } from "../../src/store/webhooks/webhooks.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { Receiver } from "./receiver.ts";

const HOOK = "hook_1";
const ZONES = ["zone_1", "zone_2", null];
const DEAD = 3_000;

/** A database with a webhook, of which so many deliveries of some zones were given up. */
function openDead() {
  const dir = mkdtempSync(join(tmpdir(), "steward-replay-"));
  const fail = (err: unknown) => {
    throw err;
  };
  const store = Store.open(join(dir, "steward.sqlite"), { onFatal: fail, onEffectError: fail });
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  });
  const deliveries = prepareDeliveryQueries(store);
  store.write((write) => {
    prepareWebhookQueries(store).insertWebhook(write, {
      ...{ webhookId: HOOK, url: "http://x", events: ["*"], allowPrivate: false },
      ...{ secretSealed: "x", formerSecretSealed: null, formerSecretUntil: null },
      ...{ state: "active", createdBy: "t", createdAt: 1, position: 0 },
    });
    for (let eventId = 1; eventId <= DEAD; eventId++) {
      const zoneId = ZONES[eventId % ZONES.length] ?? null;
      const at = { happenedAt: 1, nextAt: 1, changedAt: 1 };
      const row = { webhookId: HOOK, eventId, zoneId, lane: zoneId ?? "", ...at };
      deliveries.insertDelivery(write, { ...row, type: "member.joined", body: "{}" });
      const to = { state: "dead", attempts: 1, status: 500, error: "no" } as const;
      deliveries.changeDelivery(write, row, { ...to, nextAt: 1, changedAt: 1 });
    }
  });
  return { store, deliveries };
}

test("what a replay writes grows with what it sends again, not with its square, and only the first of a zone may be sent", () => {
  const { store, deliveries } = openDead();
  const changes = store.raw.prepare<[], number>("SELECT total_changes()").pluck();
  const before = changes.get() ?? 0;
  // From outside in: what was first of its zone is not any more, half of the time.
  const order = Array.from({ length: DEAD }, (_, i) =>
    i % 2 === 0 ? DEAD / 2 - i / 2 : DEAD / 2 + (i + 1) / 2,
  );
  store.write((write) => {
    for (const eventId of order) {
      expect(deliveries.reviveDelivery(write, HOOK, eventId, 2)).toBe(true);
      expect(deliveries.reviveDelivery(write, HOOK, eventId, 2)).toBe(false);
    }
  });
  expect((changes.get() ?? 0) - before).toBeLessThanOrEqual(2 * DEAD);
  expect(deliveries.listDue(HOOK, 2, DEAD).map(({ eventId }) => eventId)).toEqual([1, 2, 3]);
  expect(deliveries.countPending(HOOK)).toBe(0);
  expect(deliveries.countRevived(HOOK)).toBe(DEAD);
});

test("replays come in order in their zone, take no room from what happens, and are bounded themselves", async () => {
  await using receiver = await Receiver.start();
  const bounds = { pending_max: 2, dead_max: 4, delivered_max: 9, attempts_max: 1 };
  await using steward = await startSteward({
    config: { webhooks: { allow_private: true, ...bounds } },
  });
  const { api } = steward;
  const zoneId = await steward.createZone();
  const events = ["member.*", "zone.created"];
  const body = { url: receiver.url, events, allow_private: true };
  const { id } = (await api("POST", "/v1/webhooks", body)).body;
  const read = async () => (await api("GET", `/v1/webhooks/${id}`)).body;
  receiver.answer = (response) => response.writeHead(400).end();
  await using client = await WireClient.connect(steward.wireUrl);
  for (const type of ["zone.join", "zone.leave", "zone.join", "zone.leave"]) {
    await client.ask({ type, zone_id: zoneId });
  }
  await expect.poll(read).toMatchObject({ pending: 0, dead: 4 });

  const sent = receiver.received.length;
  const held: (() => void)[] = [];
  receiver.answer = (response, { body: { type } }) => {
    if (type === "zone.created") response.writeHead(204).end();
    else held.push(() => response.writeHead(204).end());
  };
  const replay = () => api("POST", `/v1/webhooks/${id}/replay`);
  expect((await replay()).body).toEqual({ replayed: 4, left: 0 });
  await receiver.until(() => held.length === 1);
  // As many wait as there may be for the first time, twice.
  const other = await steward.createZone();
  await receiver.until(() => receiver.received.length === sent + 2);
  expect(receiver.received.at(-1)?.body).toMatchObject({ type: "zone.created", zone_id: other });
  await expect.poll(read).toMatchObject({ pending: 4, dead: 0 });

  const taken = (await api("GET", `/v1/webhooks/${id}/deliveries?state=delivered`)).body.deliveries;
  const path = `/v1/webhooks/${id}/deliveries/${taken[0].id}/replay`;
  const refused = await api("POST", path);
  expect([refused.status, refused.body.error.code]).toEqual([409, "conflict"]);
  expect(refused.body.error.message).toContain("webhooks.dead_max");
  for (let i = 1; i <= 4; i++) {
    await receiver.until(() => held.length > 0);
    held.shift()?.();
    await receiver.until(() => receiver.listTaken().length === i + 1);
  }
  const again = receiver.listTaken().filter(({ body: { type } }) => type !== "zone.created");
  const numbers = again.map((one) => one.body.id);
  expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
  expect((await api("POST", path)).status).toBe(202);
});
