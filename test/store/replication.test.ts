import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Store, type Write } from "../../src/store/database.ts";
import { prepareChunkQueries } from "../../src/store/replication/chunks.ts";
import { prepareCommitQueries } from "../../src/store/replication/commits.ts";
import {
  prepareEvidenceQueries,
  prepareQuarantineQueries,
} from "../../src/store/replication/evidence.ts";
import {
  prepareReplicaRequestQueries,
  toRecordExpiry,
} from "../../src/store/replication/replica-requests.ts";
import { prepareReplicatedZoneQueries } from "../../src/store/replication/replicated-zones.ts";

const ZONE = "zone_1";

function openStore() {
  const path = mkdtempSync(join(tmpdir(), "replication-"));
  const fail = (error: unknown) => {
    throw error;
  };
  const store = Store.open(join(path, "steward.sqlite"), { onFatal: fail, onEffectError: fail });
  return {
    store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function toCommit(n: number, createdAt: number) {
  const texts = { hash: "h", salt: "s", digest: `d${n}`, records: "[]", head: null };
  return { zoneId: ZONE, n, epoch: 1, seq: n, ...texts, bytes: 100, createdAt };
}

test("a copy's position moves with its commits, and what is released never goes back", async () => {
  await using opened = openStore();
  const zones = prepareReplicatedZoneQueries(opened.store);
  const row = {
    ...{ zoneId: ZONE, epoch: 0, n: 0, digest: "d0", seq: 0, hash: "h0", released: 0 },
    ...{ complete: true, lost: false, halted: null, standing: "{}", head: null, updatedAt: 1 },
  };
  opened.store.write((write) => {
    zones.putReplicated(write, row);
    const next = { epoch: 1, n: 1, digest: "d1", seq: 2, hash: "h2", head: null, updatedAt: 2 };
    zones.advanceReplicated(write, { zoneId: ZONE, ...next });
    zones.setReleased(write, ZONE, 1);
    zones.setReleased(write, ZONE, 0);
    zones.setComplete(write, ZONE, false);
    zones.setLost(write, ZONE, true);
    zones.setHalted(write, ZONE, "STATE_LOST");
    zones.setReplicatedHead(write, ZONE, "{}", 0);
  });
  const moved = { epoch: 1, n: 1, digest: "d1", seq: 2, hash: "h2", updatedAt: 2, released: 1 };
  const flags = { complete: false, lost: true, halted: "STATE_LOST", standing: "{}", head: "{}" };
  expect(zones.findReplicated(ZONE)).toEqual({ zoneId: ZONE, ...moved, ...flags });
  expect(zones.listReplicated()).toHaveLength(1);
  opened.store.write((write) => zones.deleteReplicated(write, ZONE));
  expect(zones.findReplicated(ZONE)).toBeUndefined();
});

test("commits are kept for a time or up to so many bytes, whichever is less, and the newest always", async () => {
  await using opened = openStore();
  const commits = prepareCommitQueries(opened.store);
  opened.store.write((write) => {
    for (let n = 1; n <= 10; n++) commits.insertCommit(write, toCommit(n, n));
    commits.setCommitHead(write, ZONE, 10, "{}");
  });
  const prune = (upTo: number, since: number, bytes: number) => {
    opened.store.write((write) => commits.pruneCommits(write, ZONE, upTo, { since, bytes }));
    return commits.findFirstCommit(ZONE);
  };
  expect(prune(10, 0, 10_000)).toBe(1);
  expect(prune(10, 3, 10_000)).toBe(3);
  expect(prune(10, 0, 600)).toBe(5);
  expect(prune(6, 99, 600)).toBe(7);
  expect(prune(10, 99, 0)).toBe(10);
  expect([...commits.iterateCommits(ZONE, 0, 5)].map(({ n }) => n)).toEqual([10]);
  expect(commits.findCommit(ZONE, 10)?.head).toBe("{}");
  expect(commits.findCommit(ZONE, 10)?.totalBytes).toBe(1000);
  opened.store.write((write) => commits.deleteCommits(write, ZONE));
  expect(commits.findFirstCommit(ZONE)).toBeUndefined();
});

test("request records are found by zone or the newest of all, and listed by their keys", async () => {
  await using opened = openStore();
  const requests = prepareReplicaRequestQueries(opened.store);
  const put = (zoneId: string, nodeId: string, requestId: string, createdAt: number) =>
    opened.store.write((write) =>
      requests.putReplicaRequest(write, {
        ...{ zoneId, nodeId, requestId, value: "{}", wallet: null, expiresAt: createdAt + 10 },
        createdAt,
      }),
    );
  put(ZONE, "b", "req_1", 1);
  put(ZONE, "a", "req_10", 2);
  put(ZONE, "a", "req_1", 3);
  put("zone_2", "b", "req_1", 4);
  const list = (nodeId: string, requestId: string) =>
    requests
      .listReplicaRequests(ZONE, { nodeId, requestId }, 10)
      .map((row) => `${row.nodeId} ${row.requestId}`);
  expect(list("", "")).toEqual(["a req_1", "a req_10", "b req_1"]);
  expect(list("a", "req_1")).toEqual(["a req_10", "b req_1"]);
  expect(requests.findNewestReplicaRequest("b", "req_1")?.zoneId).toBe("zone_2");
  expect(requests.findReplicaRequest(ZONE, "b", "req_1")?.createdAt).toBe(1);
  opened.store.write((write) => {
    expect(requests.deleteReplicaRequest(write, ZONE, "b", "req_1")).toBe(true);
    expect(requests.pruneReplicaRequests(write, 13)).toBe(false);
  });
  expect(list("", "")).toEqual([]);
  expect(requests.findNewestReplicaRequest("b", "req_1")?.zoneId).toBe("zone_2");
});

test("the first evidence stays, each once; what was set aside goes by whole cuts only", async () => {
  await using opened = openStore();
  const evidence = prepareEvidenceQueries(opened.store);
  const quarantine = prepareQuarantineQueries(opened.store);
  const item = { zoneId: ZONE, kind: "heads", signer: "a", epoch: 1, n: null, seq: 2, at: 1 };
  const cut = { zoneId: ZONE, epoch: 2, cut: "c1", kind: "entry", at: 1, bytes: 7 } as const;
  opened.store.write((write) => {
    const keep = (documents: string) => evidence.insertEvidence(write, { ...item, documents }, 2);
    expect([keep("[1]"), keep("[1]"), keep("[2]"), keep("[3]")]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    quarantine.insertQuarantine(write, { ...cut, document: "1" });
    quarantine.insertQuarantine(write, { ...cut, document: "2" });
    quarantine.insertQuarantine(write, { ...cut, cut: "c2", document: "3" });
  });
  expect(evidence.countEvidence(ZONE)).toBe(2);
  expect(evidence.listEvidence(ZONE, 1, 10).map(({ documents }) => documents)).toEqual(["[2]"]);
  expect([quarantine.countQuarantined(ZONE), quarantine.sumQuarantineBytes()]).toEqual([2, 21]);
  opened.store.write((write) => quarantine.deleteQuarantine(write, ZONE, "c1", 10));
  expect(quarantine.listQuarantine(ZONE, 0, 10).map(({ document }) => document)).toEqual(["3"]);
});

test("a snapshot's chunks are there until they are deleted", async () => {
  await using opened = openStore();
  const chunks = prepareChunkQueries(opened.store);
  opened.store.write((write) => {
    const chunk = { zoneId: ZONE, snapshot: "snp_1", index: 0, text: "a\n", now: 1 };
    chunks.putChunk(write, chunk);
    chunks.putChunk(write, { ...chunk, index: 1 });
    chunks.putChunk(write, { ...chunk, snapshot: "snp_2" });
  });
  expect(chunks.findChunk(ZONE, "snp_1", 1)).toBe("a\n");
  const [first, second] = [
    { zoneId: ZONE, snapshot: "snp_1" },
    { zoneId: ZONE, snapshot: "snp_2" },
  ];
  expect(chunks.listSnapshots()).toEqual([first, second]);
  const remove = () => opened.store.write((write) => chunks.deleteChunks(write, first, 1));
  expect([remove(), remove(), remove()]).toEqual([true, true, false]);
  expect(chunks.listSnapshots()).toEqual([second]);
});

test("what is known of a copy is what its row says, whatever was taken back", async () => {
  await using opened = openStore();
  const { store } = opened;
  const zones = prepareReplicatedZoneQueries(store);
  const row = {
    ...{ zoneId: ZONE, epoch: 0, n: 0, digest: "d0", seq: 0, hash: "h0", released: 0 },
    ...{ complete: true, lost: false, halted: null, standing: "{}", head: null, updatedAt: 1 },
  };
  const advance = (write: Write, n: number) => {
    const at = { epoch: 1, n, digest: `d${n}`, seq: n, hash: `h${n}`, head: null, updatedAt: n };
    zones.advanceReplicated(write, { zoneId: ZONE, ...at });
  };
  const rowOnDisk = () =>
    store.raw.prepare("SELECT n FROM replicated_zones WHERE zone_id = ?").pluck().get(ZONE);
  const expectAt = (n: number | undefined) =>
    expect([zones.findReplicated(ZONE)?.n, rowOnDisk()]).toEqual([n, n]);
  store.write((write) => zones.putReplicated(write, row));
  await store.committed();
  expectAt(0);
  // One operation of several is taken back.
  store.write((write) => {
    advance(write, 1);
    const error = store.tryWrite((inner) => {
      advance(inner, 2);
      expectAt(2);
      throw new Error("refused");
    });
    expect(error?.message).toBe("refused");
    expectAt(1);
  });
  expectAt(1);
  // The whole turn is lost.
  const lost = store.committed().catch((error: Error) => error.message);
  expect(() =>
    store.write((write) => {
      advance(write, 3);
      store.raw.exec("ROLLBACK");
      throw new Error("SQLite gave up");
    }),
  ).toThrow();
  expect(typeof (await lost)).toBe("string");
  expectAt(0);
});

test("what runs at the end of an operation is part of the outermost one, and takes it back by a throw", async () => {
  await using opened = openStore();
  const { store } = opened;
  const zones = prepareReplicatedZoneQueries(store);
  const seen: string[] = [];
  let refuses = false;
  store.onOperation({
    place: () => 1,
    drop: (_write, place) => seen.push(`drop ${place}`),
    end: (write, place) => {
      write.assertOpen();
      seen.push(`end ${place}`);
      if (refuses) throw new Error("refused");
    },
  });
  const put = (zoneId: string) =>
    store.write((write) => {
      store.write((inner) => {
        zones.putReplicated(inner, {
          ...{ zoneId, epoch: 0, n: 0, digest: "d0", seq: 0, hash: "h0", released: 0 },
          ...{
            complete: true,
            lost: false,
            halted: null,
            standing: "{}",
            head: null,
            updatedAt: 1,
          },
        });
        store.gate(() => seen.push(zoneId));
      });
      seen.push("inner");
      write.assertOpen();
    });
  put("zone_a");
  await store.committed();
  refuses = true;
  expect(() => put("zone_b")).toThrow("refused");
  refuses = false;
  await store.committed();
  expect(seen.splice(0)).toEqual(["inner", "end 0", "zone_a", "inner", "end 0"]);
  expect(zones.listReplicated().map(({ zoneId }) => zoneId)).toEqual(["zone_a"]);
  // One that is an operation by itself is taken back alone.
  let error: unknown;
  store.write(() => {
    refuses = true;
    error = store.tryWrite((write) => zones.deleteReplicated(write, "zone_a"));
    refuses = false;
    store.operate(() => seen.push("own"));
  });
  expect(error).toMatchObject({ message: "refused" });
  store.forget(() => seen.push("forget"));
  expect(seen).toEqual(["end 1", "own", "end 1", "end 0", "forget", "drop 1", "end 0"]);
  expect(zones.listReplicated().map(({ zoneId }) => zoneId)).toEqual(["zone_a"]);
  expect(() => store.onOperation({ place: () => 0, end: () => {}, drop: () => {} })).toThrow(
    "already",
  );
});

test("a request record is kept as long as its requirement may be looked for on the chain", () => {
  const quoted = { state: "quoted", deadline: 1000 };
  expect(toRecordExpiry({ expires_at: 1600, payments: [quoted] })).toBe(1000 + 30 * 86_400);
  expect(toRecordExpiry({ expires_at: 1600, payments: [{ ...quoted, void_at: 1100 }] })).toBe(1600);
  expect(toRecordExpiry({ expires_at: 1600, payments: [{ ...quoted, state: "expired" }] })).toBe(
    1600,
  );
  expect(toRecordExpiry({ payments: [quoted] })).toBe(null);
});
