import type { Commit } from "../../../src/protocol/commit.ts";
import type { LogEntry, LogPosition } from "../../../src/protocol/log-chain.ts";
import type { PrimaryHead } from "../../../src/protocol/primary-head.ts";
import { writeCanonicalJson } from "../../wire/independent/canonical-json.ts";
import { type SeedKey, sha256, toSeedKey } from "../../wire/independent/ed25519.ts";

export const ZONE_ID = "zone_019a2f3c-5b60-7c1e-9d2a-4f6b8c0d1e2f";
export const AGENT_ID = `atlas_${"a1".repeat(32)}`;
export const PRIMARY = toSeedKey(
  "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
);
export const OTHER = toSeedKey("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");

const fromHex = (text: string) => Buffer.from(text, "hex");

/** What one commit holds beside its numbers and hashes. */
export interface ToldContent {
  readonly epoch?: number;
  readonly messages?: readonly unknown[];
  /** The zone's first envelope is logged with it. */
  readonly isFirst?: boolean;
  readonly records?: Commit["records"];
}

/**
 * A replicated zone as a primary tells it, hashed and signed by code of the tests' own, so that what judges it
 * is not compared with itself.
 */
export class ToldZone {
  readonly commits: Commit[] = [];
  readonly digests: string[];
  readonly entries: { entry: LogEntry; hash: string }[] = [];
  readonly zoneId: string;
  private readonly ends: LogPosition[];
  private readonly signer: SeedKey;
  private readonly envelopeHash: string;

  /** @param of the zone, the hash of the envelope with which it became replicated, and who signs its heads */
  constructor(of: { zoneId?: string; envelopeHash?: string; signer?: SeedKey } = {}) {
    const { zoneId = ZONE_ID, envelopeHash = "b2".repeat(32), signer = PRIMARY } = of;
    this.zoneId = zoneId;
    this.signer = signer;
    this.envelopeHash = envelopeHash;
    const zero = `${Buffer.from(`atlas-zone-state-v1\0${zoneId}`).toString("hex")}${envelopeHash}`;
    this.digests = [sha256(fromHex(zero))];
    this.ends = [{ seq: 0, hash: sha256(`atlas-zone-log-v1${zoneId}`) }];
  }

  /** Adds a commit after the last one. */
  commit({ epoch = 2, messages = [], records = [], isFirst = false }: ToldContent): Commit {
    const n = this.commits.length + 1;
    let { seq, hash } = this.endAt(n - 1);
    const created = { event: "created", epoch, envelope_hash: this.envelopeHash };
    const said = messages.map((content, index) => {
      const id = `zmsg_${n}_${seq + 1 + index}`;
      return { kind: "message" as const, data: { id, content } as LogEntry["data"] };
    });
    const told = [...(isFirst ? [{ kind: "event" as const, data: created }] : []), ...said];
    const entries = told.map(({ kind, data }) => {
      const entry = {
        ...{ zone_id: this.zoneId, seq: ++seq, timestamp: 1_790_000_000 + n, kind },
        ...{ node_id: AGENT_ID, data },
      };
      hash = sha256(Buffer.concat([fromHex(hash), Buffer.from(writeCanonicalJson(entry))]));
      this.entries.push({ entry, hash });
      return entry;
    });
    const digested = { epoch, n, seq, hash, salt: sha256(`salt ${n}`).slice(0, 32), records };
    const before = fromHex(this.digests[n - 1] ?? "");
    const text = Buffer.from(writeCanonicalJson(digested));
    this.digests.push(sha256(Buffer.concat([before, text])));
    this.ends.push({ seq, hash });
    const commit = { ...digested, entries };
    this.commits.push(commit);
    return commit;
  }

  /** Where the log ends with a commit. */
  endAt(n: number): LogPosition {
    const end = this.ends[n];
    if (end === undefined) throw new Error(`There is no commit ${n}.`);
    return end;
  }

  /** A follower's place after a commit. */
  placeAt(n: number, epoch = 2) {
    const position = {
      epoch: this.commits[n - 1]?.epoch ?? epoch,
      n,
      digest: this.digests[n] ?? "",
    };
    return { position, log: this.endAt(n) };
  }

  /** The head of a commit. */
  headAt(n: number, signer = this.signer, changes: Partial<PrimaryHead> = {}): PrimaryHead {
    const { position, log } = this.placeAt(n);
    const content = {
      zone_id: this.zoneId,
      epoch: position.epoch,
      seq: log.seq,
      hash: log.hash,
      state: position.digest,
      signed_at: 1_790_000_100,
      ...changes,
    };
    const signature = signer.sign(Buffer.from(`atlas-head-v2\0${writeCanonicalJson(content)}`));
    return { ...content, steward: signer.nodeId, public_key: signer.publicKey, signature };
  }
}
