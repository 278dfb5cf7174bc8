import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { TestSteward } from "../support/steward.ts";
import { epochAt, startReplica, until } from "./support/replicated-zone.ts";

/** A steward that can be stopped, and started again as the same one at the same address. */
async function start(from?: TestSteward) {
  const dataDir = from?.dataDir ?? mkdtempSync(join(tmpdir(), "voters-"));
  const port = from === undefined ? {} : { http: { port: Number(new URL(from.wireUrl).port) } };
  const steward = await startReplica({
    dataDir,
    config: { zones: { creation: "anyone" }, replication: { allow: ["*"] }, ...port },
  });
  let isOpen = true;
  const stop = async () => {
    if (isOpen) await steward[Symbol.asyncDispose]();
    isOpen = false;
  };
  onTestFinished(async () => {
    await stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const token = from?.token || steward.token;
  const api: TestSteward["api"] = (method, path, body) =>
    steward.api(method, path, body, { authorization: `Bearer ${token}` });
  return { ...steward, token, api, stop };
}

const show = async (steward: TestSteward, zoneId: string) =>
  (await steward.api("GET", `/v1/replicas/${zoneId}`)).body;

const listAwaited = ({ steward }: TestSteward) =>
  steward.zones.store.raw.prepare("SELECT * FROM awaited_voters").all();

test("a learner that was added while it was away becomes a voter, also after its primary started anew", async () => {
  const [a, b] = await Promise.all([start(), start()]);
  await b.stop();
  const zoneId = await a.createZone();
  const set = { node_id: b.nodeId, entrypoint: b.wireUrl };
  const added = await a.api("POST", `/v1/zones/${zoneId}/stewards`, set);
  expect(added).toMatchObject({ status: 202, body: { epoch: 2 } });
  await a.stop();

  const again = await start(a);
  expect((await show(again, zoneId)).peers).toMatchObject([{ node_id: b.nodeId, voter: false }]);
  const learner = await start(b);
  await until("it is a voter", () => epochAt(learner, zoneId) === 3, 20_000);
  expect((await show(again, zoneId)).peers).toMatchObject([{ node_id: b.nodeId, voter: true }]);
  await until("nothing is waited for", () => listAwaited(again).length === 0);
});

test("who is not added after all is not waited for", async () => {
  const a = await start();
  const zoneId = await a.createZone();
  const set = { node_id: a.nodeId, entrypoint: a.wireUrl };
  expect(await a.api("POST", `/v1/zones/${zoneId}/stewards`, set)).toMatchObject({ status: 409 });
  expect(listAwaited(a)).toEqual([]);
});
