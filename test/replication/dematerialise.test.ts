import { expect, test } from "vitest";
import { createLogger } from "../../src/base/log.ts";
import { createId } from "../../src/protocol/ids.ts";
import { Dematerialiser } from "../../src/replication/records/dematerialiser.ts";
import { listRecords } from "../../src/replication/records/listing.ts";
import { prepareReplicaRequestQueries } from "../../src/store/replication/replica-requests.ts";
import { prepareRequestWriting } from "../../src/store/replication/request-writing.ts";
import { prepareRequestQueries } from "../../src/store/zones/requests.ts";
import { StreamingNode, ZONE_ID } from "./support/streaming-node.ts";
import { createPair, ids } from "./support/streaming-pair.ts";

const OPEN = 3_000;
const [SENDER = ""] = ids(1);

function toDeps({ store, log: commits, nodeId: ownNodeId }: StreamingNode) {
  return {
    ...{ store, commits, ownNodeId, log: createLogger("silent") },
    replicaRequests: prepareReplicaRequestQueries(store),
    requests: prepareRequestQueries(store),
    writing: prepareRequestWriting(store),
  };
}

/** Requests that are being run, made in one operation. */
function ask({ store }: StreamingNode): void {
  const { insertRequest } = prepareRequestQueries(store);
  store.write((write) => {
    for (let i = 0; i < OPEN; i++) {
      insertRequest(write, {
        ...{ zoneId: ZONE_ID, nodeId: SENDER, requestId: `req_${i}`, action: "echo", params: "{}" },
        ...{ contentHash: "", state: "running", paid: false, invokeId: createId("req") },
        ...{ idempotent: false, messageId: "msg_1", result: null, failure: null, createdAt: 1 },
        ...{ updatedAt: 1, expiresAt: null, runner: null, sig: null },
      });
    }
  });
}

const readRecords = ({ store, log }: StreamingNode) =>
  listRecords(
    { ...log.reading, replicaRequests: prepareReplicaRequestQueries(store) },
    ZONE_ID,
    undefined,
    100_000,
  );

const countRows = ({ store }: StreamingNode) =>
  store.raw.prepare("SELECT count(*) FROM requests").pluck().get();

test("what a deposed primary has under way becomes records in slices, and after a crash in between the rest", async () => {
  const { world, primary, dir } = createPair();
  ask(primary);
  await primary.store.committed();
  const before = readRecords(primary);
  expect(before).toHaveLength(OPEN);
  const { n } = primary.position ?? {};

  const first = new Dematerialiser(toDeps(primary));
  first.begin(ZONE_ID);
  // Between two slices it is somebody else's turn.
  let turns = 0;
  while (Number(countRows(primary)) > OPEN / 2) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  expect(turns).toBeGreaterThan(1);
  expect(readRecords(primary)).toEqual(before);
  first[Symbol.dispose]();
  await first.done(ZONE_ID);
  expect(countRows(primary)).toBeGreaterThan(0);
  await primary[Symbol.asyncDispose]();

  await using again = new StreamingNode(world, `${dir}/primary`, {}, primary.key);
  const second = new Dematerialiser(toDeps(again));
  second.begin(ZONE_ID);
  await second.done(ZONE_ID);
  expect(countRows(again)).toBe(0);
  expect(readRecords(again)).toEqual(before);
  // It was no commit of this steward's.
  expect(again.position?.n).toBe(n);
});

test("a record that the steward in charge wrote meanwhile stays as it is", async () => {
  const { primary } = createPair();
  ask(primary);
  const deps = toDeps(primary);
  const [record] = readRecords(primary);
  const value = JSON.stringify({ ...record?.value, state: "answered" });
  const [nodeId = "", requestId = ""] = record?.key ?? [];
  const row = { zoneId: ZONE_ID, nodeId, requestId, value, wallet: null, expiresAt: null };
  primary.store.write((write) =>
    deps.replicaRequests.putReplicaRequest(write, { ...row, createdAt: 1 }),
  );
  const dematerialiser = new Dematerialiser(deps);
  dematerialiser.begin(ZONE_ID);
  await dematerialiser.done(ZONE_ID);
  expect(deps.replicaRequests.findReplicaRequest(ZONE_ID, nodeId, requestId)).toMatchObject({
    value,
  });
  expect(countRows(primary)).toBe(0);
});
