import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openEnvelopeFiles } from "../../src/replication/creator/envelope-files.ts";
import {
  bodiesOf,
  creatorKey,
  startStewards,
  type ZoneSteward,
} from "../client/replicated/stewards.ts";
import { toJson, ZONE_ID } from "../client/zone-fixture.ts";
import { openShell } from "./support.ts";

test("a creator promotes by the command, and after a lost answer the same command sends the same envelope", async () => {
  using shell = openShell();
  const [a, b] = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
  const key = join(shell.dir, "creator.key");
  writeFileSync(key, Buffer.from(creatorKey.seed).toString("hex"), { mode: 0o600 });
  const command = ["agent", "promote", ZONE_ID, b.key.nodeId, "--key", key, "--url"];
  b.answers["zone.update"] = (socket) => socket.drop();
  const lost = await shell.run([...command, a.peer.wireUrl]);
  expect(lost.code).not.toBe(0);
  delete b.answers["zone.update"];
  const made = await shell.json([...command, a.peer.wireUrl]);
  expect(made).toMatchObject({ zone_id: ZONE_ID, epoch: 2, primary: b.key.nodeId });
  const [first, second] = bodiesOf(b, "zone.update");
  expect(second?.envelope).toEqual(first?.envelope);
  expect(made.envelope).toEqual(first?.envelope);
});

test("a signed envelope is in its file whole, for its owner only; a damaged one stops what would be signed", async () => {
  using shell = openShell();
  const [a] = (await startStewards(1)) as [ZoneSteward];
  const folder = join(shell.dir, "store");
  const store = openEnvelopeFiles(folder);
  expect(await store.get(ZONE_ID)).toBeUndefined();
  await store.put(ZONE_ID, toJson(a.envelope));
  expect(await openEnvelopeFiles(folder).get(ZONE_ID)).toEqual(toJson(a.envelope));
  const [name = ""] = readdirSync(folder);
  expect(readdirSync(folder)).toEqual([`${ZONE_ID}.json`]);
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  const text = readFileSync(join(folder, name), "utf8");
  writeFileSync(join(folder, name), text.slice(0, -5));
  await expect(store.get(ZONE_ID)).rejects.toMatchObject({ code: "ledger_failed" });
  await store.put(ZONE_ID, undefined);
  expect(await store.get(ZONE_ID)).toBeUndefined();
  await expect(store.get("../x")).rejects.toMatchObject({ code: "invalid_input" });
  mkdirSync(join(folder, `${ZONE_ID}.json`));
  await expect(store.get(ZONE_ID)).rejects.toThrow();
});
