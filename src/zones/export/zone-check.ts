import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { isSignedBySender } from "../../identity/message-signature.ts";
import type { SignatureVerifier } from "../../identity/verify.ts";
import { findBytesOfHex } from "../../protocol/hex.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { ChainEntry, LogPosition } from "../../protocol/log-chain.ts";
import { toNodeId } from "../../protocol/node-id.ts";
import { toSignedJson } from "../../protocol/signed-content.ts";
import type { SignedHead } from "../../wire/zone-replies.ts";
import { verifyEnvelope } from "../hosting/signed-envelope.ts";
import { toEntryHash, toGenesisHash } from "../log/log.ts";

/** Faults that are told one by one; more are only counted. */
const TOLD_MAX = 20;

const hashField = z.string().regex(/^[0-9a-f]{64}$/);

const proofSchema = z.object({
  message_id: z.string(),
  to: z.string(),
  timestamp: z.int(),
  request_id: z.string().optional(),
  public_key: z.string(),
  sig: z.string(),
});

/** A signed head as files hold it. */
export const headSchema = z.object({
  zone_id: z.string(),
  seq: z.int().min(0),
  hash: hashField,
  signed_at: z.int(),
  steward: z.string(),
  public_key: hashField,
  signature: z.string().regex(/^[0-9a-f]{128}$/),
});

/** Something that is not as it should be, and where. */
export interface ZoneFault {
  readonly at: string;
  readonly what: string;
}

/** What was found of a zone. */
export interface ZoneFindings {
  readonly zone_id: string;
  readonly name: string | undefined;
  readonly creator: string | undefined;
  readonly epoch: number;
  readonly envelopes: number;
  /** Before its first entry; 0 where the log is whole. */
  readonly after_seq: number;
  readonly head_seq: number;
  readonly head_hash: string;
  /** Entries whose hash was recomputed, and of these messages whose sender's signature was checked. */
  readonly entries: number;
  readonly signed_messages: number;
  readonly faults: readonly ZoneFault[];
  readonly faults_total: number;
}

/** Tells whether a steward signed a position of a log; `docs/protocol.md` §6. */
export function isHeadSigned(verifier: SignatureVerifier, head: SignedHead): boolean {
  const { zone_id, seq, hash, signed_at } = head;
  const publicKey = findBytesOfHex(head.public_key) ?? new Uint8Array();
  const signature = findBytesOfHex(head.signature) ?? new Uint8Array();
  const content = toSignedJson("atlas-head-v1", { zone_id, seq, hash, signed_at });
  return toNodeId(publicKey) === head.steward && verifier.verify(publicKey, content, signature);
}

/**
 * Checks a zone as it comes, envelopes first, then its log: each envelope is its creator's and follows
 * the one before it, each entry's hash follows from the one before, what a sender signed verifies.
 * It keeps nothing of what has passed; `docs/protocol.md` §6.
 */
export class ZoneCheck {
  private readonly verifier: SignatureVerifier;
  private readonly zoneId: string;
  private readonly faults: ZoneFault[] = [];
  private faultsTotal = 0;
  private readonly envelopeHashes = new Map<number, string>();
  /** Of all envelopes seen; whom those say of which only hashes are kept is not known. */
  private readonly stewards = new Set<string>();
  private knowsStewards = true;
  private name: string | undefined;
  private creator: string | undefined;
  private epoch = 0;
  private afterSeq = 0;
  private last: LogPosition;
  private entries = 0;
  private signedMessages = 0;

  constructor(verifier: SignatureVerifier, zoneId: string) {
    this.verifier = verifier;
    this.zoneId = zoneId;
    this.last = { seq: 0, hash: toGenesisHash(zoneId) };
  }

  /** Where the chain stands. */
  get position(): LogPosition {
    return this.last;
  }

  /** Notes something that the one who reads found. */
  fault(at: string, what: string): void {
    this.faultsTotal++;
    if (this.faults.length < TOLD_MAX) this.faults.push({ at, what });
  }

  /** The next envelope; oldest first. */
  takeEnvelope(raw: JsonObject): void {
    const at = `envelope ${this.epoch + 1}`;
    try {
      const { envelope, manifest, hash } = verifyEnvelope(this.verifier, raw);
      if (manifest.id !== this.zoneId) this.fault(at, "is another zone's");
      if (this.creator !== undefined && manifest.creator.node_id !== this.creator) {
        this.fault(at, "is another creator's");
      }
      this.creator = manifest.creator.node_id;
      this.name = manifest.name;
      for (const { node_id } of manifest.steward_set) this.stewards.add(node_id);
      this.noteEpoch(at, { epoch: envelope.epoch, prev: envelope.prev, hash });
    } catch (error) {
      if (!(error instanceof StewardError)) throw error;
      this.fault(at, `does not verify: ${error.message}`);
      this.epoch++;
    }
  }

  /** The next envelope, of which only the hash is kept. */
  takeEnvelopeHash({ epoch, hash }: { readonly epoch: number; readonly hash: string }): void {
    const at = `envelope ${epoch}`;
    this.knowsStewards = false;
    this.noteEpoch(at, { epoch, prev: this.envelopeHashes.get(epoch - 1) ?? null, hash });
  }

  private noteEpoch(
    at: string,
    { epoch, prev, hash }: { epoch: number; prev: string | null; hash: string },
  ): void {
    if (epoch !== this.epoch + 1) this.fault(at, `is of epoch ${epoch}`);
    const before = this.envelopeHashes.get(epoch - 1) ?? null;
    if (prev !== before) this.fault(at, "does not name the envelope before it");
    this.epoch = epoch;
    this.envelopeHashes.set(epoch, hash);
  }

  /** Where a log begins whose oldest entries were removed. */
  takeCheckpoint(head: SignedHead): void {
    this.checkSigned("checkpoint", head);
    this.afterSeq = head.seq;
    this.last = { seq: head.seq, hash: head.hash };
  }

  /** The next entry and the hash it is said to have. */
  takeEntry(entry: ChainEntry, told: string): void {
    const at = `entry ${entry.seq}`;
    if (entry.zoneId !== this.zoneId) this.fault(at, "is another zone's");
    if (entry.seq !== this.last.seq + 1) this.fault(at, `follows entry ${this.last.seq}`);
    else if (toEntryHash(this.last.hash, entry) !== told) this.fault(at, "has another hash");
    this.last = { seq: entry.seq, hash: told };
    this.entries++;
    if (entry.kind === "event") this.checkEvent(at, entry);
    else if (entry.data.includes('"proof":')) this.checkProof(at, entry);
  }

  /** The log's end, as a steward signed it. */
  takeHead(head: SignedHead): void {
    this.checkSigned("head", head);
    this.assertEnd(head);
  }

  /** The log's end, as its reader knows it. */
  assertEnd({ seq, hash }: LogPosition): void {
    if (seq !== this.last.seq) this.fault("head", `is entry ${seq}, the last one ${this.last.seq}`);
    else if (hash !== this.last.hash) this.fault("head", "has another hash than the last entry");
  }

  /** What was found so far. */
  get findings(): ZoneFindings {
    return {
      zone_id: this.zoneId,
      name: this.name,
      creator: this.creator,
      epoch: this.epoch,
      envelopes: this.envelopeHashes.size,
      after_seq: this.afterSeq,
      head_seq: this.last.seq,
      head_hash: this.last.hash,
      entries: this.entries,
      signed_messages: this.signedMessages,
      faults: this.faults,
      faults_total: this.faultsTotal,
    };
  }

  private checkSigned(at: string, head: SignedHead): void {
    if (head.zone_id !== this.zoneId) this.fault(at, "is another zone's");
    if (!isHeadSigned(this.verifier, head)) this.fault(at, "its signature is wrong");
    const { stewards, knowsStewards } = this;
    if (knowsStewards && stewards.size > 0 && !stewards.has(head.steward)) {
      this.fault(at, `is signed by ${head.steward}, who is no steward of the zone`);
    }
  }

  private checkEvent(at: string, { data }: ChainEntry): void {
    const { epoch, envelope_hash: hash } = JSON.parse(data) as JsonObject;
    if (typeof epoch !== "number" || typeof hash !== "string") return;
    const known = this.envelopeHashes.get(epoch);
    if (known !== hash) this.fault(at, `tells of another envelope ${epoch}`);
  }

  /** What a member signed is what stands in the entry; `docs/protocol.md` §9.10. */
  private checkProof(at: string, { data, nodeId, zoneId }: ChainEntry): void {
    const { proof, ...said } = JSON.parse(data) as JsonObject;
    if (proof === undefined) return;
    this.signedMessages++;
    const parsed = proofSchema.safeParse(proof).data;
    if (parsed === undefined) return this.fault(at, "its proof is malformed");
    const { message_id: id, to, timestamp, request_id, public_key, sig } = parsed;
    const body = { ...said, type: "zone.message", zone_id: zoneId, request_id };
    const message = { id, from: nodeId, to, timestamp, body, public_key, sig };
    if (isSignedBySender(this.verifier, message)) return;
    this.fault(at, "its sender's signature does not verify");
  }
}
