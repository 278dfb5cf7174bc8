import { z } from "zod";
import type { ChainHash } from "../../protocol/log-chain.ts";
import { manifestSchema, toEnvelopeContent, zoneEnvelopeSchema } from "../../protocol/manifest.ts";
import { toNodeId, toSha256 } from "../../protocol/node-id.ts";
import { type PrimaryHead, toPrimaryHeadContent } from "../../protocol/primary-head.ts";
import { findBytesOfHex, toHex } from "../../protocol/public-key.ts";
import { toSnapshotEndContent } from "../../protocol/snapshot.ts";
import { type LinkBody, parseLinkBody } from "../../wire/link-bodies.ts";
import type { SignatureCheck } from "../follow/check-head.ts";
import { judgeEntries } from "../follow/judge-entries.ts";

/** Evidence as `/v1/replicas/{zone_id}/evidence` shows it; `docs/protocol.md` §9.11. */
export const evidenceSchema = z.object({
  kind: z.string(),
  zone_id: z.string(),
  signer: z.string(),
  epoch: z.int(),
  documents: z.array(z.unknown()),
});
export type Evidence = z.output<typeof evidenceSchema>;

/**
 * What evidence comes to: `proven` by signatures alone, for everybody; `contradicts`, what was sent does not
 * hold, and who sent it is its finder's word; `refuted`, it shows nothing.
 */
export interface EvidenceVerdict {
  readonly verdict: "proven" | "contradicts" | "refuted";
  /** In a sentence. */
  readonly says: string;
}

export interface EvidenceChecks {
  readonly hash: ChainHash;
  readonly verify: SignatureCheck;
}

const placeSchema = z.object({
  position: z.object({ epoch: z.int(), n: z.int(), digest: z.string() }),
  log: z.object({ seq: z.int(), hash: z.string() }),
});

/** Checks evidence anew, from its documents alone; `docs/protocol.md` §9.11. */
export function verifyEvidence(checks: EvidenceChecks, evidence: Evidence): EvidenceVerdict {
  const documents = evidence.documents.map(toObject);
  if (documents.length >= 2 && documents.every((document) => "manifest" in document)) {
    return judgeEnvelopes(checks, evidence, documents);
  }
  const heads = documents.map(findHead).filter((head) => head !== undefined);
  if (heads.length > 0 && heads.length === documents.length) {
    return judgeHeads(checks, evidence, heads);
  }
  return judgeSent(checks, evidence, documents);
}

function judgeEnvelopes(
  checks: EvidenceChecks,
  { zone_id, signer, epoch }: Evidence,
  documents: readonly Fields[],
): EvidenceVerdict {
  const hashes = new Set<string>();
  for (const document of documents) {
    const envelope = zoneEnvelopeSchema.safeParse(document).data;
    const manifest = manifestSchema.safeParse(envelope?.manifest).data;
    if (envelope === undefined || manifest === undefined) {
      return refute("A document is no envelope.");
    }
    const content = toEnvelopeContent(envelope);
    const isOf = manifest.id === zone_id && manifest.creator.node_id === signer;
    if (!isOf || envelope.epoch !== epoch)
      return refute("An envelope is of another zone or epoch.");
    if (!isBy(checks, signer, content, envelope)) return refute("A signature does not verify.");
    hashes.add(toHex(toSha256(content)));
  }
  if (hashes.size < 2) return refute("The envelopes say the same.");
  return {
    verdict: "proven",
    says: `The zone's creator signed ${hashes.size} envelopes of epoch ${epoch}.`,
  };
}

function judgeHeads(
  checks: EvidenceChecks,
  { zone_id, signer }: Evidence,
  heads: readonly PrimaryHead[],
): EvidenceVerdict {
  const [first] = heads;
  for (const head of heads) {
    const isOf = head.zone_id === zone_id && head.steward === signer && head.epoch === first?.epoch;
    if (!isOf) return refute("A head is of another zone, signer or epoch.");
    if (!isBy(checks, signer, toPrimaryHeadContent(head), head)) {
      return refute("A signature does not verify.");
    }
  }
  if (heads.length === 1) {
    return {
      verdict: "contradicts",
      says: "The head is by its signer; what its finder had in its place is its word.",
    };
  }
  const forked = heads.find(({ seq, hash }) => seq === first?.seq && hash !== first.hash);
  if (forked !== undefined) {
    return { verdict: "proven", says: `Its signer told two logs, each up to seq ${forked.seq}.` };
  }
  if (new Set(heads.map(({ state }) => state)).size < 2) return refute("The heads say the same.");
  return {
    verdict: "contradicts",
    says: "The heads are by their signer; that they contradict one another is their finder's word.",
  };
}

/** What a follower was sent: its head is signed, and does not hold. */
function judgeSent(
  checks: EvidenceChecks,
  evidence: Evidence,
  documents: readonly Fields[],
): EvidenceVerdict {
  const body = documents.flatMap(listBodies).find((sent) => sent.zone_id === evidence.zone_id);
  if (body === undefined) return refute("No document is one that stewards send.");
  if (body.type === "zone.entries" && "commits" in body) {
    const after = documents.map((one) => placeSchema.safeParse(one.after).data).find(Boolean);
    return judgeCommits(checks, evidence, body, after);
  }
  const isSigned =
    "signature" in body
      ? isBy(checks, evidence.signer, toSnapshotEndContent(body), body)
      : "head" in body && body.head !== undefined && isHeadBy(checks, evidence.signer, body.head);
  if (!isSigned) return refute("Nothing in it is signed by its signer.");
  return {
    verdict: "contradicts",
    says: "It is signed by its signer; what of it does not hold is its finder's word.",
  };
}

function judgeCommits(
  checks: EvidenceChecks,
  { signer, zone_id }: Evidence,
  body: Extract<LinkBody<"zone.entries">, { commits: unknown }>,
  after: z.output<typeof placeSchema> | undefined,
): EvidenceVerdict {
  const { head } = body;
  if (head === undefined || !isHeadBy(checks, signer, head)) {
    return refute("Its head is not signed by its signer.");
  }
  if (after === undefined) return refute("It does not say where its finder stood.");
  const place = { zoneId: zone_id, epoch: body.epoch, ...after };
  const verdict = judgeEntries(
    checks,
    { ...place, maySign: (nodeId) => nodeId === signer, digestAt: () => undefined },
    { ...body, head },
  );
  if (verdict.verdict !== "halt") return refute("What was sent holds.");
  return {
    verdict: "contradicts",
    says: `The head is by its signer, and the commits do not lead to it: ${verdict.fault} at n ${verdict.n}.`,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function toObject(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** A head by itself, or as zone.head carries it. */
function findHead(document: Fields): PrimaryHead | undefined {
  if (document.type !== undefined && document.type !== "zone.head") return undefined;
  const head = "state" in document && "signature" in document ? document : document.head;
  const { zone_id } = toObject(head);
  try {
    return parseLinkBody("zone.head", { zone_id, n: 0, head }).head;
  } catch {
    return undefined;
  }
}

/** The bodies a document is, or is put together of. */
function listBodies(
  document: Fields,
): readonly (LinkBody<"zone.entries"> | LinkBody<"zone.snapshot">)[] {
  return [document, document.end, document.begin].map(toObject).flatMap((fields) => {
    for (const type of ["zone.entries", "zone.snapshot"] as const) {
      try {
        if (fields.type === undefined || fields.type === type) return [parseLinkBody(type, fields)];
      } catch {
        // Of another type, or of none.
      }
    }
    return [];
  });
}

function isHeadBy(checks: EvidenceChecks, signer: string, head: PrimaryHead): boolean {
  return head.steward === signer && isBy(checks, signer, toPrimaryHeadContent(head), head);
}

function isBy(
  { verify }: EvidenceChecks,
  signer: string,
  content: Uint8Array,
  signed: { readonly public_key: string; readonly signature: string },
): boolean {
  const publicKey = findBytesOfHex(signed.public_key) ?? new Uint8Array();
  const signature = findBytesOfHex(signed.signature) ?? new Uint8Array();
  return toNodeId(publicKey) === signer && verify(publicKey, content, signature);
}

function refute(says: string): EvidenceVerdict {
  return { verdict: "refuted", says };
}
