import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect as connectTcp, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { type SignedZone, signZone } from "../../test/support/creator.ts";
import { NO_LIMITS, StewardProcess } from "../../test/support/steward-process.ts";
import { createAgentKey, WireClient } from "../../test/support/wire-client.ts";

/** A steward in a process of its own that takes part in every zone, and its database as others read it. */
export interface ReplicaProcess extends AsyncDisposable {
  readonly steward: StewardProcess;
  /** Where this steward's copy of a zone stands; undefined without a complete one. */
  position(zoneId: string): { n: number; digest: string } | undefined;
}

/** Where a replica keeps its files that has a disk of its own elsewhere, and where it is Linux, memory. */
const OWN_DISK = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/**
 * Has a process take only what nobody else on the machine wants, as if it ran elsewhere. All of its threads: a
 * niceness is one thread's. On a disk that others use it would hold them up, too: what it has begun there they wait for.
 */
function runAside({ pid }: StewardProcess): void {
  execFileSync("chrt", ["--all-tasks", "--idle", "--pid", "0", String(pid)]);
}

/** Starts one that is as if it ran elsewhere. */
export async function startElsewhere(
  peers: Readonly<Record<string, string>> = {},
): Promise<ReplicaProcess> {
  const replica = await startReplica(peers, OWN_DISK);
  runAside(replica.steward);
  return replica;
}

/** Starts one; `peers` says where others are dialed. */
export async function startReplica(
  peers: Readonly<Record<string, string>> = {},
  dir = tmpdir(),
): Promise<ReplicaProcess> {
  const dataDir = mkdtempSync(join(dir, "steward-bench-"));
  const steward = await StewardProcess.start({
    dataDir,
    measured: true,
    config: {
      ...NO_LIMITS,
      http: { port: 0 },
      zones: { creation: "anyone", hosted_max: 1000 },
      replication: { allow: ["*"], peers },
    },
  });
  const database = new Database(join(dataDir, "steward.sqlite"), { readonly: true });
  const find = database.prepare<[string], { n: number; digest: string }>(
    "SELECT n, digest FROM replicated_zones WHERE zone_id = ? AND complete = 1",
  );
  return {
    steward,
    position: (zoneId) => find.get(zoneId),
    [Symbol.asyncDispose]: async () => {
      database.close();
      await steward[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const creator = createAgentKey();

/** Creates a zone with one primary, and hands on its later envelopes. */
export async function createZone(
  primary: StewardProcess,
  replicas: readonly { readonly steward: StewardProcess; readonly voter: boolean }[],
): Promise<SignedZone> {
  const first = signZone(creator, primary.nodeId, { steward_set: toSet(primary, replicas) });
  const zone =
    replicas.length === 0 ? first : first.again({ replication: { min_acks: 1, lease_ms: 10_000 } });
  await ask(primary, { type: "zone.create", envelope: zone.envelope });
  return zone;
}

/** Gives a zone other replicas. */
export async function updateZone(
  primary: StewardProcess,
  zone: SignedZone,
  replicas: readonly { readonly steward: StewardProcess; readonly voter: boolean }[],
): Promise<SignedZone> {
  const next = zone.next({ steward_set: toSet(primary, replicas) });
  await ask(primary, { type: "zone.update", envelope: next.envelope });
  return next;
}

async function ask(steward: StewardProcess, body: object): Promise<void> {
  await using client = await WireClient.connect(steward.wireUrl, { key: creator });
  const answer = await client.ask({ ...body });
  if (answer.type !== "zone.manifest") throw new Error(JSON.stringify(answer));
}

function toSet(
  primary: StewardProcess,
  replicas: readonly { readonly steward: StewardProcess; readonly voter: boolean }[],
) {
  const ref = ({ nodeId, wireUrl }: StewardProcess) => ({ node_id: nodeId, entrypoint: wireUrl });
  return [
    { ...ref(primary), role: "primary" },
    ...replicas.map(({ steward, voter }) => ({ ...ref(steward), role: "replica", voter })),
  ];
}

/** Stands before a steward and counts the bytes that come back from it. */
export async function countBytes(wireUrl: string) {
  const target = new URL(wireUrl);
  const counted = { bytes: 0 };
  const server = createServer((socket) => {
    const upstream = connectTcp(Number(target.port), target.hostname);
    socket.pipe(upstream);
    upstream.on("data", (chunk) => {
      counted.bytes += chunk.length;
    });
    upstream.pipe(socket);
    for (const end of [socket, upstream]) {
      end.on("error", () => {});
      end.on("close", () => {
        socket.destroy();
        upstream.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(wireUrl);
  url.port = String((server.address() as AddressInfo).port);
  return { url: url.href, counted, close: () => server.close() };
}
