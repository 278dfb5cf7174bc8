import { z } from "zod";
import { toHex } from "../../protocol/hex.ts";
import { manifestSchema, toEnvelopeContent, zoneEnvelopeSchema } from "../../protocol/manifest.ts";
import { toSha256 } from "../../protocol/node-id.ts";
import { isSignedBy } from "../follow/check-head.ts";
import {
  type EvidenceChecks,
  type EvidenceVerdict,
  type Fields,
  prove,
  refute,
  toFields,
} from "./checks.ts";
import { judgeHeads } from "./judge-heads.ts";
import { judgeSent } from "./judge-sent.ts";
import { judgeSnapshot } from "./judge-snapshot.ts";

/** Evidence as `/v1/replicas/{zone_id}/evidence` shows it; `docs/protocol.md` §9.11. */
export const evidenceSchema = z.object({
  kind: z.string(),
  zone_id: z.string(),
  signer: z.string(),
  epoch: z.int(),
  documents: z.array(z.unknown()),
});
export type Evidence = z.output<typeof evidenceSchema>;

/** Checks evidence anew, from its documents alone; `docs/protocol.md` §9.11. */
export function verifyEvidence(checks: EvidenceChecks, evidence: Evidence): EvidenceVerdict {
  const documents = evidence.documents.map(toFields);
  if (documents.length >= 2 && documents.every((document) => "manifest" in document)) {
    return judgeEnvelopes(checks, evidence, documents);
  }
  const [facts = {}, document = {}] = documents;
  if (typeof facts.fault !== "string") return judgeHeads(checks, evidence, documents);
  const isOfLog = "commits" in document || "text" in document || "part" in document;
  const judge = isOfLog ? judgeSent : judgeSnapshot;
  return judge(checks, evidence, { ...facts, fault: facts.fault }, document);
}

function judgeEnvelopes(
  { verify }: EvidenceChecks,
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
    if (!isSignedBy(verify, signer, content, envelope)) {
      return refute("A signature does not verify.");
    }
    hashes.add(toHex(toSha256(content)));
  }
  if (hashes.size < 2) return refute("The envelopes say the same.");
  return prove(`The zone's creator signed ${hashes.size} envelopes of epoch ${epoch}.`);
}
