import type { Logger } from "../../base/log.ts";
import type { Position } from "../../protocol/commit.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import type { Store, Write } from "../../store/database.ts";
import { type LinkBody, readSnapshotLine } from "../../wire/link-bodies.ts";
import type { LinkSession, SentBody } from "../links/link-port.ts";
import { applyCommits } from "./apply.ts";
import { Arriving, toSigner, toWrongCommits, toWrongRecord } from "./arriving.ts";
import { Copying, type CopyingDeps, type CopyPlace } from "./copying.ts";
import { type EvidenceDeps, isTheirs, keepEvidence, type Wrong } from "./evidence.ts";
import type { FollowEvents, FollowTarget } from "./follow-events.ts";
import {
  type ArrivedEntries,
  type EntriesVerdict,
  type FollowedPlace,
  judgeEntries,
} from "./judge-entries.ts";
import { QuarantineFull } from "./later-copy.ts";
import { canBeginAt } from "./log-start.ts";
import { findOwnPlace, locate, toFollowedPlace } from "./places.ts";
import { Retries } from "./retries.ts";
import { type SnapshotBegin, type SnapshotChunk, SnapshotReader } from "./snapshot-reader.ts";

/** What contradicts this steward's copy may be of what was asked before; so often in a row it is not. */
const CONTRADICTIONS_MAX = 3;

type EntriesBody = LinkBody<"zone.entries">;
type SnapshotBody = LinkBody<"zone.snapshot">;
type SnapshotEndBody = Extract<SnapshotBody, { readonly chunks: number }>;
type Applicable = Extract<EntriesVerdict, { verdict: "apply" }>;

export interface FollowingDeps extends CopyingDeps, EvidenceDeps {
  readonly store: Store;
  readonly log: Logger;
  readonly events: FollowEvents;
  readonly window: number;
  /** Sends a body, and hears that it was refused. */
  readonly ask: (link: LinkSession, body: SentBody, onRefused: () => void) => void;
  /** E and its envelope's hash. */
  readonly epochOf: (
    zoneId: string,
  ) => { readonly epoch: number; readonly hash: string } | undefined;
  readonly primaryOf: (zoneId: string, epoch: number) => string | undefined;
}

/** One zone as it is followed from one steward; `docs/protocol.md` §9.5 and §9.6. */
export class Following {
  readonly target: FollowTarget;
  private readonly deps: FollowingDeps;
  private readonly zoneId: string;
  private readonly arriving = new Arriving();
  private link: LinkSession | undefined;
  private asked = 0;
  private askedEpoch = 0;
  private copying: Copying | undefined;
  private readonly retries = new Retries(() => this.link !== undefined && this.ask(this.link));
  private isStopped = false;
  /** What was asked last has begun to be answered: nothing tells what comes before that from the former answer. */
  private isAnswered = false;
  private contradictions = 0;
  /** What would be cut back has no room: nothing is asked or taken until there is. */
  private isFull = false;

  constructor(deps: FollowingDeps, zoneId: string, target: FollowTarget) {
    this.deps = deps;
    this.zoneId = zoneId;
    this.target = target;
  }

  /** Sends zone.replicate: what comes from then on begins where this steward stands. */
  ask(link: LinkSession): void {
    const { zoneId, deps } = this;
    const epoch = deps.epochOf(zoneId);
    const zone = deps.zones.findZone(zoneId);
    if (this.isStopped || !link.isOpen || epoch === undefined || zone === undefined) return;
    this.retries.stop();
    this.reset();
    this.link = link;
    if (this.isFull) return;
    this.isAnswered = false;
    this.askedEpoch = epoch.epoch;
    const own = findOwnPlace(deps, zoneId);
    const asked = ++this.asked;
    const body = {
      type: "zone.replicate",
      zone_id: zoneId,
      epoch: epoch.epoch,
      envelope_hash: epoch.hash,
      position: own?.position ?? null,
      log: locate(deps, zone, own),
      window: deps.window,
      ...(this.target.isRecover && { recover: true }),
    };
    deps.ask(link, body, () => this.onRefused(asked));
  }

  /**
   * Asks anew, but for a copy under way: its primary may have ended what it sends, where another one was
   * primary in between.
   */
  again(): void {
    const isAsked = this.askedEpoch === this.deps.epochOf(this.zoneId)?.epoch;
    if (this.link !== undefined && this.copying === undefined && !isAsked) this.ask(this.link);
  }

  /** Asks anew after a while. */
  askLater(): void {
    this.retries.schedule();
  }

  /** Goes on where the quarantine was full. */
  roomMade(): void {
    if (!this.isFull) return;
    this.isFull = false;
    if (this.link !== undefined) this.ask(this.link);
  }

  /** The snapshot that is put aside as it comes; undefined where none is. */
  get staged(): string | undefined {
    return this.copying?.isFirst === false ? this.copying.reader.begin.snapshot : undefined;
  }

  /** Forgets what came over a link: on the next one it is asked anew. */
  linkDown(link: LinkSession): void {
    if (link !== this.link) return;
    this.link = undefined;
    this.reset();
  }

  /** Follows no more. */
  stop(): void {
    this.isStopped = true;
    this.retries.stop();
    this.reset();
  }

  /** Takes a zone.entries; what belongs to another epoch or link is passed over. */
  takeEntries(link: LinkSession, body: EntriesBody): void {
    if (!this.isCurrent(link, body.epoch)) return;
    const arrived = this.arriving.take(body);
    if (arrived === "gap") return this.retries.schedule();
    if (arrived !== undefined && "text" in arrived) {
      const { text } = arrived;
      return this.wrong({ kind: "CHAIN", fault: "COMMIT", document: { ...body, text } });
    }
    if (arrived === undefined) return this.progress();
    const place =
      this.copying === undefined ? findOwnPlace(this.deps, this.zoneId) : this.copying.place;
    const isUsable = place !== undefined && this.copying?.isEnded !== false;
    if (!isUsable) {
      if (this.copying === undefined && arrived.commits.length > 0) this.retries.schedule();
      return;
    }
    const verdict = judgeEntries(this.deps, this.toPlace(place, body.epoch), arrived);
    this.follow(verdict, place, arrived);
    const n = arrived.commits.at(-1)?.n ?? 0;
    if (!this.isStopped) this.tell(body.epoch, n, body.released);
  }

  /** Takes a zone.snapshot; what belongs to another epoch, link or snapshot is passed over. */
  takeSnapshot(link: LinkSession, body: SnapshotBody): void {
    if (!this.isCurrent(link, body.epoch)) return;
    if ("position" in body) this.beginCopy(body);
    else if (body.snapshot !== this.copying?.reader.begin.snapshot) return;
    else if (toNextIndex(body) !== this.copying.reader.chunks) this.retries.schedule();
    else if ("text" in body) this.takeChunk(this.copying, body);
    else this.endCopy(this.copying, body);
  }

  private answered(): void {
    this.isAnswered = true;
    this.contradictions = 0;
  }

  private onRefused(asked: number): void {
    if (asked !== this.asked || this.isStopped) return;
    if (!this.target.isRecover) return this.retries.schedule();
    this.stop();
    this.deps.events.recovery(this.zoneId, this.target.from, "refused");
  }

  private isCurrent(link: LinkSession, epoch: number): boolean {
    const { deps, zoneId } = this;
    const isFollowed = !this.isStopped && !this.isFull && link === this.link;
    return isFollowed && epoch === deps.epochOf(zoneId)?.epoch;
  }

  private follow(verdict: EntriesVerdict, place: CopyPlace, arrived: ArrivedEntries): void {
    switch (verdict.verdict) {
      case "drop":
        return;
      case "gap":
        return this.retries.schedule();
      case "halt":
        if (this.isOfFormer()) return this.retries.schedule();
        return this.wrong(
          toWrongCommits(this.deps, this.zoneId, verdict, { after: place, arrived }),
          arrived.head,
        );
      case "skip":
        if (arrived.commits.length > 0 && this.copying === undefined)
          this.acknowledge(place.position);
        return;
      default:
        return this.apply(verdict, place, arrived);
    }
  }

  /** Whether what contradicts the copy may still be of the subscription that was asked for before. */
  private isOfFormer(): boolean {
    if (this.isAnswered || this.asked === 1) return false;
    this.contradictions += 1;
    return this.contradictions < CONTRADICTIONS_MAX;
  }

  private apply(judged: Applicable, after: CopyPlace, arrived: ArrivedEntries): void {
    const { deps, zoneId, copying } = this;
    const { from, isRecover } = this.target;
    const error = deps.store.tryWrite((write) => {
      if (copying !== undefined) return this.redo(write, copying, judged, arrived);
      const { released } = arrived;
      applyCommits(write, deps, zoneId, { ...judged, released: isRecover ? 0 : released });
      deps.events.applied(write, zoneId, from, judged);
    });
    if (error !== undefined) {
      return this.fail(error, toWrongRecord(zoneId, after, arrived), judged.head);
    }
    this.retries.reset();
    this.answered();
    if (copying?.isWhole === true) this.copying = undefined;
    if (this.copying === undefined) this.acknowledge(judged.position);
    this.progress();
  }

  private redo(write: Write, copying: Copying, judged: Applicable, arrived: ArrivedEntries): void {
    copying.takeCommits(write, judged, arrived);
    if (copying.isWhole) this.complete(write, copying);
  }

  private complete(write: Write, copying: Copying): void {
    const { deps, zoneId, target } = this;
    copying.complete(write);
    deps.events.copied(write, zoneId, target.from, copying.place.position);
  }

  private beginCopy(body: SnapshotBegin & SnapshotBody): void {
    const { deps, zoneId } = this;
    this.reset();
    const of = this.toPlace({ position: body.position, log: body.log_after }, body.epoch);
    const reader = SnapshotReader.create({ ...deps, toLine: readSnapshotLine }, of, body);
    const wrong: Wrong = { kind: "SNAPSHOT", fault: "LOG_AFTER", document: body };
    if (typeof reader === "string") return this.wrong({ ...wrong, fault: reader });
    if (!canBeginAt(deps, zoneId, body)) return this.wrong(wrong);
    const isFirst = findOwnPlace(this.deps, this.zoneId) === undefined;
    const copying = new Copying(deps, of, reader, isFirst);
    const error = deps.store.tryWrite((write) => copying.begin(write));
    if (error !== undefined) return this.fail(error, { ...wrong, fault: "RECORD" });
    this.copying = copying;
    this.answered();
    if (isFirst) deps.events.copying(zoneId, true);
    this.progress();
  }

  private takeChunk(copying: Copying, body: SnapshotChunk & SnapshotBody): void {
    const { reader } = copying;
    const lines = reader.add(body);
    const { chunkFacts: facts } = reader;
    const document = { begin: reader.begin, chunk: body };
    const wrong: Wrong = { kind: "SNAPSHOT", fault: "RECORD", facts, document };
    if (typeof lines === "string") return this.wrong({ ...wrong, fault: lines });
    const error = this.deps.store.tryWrite((write) => copying.takeChunk(write, body, lines));
    if (error !== undefined) return this.fail(error, wrong);
    const { zone_id, epoch, snapshot, index } = body;
    this.link?.send({ type: "zone.replica_ack", zone_id, epoch, snapshot, index });
    this.progress();
  }

  private endCopy(copying: Copying, body: SnapshotEndBody): void {
    const fault = copying.reader.findEndFault(this.target.from, body);
    const document = { begin: copying.reader.begin, end: body };
    const wrong: Wrong = { kind: "SNAPSHOT", fault: "RECORD", document };
    if (fault !== undefined) return this.wrong({ ...wrong, fault });
    copying.end(body.upto);
    if (!copying.isWhole) return this.progress();
    const error = this.deps.store.tryWrite((write) => this.complete(write, copying));
    if (error !== undefined) return this.fail(error, wrong);
    this.copying = undefined;
    this.retries.reset();
    this.acknowledge(copying.place.position);
    this.progress();
  }

  private toPlace(place: CopyPlace, epoch: number): FollowedPlace {
    return toFollowedPlace(this.deps, { zoneId: this.zoneId, epoch, ...this.target }, place);
  }

  private acknowledge({ n, digest }: Position): void {
    const { zoneId, deps } = this;
    const epoch = deps.epochOf(zoneId)?.epoch;
    this.link?.send({ type: "zone.replica_ack", zone_id: zoneId, epoch, n, digest });
  }

  private tell(epoch: number, n: number, released: number | undefined): void {
    if (this.target.isRecover || released === undefined) return;
    this.deps.events.told(this.zoneId, { epoch, n: Math.max(n, released), released });
  }

  private progress(): void {
    const { deps, zoneId, target } = this;
    if (target.isRecover) deps.events.recovery(zoneId, target.from, "progress");
  }

  /** Tells apart what is wrong with what came from what is wrong here. */
  private fail(error: Error, wrong: Wrong, head?: PrimaryHead): void {
    if (error instanceof QuarantineFull) {
      this.deps.events.alarm(this.zoneId, "QUARANTINE_FULL", {});
      this.isFull = true;
      return this.reset();
    }
    if (isTheirs(error)) return this.wrong(wrong, head);
    this.deps.log.error({ err: error, zone: this.zoneId }, "what a steward sent is not stored");
    this.retries.schedule();
  }

  /**
   * Keeps the evidence and follows no more.
   * @param head what its chain leads to, if it does: whoever signed that signed what is wrong
   */
  private wrong(wrong: Wrong, head?: PrimaryHead): void {
    const { deps, zoneId, target } = this;
    const { kind, fault } = wrong;
    const epoch = deps.epochOf(zoneId)?.epoch ?? 0;
    const signer = toSigner(wrong, target.from, head);
    this.stop();
    deps.store.write((write) => {
      keepEvidence(write, deps, { zoneId, signer, epoch }, wrong);
      if (!target.isRecover) deps.events.halt(write, zoneId);
    });
    deps.events.alarm(zoneId, kind, { fault, from: target.from });
    if (target.isRecover) deps.events.recovery(zoneId, target.from, "wrong");
  }

  private reset(): void {
    this.arriving.clear();
    if (this.copying?.isFirst === true) this.deps.events.copying(this.zoneId, false);
    this.copying = undefined;
  }
}

/** How many chunks come before a chunk, or a snapshot's end. */
function toNextIndex(body: Exclude<SnapshotBody, SnapshotBegin>): number {
  return "text" in body ? body.index : body.chunks;
}
