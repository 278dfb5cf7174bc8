import type { JsonObject } from "../../protocol/json.ts";
import type { Store, Write } from "../../store/database.ts";
import type { prepareReplicaRequestQueries } from "../../store/replication/replica-requests.ts";
import type {
  RunName,
  RunOutcome,
  RunReportQueries,
  RunReportRow,
} from "../../store/replication/run-reports.ts";
import type { RequestQueries, RequestRow } from "../../store/zones/requests.ts";
import type { ZoneState } from "../core/state.ts";
import { findEpoch, isPrimary } from "../core/zone.ts";
import type { SecondGate } from "../gate/second-gate.ts";
import type { LinkPort, LinkSession } from "../links/link-port.ts";
import type { ZoneMachines } from "../machines/zone-machines.ts";
import { toOwnOutcome, toReportBody } from "./report-body.ts";

/** Sent at one time of a zone, and the most that may wait on the link before more is. */
const REPORTS_AT_ONCE = 64;
const UNSENT_BYTES_MAX = 8 * 1024 * 1024;

export interface RunReportsDeps {
  readonly store: Store;
  readonly gate: Pick<SecondGate, "onInCharge" | "isInCharge">;
  readonly machines: Pick<ZoneMachines, "find" | "watch">;
  readonly links: LinkPort;
  readonly requests: Pick<RequestQueries, "findRequest">;
  readonly replicaRequests: Pick<
    ReturnType<typeof prepareReplicaRequestQueries>,
    "findReplicaRequest"
  >;
  readonly reports: RunReportQueries;
  readonly ownNodeId: string;
  /** Unix seconds. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
  /** Ends the request of a run that this steward is in charge of. */
  readonly take: (write: Write, row: RequestRow, outcome: RunOutcome) => void;
}

/** How far the reports of a zone are. */
interface Round {
  /** The invoke id that was sent last. */
  after: string;
  sentAtMs: number;
}

/**
 * Tells who is in charge of a zone what became of the runs that this steward began while it was itself;
 * `docs/protocol.md` §9.9. A report is durable, and repeated until the request's record shows that it was taken,
 * as nothing else acknowledges it.
 */
export class RunReports {
  private readonly deps: RunReportsDeps;
  private readonly rounds = new Map<string, Round>();

  constructor(deps: RunReportsDeps) {
    this.deps = deps;
    for (const zoneId of deps.reports.listReportedZones()) this.expect(zoneId);
    deps.machines.watch((zoneId, state) => {
      if (state !== undefined) this.send(zoneId, state);
    });
    deps.gate.onInCharge((zoneId) => this.takeOwn(zoneId));
  }

  /** Keeps what became of a run; the request is another steward's to end. */
  note(write: Write, run: RunName, { result, failure }: RunOutcome): void {
    const { invokeId, zoneId, nodeId, requestId } = run;
    const { reports, store, now } = this.deps;
    const row = { invokeId, zoneId, nodeId, requestId, result, failure, createdAt: now() };
    reports.putRunReport(write, row);
    store.gate(() => {
      this.expect(zoneId);
      const state = this.deps.machines.find(zoneId);
      if (state !== undefined) this.send(zoneId, state);
    });
  }

  /**
   * Compares a request's record, as its zone's primary has it, with what this steward has of it: a run of its own
   * that nobody else knows the end of, and it does, is to be reported. Call it before the record is put.
   */
  noteRecord(write: Write, name: Omit<RunName, "invokeId">, value: JsonObject): void {
    if (!this.isAwaited(value)) return;
    const { requests, replicaRequests } = this.deps;
    const { zoneId, nodeId, requestId } = name;
    const copied = replicaRequests.findReplicaRequest(zoneId, nodeId, requestId);
    const own = requests.findRequest(name);
    const outcome =
      (copied && toOwnOutcome(value, JSON.parse(copied.value) as JsonObject)) ??
      (own && toOwnOutcome(value, { ...own, invoke_id: own.invokeId }));
    // Every run of a request has the same id: who forgot what came since may remember the failure of an earlier one.
    const isForgetful = this.deps.machines.find(zoneId)?.durable.isLost ?? false;
    if (outcome === undefined || (outcome.failure !== null && isForgetful)) return;
    this.note(write, { ...name, invokeId: String(value.invoke_id) }, outcome);
  }

  /** Whether a record says that this steward's run is waited for. */
  private isAwaited({ runner, state }: JsonObject): boolean {
    return runner === this.deps.ownNodeId && (state === "running" || state === "undelivered");
  }

  private expect(zoneId: string): void {
    if (!this.rounds.has(zoneId)) this.rounds.set(zoneId, { after: "", sentAtMs: -Infinity });
  }

  /** Sends some of what is to be told of a zone, once in L. */
  private send(zoneId: string, state: ZoneState): void {
    const { links, monotonicMs } = this.deps;
    const round = this.rounds.get(zoneId);
    const epoch = findEpoch(state);
    if (round === undefined || epoch === undefined || isPrimary(state)) return;
    const link = links.findAny(epoch.primary);
    const nowMs = monotonicMs();
    if (link === undefined || nowMs - round.sentAtMs < epoch.leaseMs) return;
    round.sentAtMs = nowMs;
    this.sendRound(zoneId, round, link);
  }

  private sendRound(zoneId: string, round: Round, link: LinkSession): void {
    const { store, reports } = this.deps;
    const rows = reports.listRunReports(zoneId, round.after, REPORTS_AT_ONCE);
    const isWhole = round.after === "" && rows.length < REPORTS_AT_ONCE;
    round.after = rows.length < REPORTS_AT_ONCE ? "" : (rows.at(-1)?.invokeId ?? "");
    const settled = rows.filter((row) => this.isSettled(row));
    for (const row of rows) {
      if (settled.includes(row)) continue;
      if (link.bufferedBytes > UNSENT_BYTES_MAX) break;
      // A refusal says no more than silence: its primary may be taking over.
      link.send(toReportBody(row));
    }
    if (isWhole && settled.length === rows.length) this.rounds.delete(zoneId);
    if (settled.length === 0) return;
    store.write((write) => {
      for (const { invokeId } of settled) reports.deleteRunReport(write, invokeId);
    });
  }

  /** Whether the record of the request, which came from who is in charge, shows that nothing is waited for. */
  private isSettled({ zoneId, nodeId, requestId, invokeId }: RunReportRow): boolean {
    const copied = this.deps.replicaRequests.findReplicaRequest(zoneId, nodeId, requestId);
    if (copied === undefined) return false;
    const value = JSON.parse(copied.value) as JsonObject;
    return value.invoke_id !== invokeId || !this.isAwaited(value);
  }

  /** This steward is in charge again: what became of its own runs it tells itself. */
  private takeOwn(zoneId: string): void {
    if (!this.rounds.has(zoneId)) return;
    const { store, reports, requests, take, gate } = this.deps;
    if (!gate.isInCharge(zoneId, "money")) return;
    const rows = reports.listRunReports(zoneId, "", REPORTS_AT_ONCE);
    let failed = 0;
    store.write(() => {
      for (const report of rows) {
        const err = store.tryWrite((write) => {
          const row = requests.findRequest(report);
          if (row?.invokeId === report.invokeId && row.runner === null) take(write, row, report);
          reports.deleteRunReport(write, report.invokeId);
        });
        if (err !== undefined) failed++;
      }
    });
    if (failed > 0) return;
    if (rows.length === REPORTS_AT_ONCE) setImmediate(() => this.takeOwn(zoneId));
    else this.rounds.delete(zoneId);
  }
}
