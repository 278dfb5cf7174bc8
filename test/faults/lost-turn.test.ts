import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { limitDisk } from "../support/full-disk.ts";
import { startSteward, TEST_ZONE } from "../support/steward.ts";
import { NO_LIMITS, StewardProcess } from "../support/steward-process.ts";
import { WireClient } from "../support/wire-client.ts";
import { Book } from "./book.ts";
import { Talker } from "./talker.ts";
import { readZoneFile, verifyChain } from "./zone-file.ts";

/** What came back for one message: the type or code of each answer. */
function toAnswers(client: WireClient, messageId: string): unknown[] {
  return client.received.flatMap(({ type, fields }) => {
    const body = fields.body as { type: string; code?: string } | undefined;
    if (type === "message" && fields.reply_to === messageId) return [body?.code ?? body?.type];
    return type === "error" && fields.ref_msg_id === messageId ? [fields.code] : [];
  });
}

test("a full disk loses whole turns: each message is answered once, and what was sent is there", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  const clients: WireClient[] = [];
  for (let i = 0; i < 6; i++) {
    const client = await WireClient.connect(steward.wireUrl);
    onTestFinished(() => client[Symbol.asyncDispose]());
    await client.ask({ type: "zone.join", zone_id });
    clients.push(client);
  }
  const disk = limitDisk(steward, 20);
  const said = new Map<string, { client: WireClient; id: string }>();
  for (let i = 0; i < 8; i++) {
    for (const client of clients) {
      const id = createId("zmsg");
      const content = "c".repeat(3000);
      said.set(client.sendBody({ type: "zone.message", zone_id, id, content }), { client, id });
      said.set(client.sendBody({ type: "zone.discover" }), { client, id: "" });
      said.set(client.sendBody({ type: "zone.join" }), { client, id: "" });
    }
  }
  for (const [messageId, { client }] of said) {
    await client.wait(() => toAnswers(client, messageId)[0]);
  }
  disk[Symbol.dispose]();
  // Whatever else was on its way comes before the answer to this.
  for (const client of clients) await client.ask({ type: "zone.discover" });
  const sent: string[] = [];
  const kinds = new Set<unknown>();
  for (const [messageId, { client, id }] of said) {
    const answers = toAnswers(client, messageId);
    expect(answers).toHaveLength(1);
    kinds.add(answers[0]);
    if (answers[0] === "zone.sent") sent.push(id);
  }
  expect(kinds).toContain("internal");
  const [client] = clients as [WireClient];
  const id = createId("zmsg");
  const after = await client.ask({ type: "zone.message", zone_id, id, content: "after" });
  expect(after.type).toBe("zone.sent");
  const page = await client.ask({ type: "zone.history", zone_id, after_seq: 0, limit: 500 });
  verifyChain(zone_id, page.entries);
  const logged = page.entries.flatMap(
    ({ entry }: { entry: { kind: string; data: { id: string } } }) =>
      entry.kind === "message" ? [entry.data.id] : [],
  );
  expect(logged.sort()).toEqual([...sent, id].sort());
});

test("a disk that fails at COMMIT ends the process, and everything acknowledged is there", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-disk-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const config = { ...NO_LIMITS, http: { port: 0 }, log: { level: "silent" } };
  const first = await StewardProcess.start({ dataDir, config, fileKibMax: 2500 });
  const zoneId: string = (await first.api("POST", "/v1/zones", TEST_ZONE)).body.id;
  const book = new Book();
  const talkers = Array.from({ length: 8 }, () => new Talker(zoneId, "talks", book));
  onTestFinished(async () => {
    for (const talker of talkers) await talker[Symbol.asyncDispose]();
  });
  await Promise.all(talkers.map((talker) => talker.start(first.wireUrl)));
  expect(await first.ended).toBe(1);
  await Promise.all(talkers.map((talker) => talker.lost()));
  expect(book.sent.size).toBeGreaterThan(100);
  book.check(zoneId, readZoneFile(dataDir, zoneId));
  await using second = await StewardProcess.start({ dataDir, config });
  await Promise.all(talkers.map((talker) => talker.start(second.wireUrl)));
  await Promise.all(talkers.map((talker) => talker.settle()));
  const log = await (talkers[0] as Talker).readLog();
  verifyChain(zoneId, log);
  for (const talker of talkers) expect(talker.lastSeq).toBe(log.length);
});
