import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createLogger } from "../../../src/base/log.ts";
import { type NodeKey, toNodeKey } from "../../../src/identity/node-key.ts";
import { SignatureVerifier } from "../../../src/identity/verify.ts";
import type { Position, ZoneRecord } from "../../../src/protocol/commit.ts";
import { createId } from "../../../src/protocol/ids.ts";
import { toCanonicalJson } from "../../../src/protocol/json.ts";
import { replicationSchema } from "../../../src/replication/config.ts";
import type { FollowEvents } from "../../../src/replication/follow/follow-events.ts";
import { Follower } from "../../../src/replication/follow/follower.ts";
import type { LinkSession } from "../../../src/replication/links/link-port.ts";
import { applyRecord, parseRecord } from "../../../src/replication/records/apply.ts";
import { CommitLog, sha256Chain } from "../../../src/replication/records/commit-log.ts";
import { findRequestRecord, listRecords } from "../../../src/replication/records/listing.ts";
import { Feeds } from "../../../src/replication/serve/feeds.ts";
import { Store, type Write } from "../../../src/store/database.ts";
import { prepareChunkQueries } from "../../../src/store/replication/chunks.ts";
import {
  prepareEvidenceQueries,
  prepareQuarantineQueries,
} from "../../../src/store/replication/evidence.ts";
import { prepareReplicaRequestQueries } from "../../../src/store/replication/replica-requests.ts";
import { prepareInviteQueries } from "../../../src/store/zones/invites.ts";
import { prepareRequestQueries, type RequestRow } from "../../../src/store/zones/requests.ts";
import { prepareZoneQueries } from "../../../src/store/zones/zones.ts";
import type { LinkBody } from "../../../src/wire/link-bodies.ts";
import { toEntryHash, toGenesisHash } from "../../../src/zones/log/log.ts";
import { wireLink } from "./wired-links.ts";

export const ZONE_ID = "zone_019a2f3c-5b60-7c1e-9d2a-4f6b8c0d1e2f";
const ENVELOPE_HASH = "b2".repeat(32);
const verifier = new SignatureVerifier();
const fail = (error: unknown) => {
  throw error;
};

/** What all nodes of a test agree on. */
export class StreamWorld {
  epoch = 1;
  readonly primaries = new Map<number, string>();
}

/** What a follower was told of, in order. */
export type Told = Readonly<Record<string, unknown>> & { readonly event: string };

/**
 * A steward's store with what serves and follows one zone, all of it real; who is primary, and of what, the test
 * says.
 */
export class StreamingNode {
  readonly key: NodeKey;
  readonly nodeId: string;
  readonly told: Told[] = [];
  readonly acks: LinkBody<"zone.replica_ack">[] = [];
  readonly store: Store;
  readonly zones;
  readonly invites;
  readonly log: CommitLog;
  readonly feeds: Feeds;
  readonly follower: Follower;
  readonly quarantine;
  readonly evidence;
  private readonly requests;
  private readonly links = new Map<string, LinkSession>();
  private readonly world: StreamWorld;
  private isDisposed = false;
  private readonly waiting: (() => void)[] = [];

  constructor(
    world: StreamWorld,
    path: string,
    options: object = {},
    key = toNodeKey(generateKeyPairSync("ed25519").privateKey),
  ) {
    this.world = world;
    this.key = key;
    this.nodeId = key.nodeId;
    const store = Store.open(path, { onFatal: fail, onEffectError: fail });
    this.store = store;
    this.zones = prepareZoneQueries(store);
    this.invites = prepareInviteQueries(store);
    this.quarantine = prepareQuarantineQueries(store);
    this.evidence = prepareEvidenceQueries(store);
    const now = () => Math.floor(Date.now() / 1000);
    const { zones, nodeId: ownNodeId } = this;
    const commitLog = new CommitLog({
      store,
      queries: zones,
      ownNodeId,
      now,
      kept: { secs: 3600, bytes: 1 << 26 },
    });
    this.log = commitLog;
    this.requests = prepareReplicaRequestQueries(store);
    const limits = replicationSchema.parse(options);
    const reading = { ...commitLog.reading, replicaRequests: this.requests };
    const shared = {
      ...{ store, zones, now, hash: sha256Chain, genesisOf: toGenesisHash },
      commits: commitLog.commits,
      replicated: commitLog.zones,
      primaryOf: (_: string, epoch: number) => world.primaries.get(epoch),
      listRecords: (
        zoneId: string,
        after: Pick<ZoneRecord, "kind" | "key"> | undefined,
        limit: number,
      ) => listRecords(reading, zoneId, after, limit),
    };
    this.feeds = new Feeds({ ...shared, key: this.key, limits, onEnd: () => {} });
    this.follower = new Follower({
      ...shared,
      ...{ commitLog, quarantine: this.quarantine, evidence: this.evidence },
      log: createLogger("silent"),
      verify: (publicKey, content, signature) => verifier.verify(publicKey, content, signature),
      chunks: prepareChunkQueries(store),
      assertRecord: parseRecord,
      applyRecord: (write, zoneId, record) =>
        applyRecord(
          write,
          { plain: commitLog.reading.plain, replicaRequests: this.requests },
          zoneId,
          record,
        ),
      findRecord: (zoneId, kind, [first = "", second = ""]) =>
        kind === "request" ? findRequestRecord(reading, zoneId, first, second) : undefined,
      window: limits.window_bytes,
      evidenceMax: limits.evidence_max,
      quarantineBytesMax: limits.quarantine_bytes_max,
      epochOf: () => ({ epoch: world.epoch, hash: ENVELOPE_HASH }),
      ask: (link, body) => link.send(body),
      links: { find: (nodeId) => this.links.get(nodeId) },
      events: this.events(),
    });
    commitLog.onCommit((_, ...made) => this.feeds.committed(...made));
  }

  /** Begins the zone: of the steward that hosts it complete, else as a row without a copy. */
  createZone(isHost: boolean): void {
    const hash = toGenesisHash(ZONE_ID);
    this.store.write((write) => {
      this.zones.insertZone(write, {
        ...{ zoneId: ZONE_ID, epoch: 1, envelopeHash: ENVELOPE_HASH, state: "active" },
        ...{ suspendedAt: null, creator: "atlas_1", name: "z", type: "open", topic: null },
        ...{
          description: "d",
          headSeq: 0,
          headHash: hash,
          logBytes: 0,
          memberCount: 0,
          createdAt: 1,
        },
      });
      const start = { zoneId: ZONE_ID, envelopeHash: ENVELOPE_HASH, epoch: 0, seq: 0, hash };
      this.log.register(write, { ...start, complete: isHost });
    });
  }

  /** Opens a link to another node, and follows it. */
  follow(other: StreamingNode, isRecover = false) {
    const link = this.dial(other);
    this.follower.follow(ZONE_ID, { from: other.nodeId, isRecover });
    return link;
  }

  /** Opens a link to another node. */
  dial(other: StreamingNode) {
    const { dialed, served } = wireLink(this.end(), other.end());
    this.links.set(other.nodeId, dialed);
    this.follower.linkUp(dialed);
    return {
      dialed,
      served,
      cut: () => {
        dialed.close();
        served.close();
        this.links.delete(other.nodeId);
        this.follower.linkDown(dialed);
        other.feeds.closeLink(served.id);
      },
    };
  }

  /** Adds a message to the zone, as one operation. */
  say(content: unknown, nodeId = "atlas_a"): void {
    this.logMessage({ id: createId("zmsg"), content }, nodeId);
  }

  /** Adds a message as it is to be logged, whoever it is said to be of. */
  logMessage(data: Readonly<Record<string, unknown>>, nodeId: string): void {
    this.store.write((write) => {
      const zone = this.zones.findZone(ZONE_ID);
      if (zone === undefined) throw new Error("There is no zone.");
      const entry = {
        ...{ zoneId: ZONE_ID, seq: zone.headSeq + 1, timestamp: 1_790_000_000, nodeId },
        ...{ kind: "message" as const, data: toCanonicalJson(data) },
      };
      const hash = toEntryHash(zone.headHash, entry);
      this.zones.insertLogEntry(write, { ...entry, hash, messageId: String(data.id) });
    });
  }

  /** Adds a request of its own, as one operation. */
  request(fields: Partial<RequestRow> & Pick<RequestRow, "nodeId" | "requestId">): void {
    const row: RequestRow = {
      ...{ zoneId: ZONE_ID, action: "echo", params: "{}", contentHash: "", state: "running" },
      ...{ paid: false, invokeId: createId("req"), idempotent: false, messageId: "msg_1" },
      ...{ result: null, failure: null, createdAt: 1, updatedAt: 1, expiresAt: null },
      ...{ runner: null, sig: null, ...fields },
    };
    this.store.write((write) => prepareRequestQueries(this.store).insertRequest(write, row));
  }

  /** Adds a member, as one operation. */
  admit(nodeId: string, name = "member"): void {
    this.store.write((write) =>
      this.zones.insertMember(write, {
        ...{ zoneId: ZONE_ID, nodeId, name, role: "member", skills: "[]", joinedAt: 1 },
      }),
    );
  }

  /** Takes a member out, as one operation. */
  expel(nodeId: string): void {
    this.store.write((write) => this.zones.deleteMember(write, ZONE_ID, nodeId));
  }

  /** Notes that an epoch was adopted, as what logs its envelope would. */
  setEpoch(write: Write, epoch: number): void {
    write.run(
      this.store.raw.prepare("UPDATE zones SET epoch = ? WHERE zone_id = ?"),
      epoch,
      ZONE_ID,
    );
  }

  /** Keeps a request's record as another steward's. */
  putRequest(requestId: string): void {
    const value = {
      ...{ action: "echo", params: "{}", state: "answered", paid: false, invoke_id: "inv_1" },
      ...{ idempotent: true, message_id: "msg_1", result: "1", created_at: 1, updated_at: 1 },
    };
    const row = { zoneId: ZONE_ID, nodeId: `atlas_${"a1".repeat(32)}`, requestId, wallet: null };
    this.store.write((write) =>
      this.requests.putReplicaRequest(write, {
        ...{ ...row, value: toCanonicalJson(value), expiresAt: null, createdAt: 1 },
      }),
    );
  }

  /** Where its complete copy stands. */
  get position(): Position | undefined {
    return this.log.position(ZONE_ID);
  }

  /** Everything of the zone that is replicated. */
  content() {
    const reading = { ...this.log.reading, replicaRequests: this.requests };
    return {
      records: listRecords(reading, ZONE_ID, undefined, 100_000),
      entries: [...this.zones.iterateLog(ZONE_ID, 0, 1_000_000)],
      head: this.zones.findZone(ZONE_ID),
    };
  }

  /** Resolves when a condition holds; looks whenever something was told or acknowledged. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Resolves when the copy is where another node's is. */
  async level(other: StreamingNode): Promise<void> {
    await other.store.committed();
    await this.until(() => this.position?.digest === other.position?.digest);
    await this.store.committed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    await this.follower[Symbol.asyncDispose]();
    await this.feeds[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }

  private end() {
    return {
      nodeId: this.nodeId,
      store: this.store,
      receive: (link: LinkSession, body: LinkBody) => this.receive(link, body),
    };
  }

  private receive(link: LinkSession, body: LinkBody): void {
    if (this.isDisposed) return;
    switch (body.type) {
      case "zone.replicate":
        this.feeds.open(link, this.world.epoch, {
          ...{ zoneId: body.zone_id, position: body.position, log: body.log, window: body.window },
        });
        break;
      case "zone.replica_ack":
        this.acks.push(body);
        if ("n" in body) this.feeds.acknowledge(body.zone_id, link.nodeId, body.n, body.digest);
        else this.feeds.acknowledgeChunk(body.zone_id, link.nodeId, body.snapshot, body.index);
        break;
      case "zone.entries":
        this.follower.entries(link, body, toBytes(body));
        break;
      case "zone.snapshot":
        this.follower.snapshot(link, body, toBytes(body));
        break;
      default:
        throw new Error(`${body.type} is not expected.`);
    }
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private tell(event: Told): void {
    this.told.push(event);
    this.wake();
  }

  private events(): FollowEvents {
    return {
      applied: (_, zoneId, from, { position }) =>
        this.tell({ event: "applied", zoneId, from, position }),
      copied: (_, zoneId, from, position) => this.tell({ event: "copied", zoneId, from, position }),
      copying: (zoneId, isUnderWay) => this.tell({ event: "copying", zoneId, isUnderWay }),
      told: (zoneId, told) => this.tell({ event: "told", zoneId, ...told }),
      recovery: (zoneId, from, outcome) => this.tell({ event: "recovery", zoneId, from, outcome }),
      halt: (_, zoneId) => this.tell({ event: "halt", zoneId }),
      alarm: (zoneId, what, detail) => this.tell({ event: "alarm", zoneId, what, ...detail }),
    };
  }
}

/** A folder for databases, gone with the test. */
export function createFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), "streams-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

function toBytes(body: LinkBody): number {
  return Buffer.byteLength(JSON.stringify(body));
}
