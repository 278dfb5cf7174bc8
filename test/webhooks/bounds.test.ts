import { expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { Receiver } from "./receiver.ts";

test("what waits and what is kept for a webhook are bounded: the rest waits in the log, the oldest are forgotten", async () => {
  await using receiver = await Receiver.start();
  const bounds = { pending_max: 2, dead_max: 3, delivered_max: 1, attempts_max: 1 };
  await using steward = await startSteward({
    config: {
      webhooks: { allow_private: true, parallel_max: 1, ...bounds },
      store: { prune_interval_ms: 100 },
    },
  });
  const { api } = steward;
  const held: (() => void)[] = [];
  receiver.answer = (response) => held.push(() => response.writeHead(400).end());
  const body = { url: receiver.url, events: ["zone.created"], allow_private: true };
  const { id } = (await api("POST", "/v1/webhooks", body)).body;
  const zones: string[] = [];
  for (let i = 0; i < 6; i++) zones.push(await steward.createZone());
  const read = async () => (await api("GET", `/v1/webhooks/${id}`)).body;
  await receiver.until(() => receiver.received.length === 1);
  await expect.poll(async () => (await read()).pending).toBe(2);

  for (let i = 0; i < 6; i++) {
    await receiver.until(() => held.length > 0);
    expect((await read()).pending).toBeLessThanOrEqual(2);
    held.shift()?.();
    await receiver.until(() => receiver.received.length === Math.min(6, i + 2));
  }
  expect(receiver.received.map((one) => one.body.zone_id)).toEqual(zones);
  await expect.poll(read).toMatchObject({ pending: 0, dead: 3 });
  const list = async (state: string) =>
    (await api("GET", `/v1/webhooks/${id}/deliveries?state=${state}`)).body.deliveries;
  const kept = (await list("dead")).map(({ zone_id }: { zone_id: string }) => zone_id);
  expect(kept).toEqual(zones.slice(3));

  receiver.answer = (response) => response.writeHead(200).end();
  expect((await api("POST", `/v1/webhooks/${id}/replay`)).body).toEqual({ replayed: 3, left: 0 });
  await receiver.until(() => receiver.received.length === 9);
  await expect.poll(() => list("delivered")).toHaveLength(1);
});

test("a receiver that is down is left alone, and what it was not sent in its time is given up", async () => {
  await using receiver = await Receiver.start();
  await receiver.die();
  const bounds = { give_up_secs: 1, retry_ms_first: 1, retry_ms_max: 2, attempts_max: 1000 };
  await using steward = await startSteward({
    config: { webhooks: { allow_private: true, parallel_max: 1, ...bounds } },
  });
  const { api } = steward;
  const body = { url: receiver.url, events: ["zone.created"], allow_private: true };
  const { id } = (await api("POST", "/v1/webhooks", body)).body;
  const read = async () => (await api("GET", `/v1/webhooks/${id}`)).body;
  const findBreaker = async () =>
    (await api("GET", "/v1/breakers")).body.breakers.find(
      ({ name }: { name: string }) => name === id,
    );
  for (let i = 0; i < 6; i++) await steward.createZone();
  await expect.poll(findBreaker).toMatchObject({ state: "open", failures: 5 });
  expect(await read()).toMatchObject({ pending: 6, dead: 0 });
  await expect
    .poll(
      async () => {
        await steward.createZone();
        return (await read()).dead;
      },
      { timeout: 10_000, interval: 200 },
    )
    .toBeGreaterThanOrEqual(6);
  const { deliveries } = (await api("GET", `/v1/webhooks/${id}/deliveries?state=dead`)).body;
  const problems = new Set(deliveries.map(({ problem }: { problem: string }) => problem));
  expect(problems).toEqual(
    new Set(["it is not reached (ECONNREFUSED)", "its receiver was down for all of its time"]),
  );
  await receiver.listen();
  await api("DELETE", `/v1/breakers/${id}`);
  await receiver.until(() => receiver.listTaken().length > 0);
  const left = (await read()).dead;
  expect((await api("POST", `/v1/webhooks/${id}/replay`)).body).toEqual({
    replayed: left,
    left: 0,
  });
});
