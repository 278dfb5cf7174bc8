import type { Logger } from "../base/log.ts";
import { StewardError } from "../errors.ts";
import type { EventLog } from "../events/event-log.ts";
import type { NodeKey } from "../identity/node-key.ts";
import type { SignatureVerifier } from "../identity/verify.ts";
import type { PrimaryHead } from "../protocol/primary-head.ts";
import type { Store, Write } from "../store/database.ts";
import { prepareEvidenceQueries } from "../store/replication/evidence.ts";
import { prepareReplicaRequestQueries } from "../store/replication/replica-requests.ts";
import { prepareRequestWriting } from "../store/replication/request-writing.ts";
import { prepareRunReportQueries, type RunOutcome } from "../store/replication/run-reports.ts";
import type { RequestQueries, RequestRow } from "../store/zones/requests.ts";
import type { ZoneQueries } from "../store/zones/zones.ts";
import type { RunReport } from "../wire/run-report.ts";
import type { EnvelopeStoreDeps } from "../zones/hosting/host.ts";
import type { ZoneLogDeps } from "../zones/log/log.ts";
import { signPrimaryHead } from "../zones/log/signed-head.ts";
import type { ReplicationConfig } from "./config.ts";
import { findCommitRefusal, findRefusal } from "./core/charge.ts";
import type { ZoneState } from "./core/state.ts";
import { findEpoch, isPrimary } from "./core/zone.ts";
import { EpochOpener } from "./epoch-opener.ts";
import { EnvelopeExchange } from "./exchange/envelope-exchange.ts";
import { HeadExchange } from "./exchange/head-exchange.ts";
import type { Forwarding } from "./forward/forwarding.ts";
import { GateDriver } from "./gate/gate-driver.ts";
import { toSentOn, toUnavailable } from "./gate/refusals.ts";
import type { SecondGate } from "./gate/second-gate.ts";
import { admitLinkBody } from "./links/admission.ts";
import { LinkHub } from "./links/link-hub.ts";
import { Adoption } from "./machines/adoption.ts";
import { StewardDirectory } from "./machines/directory.ts";
import { ZoneMachines } from "./machines/zone-machines.ts";
import { createForwarding, type MembersDeps } from "./members.ts";
import { type CommitClass, CommitLog } from "./records/commit-log.ts";
import { ReleasedNotes } from "./released-notes.ts";
import { takeRunReport } from "./runs/report-intake.ts";
import { RunReports } from "./runs/run-reports.ts";
import { measureLag, type ReplicationLag } from "./status/lag.ts";
import { watchStewards } from "./steward-watch.ts";
import { Streams } from "./streams/streams.ts";

export interface ReplicationDeps extends Omit<EnvelopeStoreDeps, "ownNodeId">, MembersDeps {
  readonly config: { readonly replication: ReplicationConfig; readonly name: string };
  readonly key: NodeKey;
  readonly store: Store;
  readonly events: EventLog;
  readonly queries: ZoneQueries;
  readonly requests: RequestQueries;
  readonly gate: SecondGate;
  readonly verifier: SignatureVerifier;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  /** Ends the requests of runs that this steward is in charge of. */
  readonly runs: {
    readonly takeReport: (write: Write, row: RequestRow, report: RunReport) => void;
    readonly takeOutcome: (write: Write, row: RequestRow, outcome: RunOutcome) => void;
  };
  /** The database is an older copy's. */
  readonly isRestored: boolean;
}

/** The replicated zones of this steward in numbers, for `/readyz`. */
export interface ReplicationHealth {
  readonly zones: number;
  /** Of these, with this steward as the primary. */
  readonly primary: number;
  /** Of these, not in charge of messages or money. */
  readonly not_in_charge: number;
  readonly halted: number;
  /** Sessions with other stewards, one each way. */
  readonly links: number;
}

/** What this steward does for zones that several stewards hold; `docs/protocol.md` §9. */
export class Replication implements AsyncDisposable {
  readonly hub: LinkHub;
  readonly machines: ZoneMachines;
  readonly directory: StewardDirectory;
  readonly adoption: Adoption;
  readonly exchange: EnvelopeExchange;
  readonly heads: HeadExchange;
  readonly commitLog: CommitLog;
  readonly forwarding: Forwarding;
  readonly streams: Streams;
  readonly runs: RunReports;
  private readonly notes: ReleasedNotes;
  private readonly deps: ReplicationDeps;
  private opener: EpochOpener | undefined;
  private isStarted = false;

  constructor(deps: ReplicationDeps) {
    const { store, queries, verifier, key } = deps;
    const config = deps.config.replication;
    const ownNodeId = key.nodeId;
    const { now } = deps;
    const kept = { secs: config.commits_kept_secs, bytes: config.commits_kept_bytes };
    const commitLog = new CommitLog({ store, queries, ownNodeId, now, kept });
    const { zones: replicated, commits } = commitLog;
    const shared = { ...deps, config, ownNodeId, replicated, commitLog, zones: queries };
    this.commitLog = commitLog;
    this.notes = new ReleasedNotes(store, replicated);
    this.deps = deps;
    this.hub = new LinkHub({
      ...shared,
      name: deps.config.name,
      leaseMsOf: (nodeId) => this.directory.leaseMsOf(nodeId),
      addressesOf: (nodeId) => this.directory.addressesOf(nodeId),
      admit: (link, message) => {
        const findZone = (zoneId: string) => this.directory.find(zoneId);
        const findRunZone = (invokeId: string) => deps.requests.findOthersRun(invokeId)?.zoneId;
        return admitLinkBody({ config, verifier, findZone, findRunZone }, link, message);
      },
    });
    if (deps.isRestored) this.forget();
    this.machines = new ZoneMachines({ ...shared, commits });
    const onChange = () => {
      if (this.isStarted) this.hub.reach(this.directory.listReach());
    };
    this.directory = new StewardDirectory({ ...shared, machines: this.machines, onChange });
    const parts = { ...shared, machines: this.machines, directory: this.directory, hub: this.hub };
    const evidence = prepareEvidenceQueries(store);
    this.adoption = new Adoption({ ...parts, evidence });
    this.exchange = new EnvelopeExchange({ ...parts, commits, adoption: this.adoption });
    const evidenceMax = config.evidence_max;
    this.heads = new HeadExchange({ ...parts, commits, evidence, evidenceMax });
    this.exchange.onPosition((zoneId, link) => this.heads.send(zoneId, link));
    const driver = this.bindGate();
    this.forwarding = createForwarding(deps, { ...parts, driver });
    this.runs = this.createReports(ownNodeId);
    watchStewards({
      ...{ ...deps, hub: this.hub },
      isSteward: (nodeId) => this.isSteward(nodeId),
      isRunning: () => this.isStarted,
    });
    this.streams = new Streams({
      ...parts,
      onRequest: (...record) => this.runs.noteRecord(...record),
      findSentOn: (zoneId, code, reason) => {
        const stewards = this.machines.knownEpochs(zoneId).at(-1);
        return stewards && toSentOn(stewards, code, reason);
      },
      takeEnvelopes: (zoneId, envelopes) => this.exchange.take(zoneId, envelopes),
    });
    const primaries = new Map<string, string | undefined>();
    this.machines.watch((zoneId, state) => {
      const primary = state && findEpoch(state)?.primary;
      const before = primaries.get(zoneId);
      primaries.set(zoneId, primary);
      if (before !== undefined && before !== primary) this.forwarding.changedPrimary(zoneId);
    });
    const { delivery } = this.forwarding;
    this.streams.subscribing.onApplied((_, zoneId, { commits }) => {
      const applied = commits.map(({ commit }) => commit);
      store.gate(() => delivery.deliver(zoneId, applied));
    });
    this.streams.subscribing.onCopied((write, zoneId) => {
      this.notes.forget(write, zoneId);
      store.gate(() => delivery.copied(zoneId));
    });
  }

  /** Tells other stewards of runs, and hears of theirs. */
  private createReports(ownNodeId: string): RunReports {
    const { hub, machines, deps } = this;
    const { store, gate, requests, runs } = deps;
    hub.desk.handle("zone.result", (link, message) => {
      takeRunReport({ store, gate, requests, take: runs.takeReport }, link, message);
    });
    return new RunReports({
      ...{ ...deps, machines, ownNodeId, links: hub.table, take: runs.takeOutcome },
      replicaRequests: prepareReplicaRequestQueries(store),
      reports: prepareRunReportQueries(store),
    });
  }

  /** Notes that what this steward acknowledged since its copies were made is lost; `docs/protocol.md` §9.7. */
  private forget(): void {
    const { zones } = this.commitLog;
    this.deps.store.write((write) => {
      for (const { zoneId } of zones.listReplicated()) {
        zones.setLost(write, zoneId, true);
        zones.clearReleased(write, zoneId);
      }
    });
  }

  /** Begins to make commits of what zones do. */
  open(logDeps: ZoneLogDeps): void {
    const { store, requests, log, key } = this.deps;
    const takeOver = {
      ...{ store, requests, log, commits: this.commitLog, ownNodeId: key.nodeId },
      replicaRequests: prepareReplicaRequestQueries(store),
      writing: prepareRequestWriting(store),
    };
    this.opener = new EpochOpener({ ...takeOver, machines: this.machines }, logDeps);
  }

  /** What leaves a zone, and what may be committed, goes by its machine. */
  private bindGate(): GateDriver {
    const { commitLog, machines, deps } = this;
    const { zones, commits } = commitLog;
    const driver = new GateDriver({
      ...deps,
      states: machines,
      positionAt: (zoneId) => commitLog.position(zoneId)?.n ?? 0,
      seqAt: (zoneId, n) => {
        const row = zones.findReplicated(zoneId);
        return row?.n === n ? row.seq : commits.findCommit(zoneId, n)?.seq;
      },
      headAt: (zoneId, n) => this.findHead(zoneId, n),
      releasedBefore: (zoneId) => zones.findReplicated(zoneId)?.released ?? 0,
    });
    commitLog.setGuard((zoneId, kinds) => this.assertMayCommit(zoneId, kinds));
    commitLog.onCommit((_write, zoneId, { epoch, n, digest }) => {
      driver.commit(zoneId, n);
      machines.dispatch(zoneId, { type: "committed", position: { epoch, n, digest } });
    });
    machines.on("released", (zoneId, { other }) => this.notes.note(zoneId, other));
    machines.watch((zoneId, state) => {
      if (state === undefined) this.notes.drop(zoneId);
      else if (!isPrimary(state)) this.noteTold(zoneId, state);
    });
    machines.inWrite("deposed", (write, zoneId) => this.notes.forget(write, zoneId));
    return driver;
  }

  /** What comes with commits is stored with them; of the last ones it comes later. */
  private noteTold(zoneId: string, { primary, durable }: ZoneState): void {
    this.notes.note(zoneId, Math.min(primary.released, durable.position?.n ?? 0));
  }

  /** The newest head up to a commit: signed anew where this steward made it, else as it came. */
  private findHead(zoneId: string, n: number): PrimaryHead | undefined {
    const { machines, deps, commitLog } = this;
    const { commits } = commitLog;
    const commit = commits.findCommit(zoneId, n);
    const made = machines.knownEpochs(zoneId).find(({ epoch }) => epoch.epoch === commit?.epoch);
    if (commit !== undefined && made?.epoch.primary === deps.key.nodeId) {
      return signPrimaryHead(deps.key, zoneId, commit, deps.now());
    }
    const kept = commits.findHeadUpTo(zoneId, n);
    return kept === undefined ? undefined : (JSON.parse(kept) as PrimaryHead);
  }

  private assertMayCommit(zoneId: string, { money }: CommitClass): void {
    const state = this.machines.find(zoneId);
    if (state === undefined) return;
    const kind = money ? "money" : "other";
    const reason = findCommitRefusal(state, kind, this.deps.monotonicMs());
    if (reason === undefined) return;
    const stewards = this.machines.knownEpochs(zoneId).at(-1);
    if (stewards === undefined) throw new StewardError("steward_unavailable", { reason });
    throw toUnavailable(stewards, reason === "NOT_PRIMARY" ? "NO_PRIMARY" : reason);
  }

  /** Forgets some of the commits that no follower needs any more; tells whether more may be left. */
  pruneCommits(write: Write): boolean {
    const { feeds } = this.streams.serving;
    return this.commitLog.pruneCommits(write, (zoneId) => feeds.pinned(zoneId)?.n);
  }

  /** Forgets some of what was put aside of snapshots that broke off; tells whether more may be left. */
  pruneChunks(write: Write): boolean {
    return this.streams.subscribing.pruneChunks(write);
  }

  /** The entry after which all of a zone's log is still sent to a follower; undefined where nothing is. */
  findPinnedSeq(zoneId: string): number | undefined {
    return this.streams.serving.feeds.pinned(zoneId)?.seq;
  }

  /** Begins to dial and to go by time. */
  start(): void {
    this.isStarted = true;
    this.opener?.start();
    this.machines.start();
  }

  /** Tells whether a node is a steward of a zone that this one shares with it. */
  isSteward(nodeId: string): boolean {
    return this.directory.isSteward(nodeId);
  }

  health(): ReplicationHealth {
    const nowMs = this.deps.monotonicMs();
    const { states } = this;
    const primary = states.filter(isPrimary);
    const isRefused = (state: (typeof states)[number]) =>
      (findRefusal(state, "other", nowMs) ?? findRefusal(state, "money", nowMs)) !== undefined;
    return {
      zones: states.length,
      primary: primary.length,
      not_in_charge: primary.filter(isRefused).length,
      halted: states.filter(({ durable }) => durable.halted !== undefined).length,
      links: this.hub.table.list().length,
    };
  }

  /** How far the voters of the zones that this steward is primary of are behind. */
  lag(): ReplicationLag {
    return measureLag(this.states, this.deps.monotonicMs());
  }

  private get states() {
    return this.machines.list().flatMap((zoneId) => this.machines.find(zoneId) ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isStarted = false;
    this.forwarding[Symbol.dispose]();
    this.opener?.[Symbol.dispose]();
    this.machines.stop();
    this.heads.stop();
    await this.streams[Symbol.asyncDispose]();
    this.notes.stop();
    this.hub.stop();
  }
}
