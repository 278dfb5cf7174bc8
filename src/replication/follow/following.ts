import type { Logger } from "../../base/log.ts";
import type { Position } from "../../protocol/commit.ts";
import type { Store, Write } from "../../store/database.ts";
import { type LinkBody, readCommit, readSnapshotLine } from "../../wire/link-bodies.ts";
import type { LinkSession, SentBody } from "../links/link-port.ts";
import { applyCommits } from "./apply.ts";
import { CommitParts } from "./commit-parts.ts";
import { Copying, type CopyingDeps, type CopyPlace } from "./copying.ts";
import { type EvidenceDeps, isTheirs, keepEvidence } from "./evidence.ts";
import type { EvidenceKind, FollowEvents, FollowTarget } from "./follow-events.ts";
import {
  type ArrivedEntries,
  type EntriesVerdict,
  type FollowedPlace,
  judgeEntries,
} from "./judge-entries.ts";
import { QuarantineFull } from "./later-copy.ts";
import { canBeginAt } from "./log-start.ts";
import { findOwnPlace, locate, toFollowedPlace } from "./places.ts";
import { type SnapshotBegin, type SnapshotChunk, SnapshotReader } from "./snapshot-reader.ts";

/** How soon it is asked again after what was of no use; doubled up to the last. */
const RETRY_MS = 250;
const RETRY_MS_MAX = 5_000;
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
  private readonly parts = new CommitParts();
  private link: LinkSession | undefined;
  private asked = 0;
  private askedEpoch = 0;
  private copying: Copying | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private retryMs = RETRY_MS;
  private isStopped = false;
  /** What was asked last has begun to be answered: nothing tells what comes before that from the former answer. */
  private isAnswered = false;
  private contradictions = 0;

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
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    this.reset();
    this.isAnswered = false;
    this.askedEpoch = epoch.epoch;
    this.link = link;
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

  /** Forgets what came over a link: on the next one it is asked anew. */
  linkDown(link: LinkSession): void {
    if (link !== this.link) return;
    this.link = undefined;
    this.reset();
  }

  /** Follows no more. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.retryTimer);
    this.reset();
  }

  /** Takes a zone.entries; what belongs to another epoch or link is passed over. */
  takeEntries(link: LinkSession, body: EntriesBody): void {
    if (!this.isCurrent(link, body.epoch)) return;
    const arrived = this.toArrived(body);
    if (arrived === "gap") return this.retry();
    if (arrived === "wrong") return this.wrong("CHAIN", "COMMIT", undefined, body);
    if (arrived === undefined) return this.progress();
    const place =
      this.copying === undefined ? findOwnPlace(this.deps, this.zoneId) : this.copying.place;
    const isUsable = place !== undefined && this.copying?.isEnded !== false;
    if (!isUsable) {
      if (this.copying === undefined && arrived.commits.length > 0) this.retry();
      return;
    }
    const verdict = judgeEntries(this.deps, this.toPlace(place, body.epoch), arrived);
    this.follow(verdict, place, arrived, body);
    const n = arrived.commits.at(-1)?.n ?? 0;
    if (!this.isStopped) this.tell(body.epoch, n, body.released);
  }

  /** Takes a zone.snapshot; what belongs to another epoch, link or snapshot is passed over. */
  takeSnapshot(link: LinkSession, body: SnapshotBody): void {
    if (!this.isCurrent(link, body.epoch)) return;
    if ("position" in body) this.beginCopy(body);
    else if (body.snapshot !== this.copying?.reader.begin.snapshot) return;
    else if (toNextIndex(body) !== this.copying.reader.chunks) this.retry();
    else if ("text" in body) this.takeChunk(this.copying, body);
    else this.endCopy(this.copying, body);
  }

  private answered(): void {
    this.isAnswered = true;
    this.contradictions = 0;
  }

  private onRefused(asked: number): void {
    if (asked !== this.asked || this.isStopped) return;
    if (!this.target.isRecover) return this.retry();
    this.stop();
    this.deps.events.recovery(this.zoneId, this.target.from, "refused");
  }

  private isCurrent(link: LinkSession, epoch: number): boolean {
    const { deps, zoneId } = this;
    return !this.isStopped && link === this.link && epoch === deps.epochOf(zoneId)?.epoch;
  }

  private toArrived(body: EntriesBody): ArrivedEntries | "gap" | "wrong" | undefined {
    const { epoch, head } = body;
    if (!("part" in body)) {
      this.parts.clear();
      return { epoch, commits: body.commits, head };
    }
    const whole = this.parts.add(body.part);
    if (whole === undefined || whole === "gap") return whole;
    const commit = readCommit(parseJson(whole.text));
    return commit === undefined ? "wrong" : { epoch, commits: [commit], head };
  }

  private follow(
    verdict: EntriesVerdict,
    place: CopyPlace,
    arrived: ArrivedEntries,
    body: EntriesBody,
  ): void {
    switch (verdict.verdict) {
      case "drop":
        return;
      case "gap":
        return this.retry();
      case "halt":
        if (this.isOfFormer()) return this.retry();
        return this.wrong("CHAIN", verdict.fault, place, body, verdict.n);
      case "skip":
        if (arrived.commits.length > 0 && this.copying === undefined)
          this.acknowledge(place.position);
        return;
      default:
        return this.apply(verdict, place, arrived, body);
    }
  }

  /** Whether what contradicts the copy may still be of the subscription that was asked for before. */
  private isOfFormer(): boolean {
    if (this.isAnswered || this.asked === 1) return false;
    this.contradictions += 1;
    return this.contradictions < CONTRADICTIONS_MAX;
  }

  private apply(
    judged: Applicable,
    place: CopyPlace,
    arrived: ArrivedEntries,
    body: EntriesBody,
  ): void {
    const { deps, zoneId, copying } = this;
    const { from } = this.target;
    const error = deps.store.tryWrite((write) => {
      if (copying !== undefined) return this.redo(write, copying, judged, arrived);
      applyCommits(write, deps, zoneId, judged);
      deps.events.applied(write, zoneId, from, judged);
    });
    if (error !== undefined) return this.fail(error, "CHAIN", place, body);
    this.retryMs = RETRY_MS;
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
    if (typeof reader === "string") return this.wrong("SNAPSHOT", reader, undefined, body);
    if (!canBeginAt(deps, zoneId, body))
      return this.wrong("SNAPSHOT", "LOG_AFTER", undefined, body);
    const isFirst = findOwnPlace(this.deps, this.zoneId) === undefined;
    const copying = new Copying(deps, of, reader, isFirst);
    const error = deps.store.tryWrite((write) => copying.begin(write));
    if (error !== undefined) return this.fail(error, "SNAPSHOT", undefined, body);
    this.copying = copying;
    this.answered();
    if (isFirst) deps.events.copying(zoneId, true);
    this.progress();
  }

  private takeChunk(copying: Copying, body: SnapshotChunk & SnapshotBody): void {
    const lines = copying.reader.add(body);
    if (typeof lines === "string") {
      return this.wrong("SNAPSHOT", lines, undefined, { begin: copying.reader.begin, chunk: body });
    }
    const error = this.deps.store.tryWrite((write) => copying.takeChunk(write, body, lines));
    if (error !== undefined) return this.fail(error, "SNAPSHOT", undefined, body);
    const { zone_id, epoch, snapshot, index } = body;
    this.link?.send({ type: "zone.replica_ack", zone_id, epoch, snapshot, index });
    this.progress();
  }

  private endCopy(copying: Copying, body: SnapshotEndBody): void {
    const fault = copying.reader.findEndFault(this.target.from, body);
    if (fault !== undefined) {
      return this.wrong("SNAPSHOT", fault, undefined, { begin: copying.reader.begin, end: body });
    }
    copying.end(body.upto);
    if (!copying.isWhole) return this.progress();
    const error = this.deps.store.tryWrite((write) => this.complete(write, copying));
    if (error !== undefined) return this.fail(error, "SNAPSHOT", undefined, body);
    this.copying = undefined;
    this.retryMs = RETRY_MS;
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
  private fail(
    error: Error,
    kind: EvidenceKind,
    place: CopyPlace | undefined,
    document: object,
  ): void {
    if (error instanceof QuarantineFull) {
      this.deps.events.alarm(this.zoneId, "QUARANTINE_FULL", {});
      return this.stop();
    }
    if (isTheirs(error)) return this.wrong(kind, "RECORD", place, document);
    this.deps.log.error({ err: error, zone: this.zoneId }, "what a steward sent is not stored");
    this.retry();
  }

  /** Keeps the evidence and follows no more. */
  private wrong(
    kind: EvidenceKind,
    fault: string,
    place: CopyPlace | undefined,
    document: object,
    n?: number,
  ): void {
    const { deps, zoneId, target } = this;
    const epoch = deps.epochOf(zoneId)?.epoch ?? 0;
    this.stop();
    deps.store.write((write) => {
      const documents = [{ fault, ...(place !== undefined && { after: place }) }, document];
      keepEvidence(write, deps, { zoneId, kind, signer: target.from, epoch, n }, documents);
      if (!target.isRecover) deps.events.halt(write, zoneId);
    });
    deps.events.alarm(zoneId, kind, { fault, from: target.from });
    if (target.isRecover) deps.events.recovery(zoneId, target.from, "wrong");
  }

  /** Asks anew, later and later. */
  private retry(): void {
    if (this.isStopped || this.retryTimer !== undefined) return;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      if (this.link !== undefined) this.ask(this.link);
    }, this.retryMs).unref();
    this.retryMs = Math.min(RETRY_MS_MAX, this.retryMs * 2);
  }

  private reset(): void {
    this.parts.clear();
    if (this.copying?.isFirst === true) this.deps.events.copying(this.zoneId, false);
    this.copying = undefined;
  }
}

/** How many chunks come before a chunk, or a snapshot's end. */
function toNextIndex(body: Exclude<SnapshotBody, SnapshotBegin>): number {
  return "text" in body ? body.index : body.chunks;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
