import type { Logger } from "../../base/log.ts";
import { StewardError } from "../../errors.ts";
import { toZeroDigest } from "../../protocol/commit.ts";
import { type Manifest, type ZoneEnvelope, zoneEnvelopeSchema } from "../../protocol/manifest.ts";
import { isReplicated } from "../../protocol/steward-set.ts";
import { mayFollowStop } from "../../protocol/zone-succession.ts";
import type { Write } from "../../store/database.ts";
import type { prepareEvidenceQueries } from "../../store/replication/evidence.ts";
import type { ReplicatedZoneQueries } from "../../store/replication/replicated-zones.ts";
import type { ZoneRow } from "../../store/zones/zones.ts";
import {
  assertCreatorRoom,
  type EnvelopeAdoption,
  type EnvelopeStoreDeps,
  insertZone,
  replaceEnvelope,
} from "../../zones/hosting/host.ts";
import type { VerifiedEnvelope } from "../../zones/hosting/signed-envelope.ts";
import { toGenesisHash } from "../../zones/log/log.ts";
import { isAllowed, type ReplicationConfig } from "../config.ts";
import type { DurableZone, Epoch } from "../core/state.ts";
import { createEmptyZone, judgeEnvelopes } from "../core/zone.ts";
import { type CommitLog, sha256Chain } from "../records/commit-log.ts";
import { toEpoch, toKnownEpoch } from "./epochs.ts";
import { toStandingRow } from "./standing.ts";
import type { ZoneMachines } from "./zone-machines.ts";

/** A sender that has more to send sends so many at a time; `docs/protocol.md` §9.3. */
const FULL_BATCH = 64;

export interface AdoptionDeps extends EnvelopeStoreDeps {
  readonly config: Pick<ReplicationConfig, "allow" | "evidence_max">;
  readonly machines: ZoneMachines;
  readonly replicated: ReplicatedZoneQueries;
  readonly commitLog: CommitLog;
  readonly evidence: ReturnType<typeof prepareEvidenceQueries>;
  readonly ownNodeId: string;
  readonly log: Logger;
}

/** What became of envelopes that were offered. */
export interface Adopted {
  readonly count: number;
  /** Another envelope of an epoch that this steward has. */
  readonly fork: VerifiedEnvelope | undefined;
}

/** How this steward meets a zone that is new to it, or was not replicated so far. */
interface Beginning {
  readonly durable: DurableZone;
  /** Of the envelope with which the zone becomes replicated. */
  readonly envelopeHash: string;
  /** Where its log ends. */
  readonly seq: number;
  readonly hash: string;
}

/** Takes envelopes from creators and from stewards; `docs/protocol.md` §9.3. */
export class Adoption implements EnvelopeAdoption {
  private readonly deps: AdoptionDeps;

  constructor(deps: AdoptionDeps) {
    this.deps = deps;
  }

  holds(zoneId: string): boolean {
    return this.deps.machines.has(zoneId);
  }

  concerns(manifest: Manifest): boolean {
    return isReplicated(manifest) || this.holds(manifest.id);
  }

  adopt(write: Write, verified: readonly VerifiedEnvelope[], isNew: boolean): void {
    const [first] = verified;
    if (first !== undefined && this.breaksStop(verified)) throw new StewardError("stopped");
    const { count, fork } = this.take(write, verified, isNew);
    const epoch = this.epochOf(first);
    if (fork !== undefined && fork.envelope.epoch > epoch) {
      throw new StewardError("invalid_params", {
        message: "envelope.prev: expected the hash of the current envelope",
      });
    }
    if (fork !== undefined) {
      throw new StewardError("stale_manifest", {
        reason: "FORK",
        message: `Another envelope of epoch ${fork.envelope.epoch} is known.`,
      });
    }
    if (count > 0 || first === undefined) return;
    if (first.envelope.epoch > epoch + 1) {
      throw new StewardError("invalid_params", {
        message: `envelope.epoch: expected ${epoch + 1}; send the ones between as chain`,
      });
    }
    throw new StewardError("stale_manifest", { message: `The zone is at epoch ${epoch}.` });
  }

  /**
   * Adopts what succeeds E of what is offered, oldest first; a fork is kept as evidence.
   * @throws StewardError `zone_not_found` where the operator does not allow the zone, `invalid_params`,
   *   `rate_limited` where there are as many zones as may be
   */
  take(write: Write, verified: readonly VerifiedEnvelope[], isNew: boolean): Adopted {
    const [first] = verified;
    if (first === undefined) return { count: 0, fork: undefined };
    const zoneId = first.manifest.id;
    const row = this.deps.queries.findZone(zoneId);
    this.assertOneZone(verified, row);
    const creator = first.manifest.creator.node_id;
    if (!isAllowed(this.deps.config, { zoneId, creator })) throw toNotAllowed();
    const older = this.findOlderFork(verified);
    if (older !== undefined) return { count: 0, fork: older };
    if (this.breaksStop(verified)) {
      throw new StewardError("invalid_params", {
        message: "envelopes: what follows a stopped one changes nothing but who hosts the zone",
      });
    }
    if (!this.deps.machines.has(zoneId) && !this.begin(write, verified, row, isNew)) {
      return { count: 0, fork: undefined };
    }
    return this.dispatch(zoneId, verified);
  }

  keepFork(write: Write, fork: VerifiedEnvelope): void {
    const { queries, evidence, config, now, log } = this.deps;
    const zoneId = fork.manifest.id;
    const { epoch } = fork.envelope;
    const held = queries.findEnvelope(zoneId, epoch);
    log.error({ zone: zoneId, epoch, hash: fork.hash }, "ALARM: a zone's creator signed a fork");
    if (!held?.envelope) return;
    const documents = [JSON.parse(held.envelope), fork.raw];
    const item = {
      ...{ zoneId, kind: "ENVELOPES", signer: fork.manifest.creator.node_id, epoch },
      ...{ n: null, seq: null, documents: JSON.stringify(documents), at: now() },
    };
    evidence.insertEvidence(write, item, config.evidence_max);
  }

  private epochOf(verified: VerifiedEnvelope | undefined): number {
    return this.deps.queries.findZone(verified?.manifest.id ?? "")?.epoch ?? 0;
  }

  private dispatch(zoneId: string, verified: readonly VerifiedEnvelope[]): Adopted {
    const { machines } = this.deps;
    const byHash = new Map(verified.map((one) => [one.hash, one]));
    const known = machines.knownEpochs(zoneId).map(({ epoch }) => epoch);
    const { fork } = judgeEnvelopes(known, verified.map(toEpoch));
    let count = 0;
    const envelopes = verified.map(toEpoch);
    machines.dispatch(zoneId, { type: "envelopes", envelopes }, (write, epochs) => {
      count = epochs.length;
      this.store(write, epochs, byHash);
    });
    return { count, fork: fork && byHash.get(fork.hash) };
  }

  private store(
    write: Write,
    epochs: readonly Epoch[],
    byHash: ReadonlyMap<string, VerifiedEnvelope>,
  ): void {
    for (const { hash: envelopeHash } of epochs) {
      const verified = byHash.get(envelopeHash);
      if (verified === undefined) throw new Error("An envelope was adopted that was not sent.");
      const { id } = verified.manifest;
      // The first one of a new zone came with its row.
      if (this.deps.queries.findEnvelope(id, verified.envelope.epoch)?.hash === envelopeHash)
        continue;
      replaceEnvelope(write, this.deps, verified);
    }
  }

  /** Makes the zone one that is replicated here, with E yet to be adopted; false where nothing succeeds. */
  private begin(
    write: Write,
    verified: readonly VerifiedEnvelope[],
    row: ZoneRow | undefined,
    isNew: boolean,
  ): boolean {
    const { machines, replicated, commitLog, ownNodeId } = this.deps;
    const beginning = row === undefined ? this.meet(verified, isNew) : this.convert(verified, row);
    if (beginning === undefined) return false;
    const { durable, envelopeHash, seq, hash: logHash } = beginning;
    const [first] = verified;
    if (row === undefined && first !== undefined) this.insertFirst(write, first, ownNodeId);
    const zoneId = first?.manifest.id ?? "";
    commitLog.register(write, {
      ...{ zoneId, envelopeHash, seq, hash: logHash },
      complete: durable.isComplete,
      epoch: durable.position?.epoch ?? 0,
    });
    replicated.setStanding(write, toStandingRow(zoneId, durable));
    machines.begin(zoneId, durable);
    return true;
  }

  private insertFirst(write: Write, first: VerifiedEnvelope, ownNodeId: string): void {
    insertZone(write, this.deps, first);
    const creator = first.manifest.creator.node_id;
    if (creator !== ownNodeId) assertCreatorRoom(this.deps, creator);
  }

  /** A zone that was never here. */
  private meet(verified: readonly VerifiedEnvelope[], isNew: boolean): Beginning | undefined {
    const [first] = verified;
    const last = verified.at(-1);
    if (first?.envelope.epoch !== 1 || first.envelope.prev !== null) return undefined;
    const isPart = last !== undefined && isReplicated(last.manifest);
    if (!isPart && verified.length < FULL_BATCH) throw new StewardError("zone_not_found");
    const zoneId = first.manifest.id;
    const empty = createEmptyZone();
    const genesis = { seq: 0, hash: toGenesisHash(zoneId), envelopeHash: first.hash };
    if (!isNew) return { ...genesis, durable: empty };
    const position = { epoch: 0, n: 0, digest: toZeroDigest(sha256Chain, zoneId, first.hash) };
    return { ...genesis, durable: { ...empty, position, isComplete: true } };
  }

  /** A zone that was here and not replicated: who was in charge of it has the copy that counts. */
  private convert(verified: readonly VerifiedEnvelope[], row: ZoneRow): Beginning | undefined {
    const { queries, ownNodeId } = this.deps;
    const { zoneId } = row;
    const known = queries
      .listEnvelopes(zoneId, 0, Number.MAX_SAFE_INTEGER)
      .map((stored) => toKnownEpoch(stored).epoch);
    const { adopted, fork } = judgeEnvelopes(known, verified.map(toEpoch));
    const opener = adopted.find((epoch) => epoch.isReplicated);
    if (fork === undefined && opener === undefined) throw new StewardError("zone_not_found");
    if (opener === undefined) return undefined;
    const durable = { ...createEmptyZone(), epochs: known };
    const end = { seq: row.headSeq, hash: row.headHash, envelopeHash: opener.hash };
    const primary = known.at(-1)?.primary ?? "";
    if (primary !== "" && primary !== ownNodeId) return { ...end, durable };
    const digest = toZeroDigest(sha256Chain, zoneId, opener.hash);
    const position = { epoch: row.epoch, n: 0, digest };
    return { ...end, durable: { ...durable, position, isComplete: true } };
  }

  private assertOneZone(verified: readonly VerifiedEnvelope[], row: ZoneRow | undefined): void {
    const [first] = verified;
    const creator = row?.creator ?? first?.manifest.creator.node_id;
    for (const { manifest } of verified) {
      if (manifest.id !== first?.manifest.id) {
        throw new StewardError("invalid_params", { message: "envelopes: expected one zone's" });
      }
      if (manifest.creator.node_id === creator) continue;
      throw new StewardError("invalid_params", {
        message: "manifest.creator: a zone's creator does not change",
      });
    }
  }

  /** Whether one of them follows a stopped one, and changes more than a stopped zone may. */
  private breaksStop(verified: readonly VerifiedEnvelope[]): boolean {
    return verified.some(({ manifest, envelope }, index) => {
      const sent = verified[index - 1]?.envelope;
      const before =
        sent?.epoch === envelope.epoch - 1
          ? sent
          : this.findEnvelope(manifest.id, envelope.epoch - 1);
      return before?.state === "stopped" && !mayFollowStop(before, envelope);
    });
  }

  private findEnvelope(zoneId: string, epoch: number): ZoneEnvelope | undefined {
    const text = this.deps.queries.findEnvelope(zoneId, epoch)?.envelope;
    return text ? zoneEnvelopeSchema.parse(JSON.parse(text)) : undefined;
  }

  /** Epochs that are long past are known by their hashes alone. */
  private findOlderFork(verified: readonly VerifiedEnvelope[]): VerifiedEnvelope | undefined {
    const { queries } = this.deps;
    return verified.find(({ manifest, envelope, hash: sent }) => {
      const held = queries.findEnvelope(manifest.id, envelope.epoch);
      return held !== undefined && held.hash !== sent;
    });
  }
}

function toNotAllowed(): StewardError {
  return new StewardError("zone_not_found", {
    message: "The operator does not let this steward take part: replication.allow.",
  });
}
