import type { Position } from "../../protocol/commit.ts";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import type { Write } from "../../store/database.ts";
import { prepareChunkQueries } from "../../store/replication/chunks.ts";
import {
  prepareEvidenceQueries,
  prepareQuarantineQueries,
} from "../../store/replication/evidence.ts";
import { type LinkBodyType, parseLinkBody } from "../../wire/link-bodies.ts";
import { findEpoch } from "../core/zone.ts";
import type { FollowEvents } from "../follow/follow-events.ts";
import { Follower } from "../follow/follower.ts";
import type { CheckedCommit } from "../follow/judge-entries.ts";
import type { LinkMessage, LinkSession, SentBody } from "../links/link-port.ts";
import { applyRecord, parseRecord } from "../records/apply.ts";
import { findRequestRecord } from "../records/listing.ts";
import type { StreamParts, StreamsDeps } from "./stream-parts.ts";

/** Each is up to a megabyte. */
const CHUNKS_PER_DELETE = 16;

/** Hears of what was applied of another steward's commits, in its write. */
export type AppliedListener = (
  write: Write,
  zoneId: string,
  to: { readonly position: Position; readonly commits: readonly CheckedCommit[] },
) => void;

/** Hears that another copy took the place of a zone's, in its write. */
export type CopiedListener = (write: Write, zoneId: string) => void;

/** Whom a zone's machine follows and recovers from. */
interface Wanted {
  readonly follow: string | undefined;
  readonly recover: string | undefined;
}

/** Follows other stewards as the zones' machines decide: zone.entries and zone.snapshot; `docs/protocol.md` §9.5 and §9.6. */
export class Subscribing {
  readonly follower: Follower;
  private readonly deps: StreamsDeps;
  private readonly chunks: ReturnType<typeof prepareChunkQueries>;
  private readonly wanted = new Map<string, Wanted>();
  /** E, by zone. */
  private readonly epochs = new Map<string, number>();
  private readonly applied: AppliedListener[] = [];
  private readonly copied: CopiedListener[] = [];

  constructor(deps: StreamsDeps, parts: StreamParts) {
    this.deps = deps;
    this.chunks = prepareChunkQueries(deps.store);
    this.follower = this.createFollower(parts);
    const { machines, hub } = deps;
    machines.on("follow", (zoneId, { node }) => this.want(zoneId, { follow: node }));
    machines.on("recover", (zoneId, { node }) => this.want(zoneId, { recover: node }));
    machines.watch((zoneId, state) => {
      this.noteEpoch(zoneId, state && findEpoch(state)?.epoch);
      if (state === undefined) this.want(zoneId, { follow: undefined, recover: undefined });
    });
    hub.desk.handle("zone.entries", (link, message) => {
      const { byteLength } = message.body.value;
      this.follower.entries(link, parse("zone.entries", message), byteLength);
    });
    hub.desk.handle("zone.snapshot", (link, message) => {
      const { byteLength } = message.body.value;
      this.follower.snapshot(link, parse("zone.snapshot", message), byteLength);
    });
    hub.desk.listen({
      onUp: (link) => this.follower.linkUp(link),
      onDown: (link) => this.follower.linkDown(link),
    });
  }

  /** Calls back with what was applied of another steward's commits. */
  onApplied(listener: AppliedListener): void {
    this.applied.push(listener);
  }

  /** Calls back when another copy took the place of a zone's. */
  onCopied(listener: CopiedListener): void {
    this.copied.push(listener);
  }

  /** Forgets some chunks of snapshots that are not coming any more; tells whether more may be left. */
  pruneChunks(write: Write): boolean {
    const unused = this.chunks.listSnapshots().find((one) => !this.follower.isStaging(one));
    if (unused === undefined) return false;
    this.chunks.deleteChunks(write, unused, CHUNKS_PER_DELETE);
    return true;
  }

  private createFollower(parts: StreamParts): Follower {
    const { store, commitLog, log, verifier, config, machines, hub } = this.deps;
    const { reading } = parts;
    return new Follower({
      ...parts,
      ...{ commitLog, log, events: this.toEvents(), links: hub.table },
      verify: (publicKey, content, signature) => verifier.verify(publicKey, content, signature),
      chunks: this.chunks,
      quarantine: prepareQuarantineQueries(store),
      evidence: prepareEvidenceQueries(store),
      assertRecord: parseRecord,
      applyRecord: (write, zoneId, record) => applyRecord(write, reading, zoneId, record),
      findRecord: (zoneId, kind, [nodeId = "", requestId = ""]) =>
        kind === "request" ? findRequestRecord(reading, zoneId, nodeId, requestId) : undefined,
      window: config.window_bytes,
      evidenceMax: config.evidence_max,
      quarantineBytesMax: config.quarantine_bytes_max,
      epochOf: (zoneId) => {
        const state = machines.find(zoneId);
        return state && findEpoch(state);
      },
      ask: (link, body, onRefused) => this.ask(link, body, onRefused),
    });
  }

  private ask(link: LinkSession, body: SentBody, onRefused: () => void): void {
    const { hub } = this.deps;
    hub.desk.ask(link, body, {
      onAnswer: () => {},
      onRefused: (_, refusal) => {
        if (refusal === undefined) return;
        this.takeEnvelopes(String(body.zone_id), refusal.body?.envelopes);
        onRefused();
      },
    });
  }

  private takeEnvelopes(zoneId: string, envelopes: JsonValue | undefined): void {
    if (!Array.isArray(envelopes)) return;
    try {
      this.deps.takeEnvelopes(zoneId, envelopes as readonly JsonObject[]);
    } catch (error) {
      this.deps.log.warn({ err: error, zone: zoneId }, "envelopes beside a refusal are not usable");
    }
  }

  /** In another epoch it is asked anew, whoever is primary. */
  private noteEpoch(zoneId: string, epoch: number | undefined): void {
    const before = this.epochs.get(zoneId);
    if (epoch === before) return;
    if (epoch === undefined) this.epochs.delete(zoneId);
    else this.epochs.set(zoneId, epoch);
    if (before !== undefined) this.follower.again(zoneId);
  }

  private want(zoneId: string, changes: Partial<Wanted>): void {
    const before = this.wanted.get(zoneId) ?? { follow: undefined, recover: undefined };
    const wanted = { ...before, ...changes };
    this.wanted.set(zoneId, wanted);
    const { follow, recover } = wanted;
    if (follow === before.follow && recover === before.recover) return;
    if (follow === undefined && recover === undefined) this.wanted.delete(zoneId);
    const from = recover ?? follow;
    const target = from === undefined ? undefined : { from, isRecover: recover !== undefined };
    this.follower.follow(zoneId, target);
  }

  private toEvents(): FollowEvents {
    const { machines, log } = this.deps;
    return {
      applied: (write, zoneId, from, to) => {
        machines.dispatch(zoneId, { type: "applied", from, position: to.position });
        for (const listener of this.applied) listener(write, zoneId, to);
      },
      copied: (write, zoneId, from, position) => {
        machines.dispatch(zoneId, { type: "copied", from, position });
        for (const listener of this.copied) listener(write, zoneId);
      },
      copying: (zoneId, isUnderWay) => machines.dispatch(zoneId, { type: "copying", isUnderWay }),
      told: (zoneId, told) => machines.dispatch(zoneId, { type: "told", ...told }),
      recovery: (zoneId, from, outcome) => {
        machines.dispatch(zoneId, { type: "recovery", from, outcome });
      },
      halt: (_, zoneId) => machines.dispatch(zoneId, { type: "halt", reason: "EVIDENCE" }),
      alarm: (zoneId, what, detail) => {
        log.error({ zone: zoneId, what, ...detail }, "ALARM: a replicated zone is not followed");
      },
    };
  }
}

function parse<T extends LinkBodyType>(type: T, message: LinkMessage) {
  return parseLinkBody(type, message.body.value.decode() as JsonObject);
}
