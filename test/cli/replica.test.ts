import { afterAll, beforeAll, expect, test } from "vitest";
import {
  Creator,
  epochAt,
  startReplica,
  toSet,
  until,
} from "../replication/support/replicated-zone.ts";
import type { TestSteward } from "../support/steward.ts";
import { openShell, type Shell } from "./support.ts";

let a: TestSteward;
let b: TestSteward;
let shell: Shell;

beforeAll(async () => {
  [a, b] = await Promise.all([startReplica(), startReplica()]);
  shell = openShell({ STEWARD_URL: a.httpUrl, STEWARD_TOKEN: a.token });
});
afterAll(async () => {
  shell[Symbol.dispose]();
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
});

const replica = (...args: string[]) => shell.json(["replica", ...args]);

test("an operator adds a steward to a zone, which follows, and removes it again", async () => {
  const zoneId = await a.createZone();
  const added = await replica("add", zoneId, b.nodeId, b.wireUrl);
  expect(added).toMatchObject({ zone_id: zoneId, epoch: 2, node_id: b.nodeId, role: "replica" });
  await until("the learner has the zone, and is a voter", () => epochAt(b, zoneId) === 3);
  const { replicas } = await replica("list");
  expect(replicas).toMatchObject([{ zone_id: zoneId, role: "primary", epoch: 3 }]);
  expect(await replica("show", zoneId)).toMatchObject({
    zone_id: zoneId,
    primary: a.nodeId,
    lost: false,
    halted: null,
    peers: [{ node_id: b.nodeId, role: "replica", url: b.wireUrl }],
  });
  const there = await b.api("GET", `/v1/replicas/${zoneId}`);
  expect(there.body).toMatchObject({
    role: "replica",
    primary: a.nodeId,
    peers: [{ role: "primary" }],
  });
  const removed = await replica("remove", zoneId, b.nodeId);
  expect(removed).toMatchObject({ zone_id: zoneId, node_id: b.nodeId });
  const { body } = await a.api("GET", `/v1/zones/${zoneId}`);
  expect(body.envelope.manifest.steward_set).toMatchObject([
    { node_id: a.nodeId, role: "primary" },
  ]);
});

test("a creator's fork is evidence, which anybody checks from its file", async () => {
  const creator = new Creator();
  const zone = creator.sign(toSet(a, [b]));
  await creator.create(a, zone);
  await creator.update(a, zone.next({ name: "one" }));
  await creator.update(a, zone.next({ name: "two" }));
  const kept = await replica("evidence", zone.id);
  expect(kept.evidence).toMatchObject([
    { zone_id: zone.id, signer: creator.key.nodeId, epoch: 2, documents: [{}, {}] },
  ]);
  const file = shell.write("evidence.json", kept);
  expect(await shell.json(["verify-evidence", file])).toMatchObject({
    ok: true,
    evidence: [{ zone_id: zone.id, verdict: "proven" }],
  });
  const [item] = kept.evidence;
  const forged = shell.write("forged.json", { ...item, epoch: 3 });
  expect(await shell.run(["verify-evidence", forged])).toMatchObject({ code: 1 });
  expect(await replica("quarantine", zone.id)).toEqual({ quarantine: [] });
});

test("who is no creator promotes nobody, and a primary has nothing to follow", async () => {
  const creator = new Creator();
  const zone = creator.sign(toSet(a, [b]));
  await creator.create(a, zone);
  const refused = await shell.run(["replica", "promote", zone.id, b.nodeId, "--json"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("conflict") });
  const resync = await shell.run(["replica", "resync", zone.id, "--json"]);
  expect(resync).toMatchObject({ code: 1, stderr: expect.stringContaining("conflict") });
  const unknown = await a.api("GET", `/v1/replicas/${await a.createZone()}`);
  expect(unknown.status).toBe(404);
});
