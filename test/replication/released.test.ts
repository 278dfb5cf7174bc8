import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";

async function start(options: Parameters<typeof startReplica>[0] = {}) {
  const steward = await startReplica(options);
  let isOpen = true;
  const stop = async () => {
    if (isOpen) await steward[Symbol.asyncDispose]();
    isOpen = false;
  };
  onTestFinished(stop);
  return { ...steward, stop };
}

const show = async (steward: TestSteward, zoneId: string, { token } = steward): Promise<Reply> => {
  const authorization = `Bearer ${token}`;
  return (await steward.api("GET", `/v1/replicas/${zoneId}`, undefined, { authorization })).body;
};

test("a replica tells what its primary released, and reads up to there after a restart without it", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "replica-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const [a, b] = await Promise.all([start(), start({ dataDir })]);
  const creator = new Creator();
  const zone = creator.sign(toSet(a, [b]));
  await creator.create(a, zone);
  await until("the voter has it", () => epochAt(b, zone.id) === 1);
  const key = createAgentKey();
  await using member = await WireClient.connect(a.wireUrl, { key });
  const ask = (body: Reply) => member.ask({ zone_id: zone.id, ...body });
  await until("it is in charge", async () => (await ask({ type: "zone.join" })).seq > 0);
  const { seq } = await ask({ type: "zone.message", id: createId("zmsg"), content: "last" });
  await until("it is told", async () => {
    const { position, released } = await show(b, zone.id);
    return released.other === position.n && (await show(a, zone.id)).released.other === position.n;
  });
  const { position } = await show(b, zone.id);
  await Promise.all([a.stop(), b.stop()]);

  const again = await start({ dataDir });
  expect(await show(again, zone.id, b)).toMatchObject({
    role: "replica",
    position,
    released: { other: position.n, money: position.n },
  });
  await using reader = await WireClient.connect(again.wireUrl, { key });
  const page = await reader.ask({
    ...{ type: "zone.history", zone_id: zone.id, after_seq: seq - 1, limit: 10, min_seq: seq },
  });
  expect(page).toMatchObject({ type: "zone.page", entries: [{ entry: { seq } }] });
});
