import type { ZoneRecord } from "../../protocol/commit.ts";
import type { LogPosition } from "../../protocol/log-chain.ts";
import { type SnapshotLine, toChunkHash, toSnapshotEndContent } from "../../protocol/snapshot.ts";
import {
  type LinkBody,
  parseLinkBody,
  readSnapshotLine,
  type SnapshotOf,
} from "../../wire/link-bodies.ts";
import { isSignedBy } from "../follow/check-head.ts";
import { findHeadFault, toCheckedEntry } from "../follow/judge-entries.ts";
import { isTrueEntry, isTrueRecord } from "../follow/member-word.ts";
import {
  contradict,
  type EvidenceChecks,
  type EvidenceVerdict,
  type Fields,
  refute,
  toFields,
} from "./checks.ts";
import { type Accused, type Facts, isFit } from "./judge-sent.ts";

/** The bodies of one snapshot that evidence holds. */
interface Parts {
  readonly begin: SnapshotOf<"begin"> | undefined;
  readonly chunk: SnapshotOf<"chunk"> | undefined;
  readonly end: SnapshotOf<"end"> | undefined;
}

/** Judges what a follower was sent of a snapshot; `docs/protocol.md` §9.6 and §9.11. */
export function judgeSnapshot(
  checks: EvidenceChecks,
  accused: Accused,
  facts: Facts,
  document: Fields,
): EvidenceVerdict {
  const parts = parseParts(document);
  const bodies = Object.values(parts).filter((body) => body !== undefined);
  if (bodies.length === 0) return refute("No document is one that stewards send.");
  if (bodies.some(({ zone_id }) => zone_id !== accused.zone_id)) {
    return refute("It is of another zone.");
  }
  if (parts.end !== undefined) return judgeEnd(checks, accused, facts, parts.end);
  if (parts.chunk !== undefined) return judgeChunk(checks, accused, facts, parts.chunk);
  return parts.begin === undefined
    ? refute("No document is one that stewards send.")
    : judgeBegin(checks, accused, facts, parts.begin);
}

function judgeBegin(
  checks: EvidenceChecks,
  { zone_id: zoneId, signer }: Accused,
  { fault }: Facts,
  { epoch, position, head }: SnapshotOf<"begin">,
): EvidenceVerdict {
  const place = { zoneId, epoch, maySign: () => true };
  const log = { seq: head.seq, hash: head.hash };
  const found = findHeadFault(checks.verify, place, { position, log }, head);
  if (found !== undefined) return contradict(`Its head does not stand for its position: ${found}.`);
  if (fault === "LOG_AFTER" || fault === "RECORD") return toFindersWord(fault, head.steward);
  return fault === "HEAD_SIGNER" && head.steward !== signer
    ? contradict(`The head is by ${head.steward}; who may sign is its finder's word.`)
    : refute("The snapshot's beginning holds.");
}

function judgeChunk(
  checks: EvidenceChecks,
  { zone_id, signer }: Accused,
  facts: Facts,
  { text, hash }: SnapshotOf<"chunk">,
): EvidenceVerdict {
  const { fault, before } = facts;
  if (typeof before !== "string") return refute("It does not say what came before.");
  const isHashed = toChunkHash(checks.hash, before, text) === hash;
  if (!isHashed) return contradict(`A chunk is not what its hash says: ${fault}.`);
  const line = readSnapshotLine(facts.line);
  if (line === undefined) {
    return fault === "LINE" || fault === "RECORD"
      ? toFindersWord(fault, signer)
      : refute("The chunk holds.");
  }
  const isWrong =
    "entry" in line
      ? isWrongEntry(checks, zone_id, toFields(facts.log) as unknown as LogPosition, line)
      : isWrongRecord(checks, zone_id, line.record);
  return isWrong
    ? contradict(`A line of a snapshot does not hold: ${fault}; who sent it is its finder's word.`)
    : refute("The line holds.");
}

function isWrongEntry(
  { hash, verify }: EvidenceChecks,
  zoneId: string,
  log: Partial<LogPosition>,
  { entry, hash: told }: Extract<SnapshotLine, { readonly hash: string }>,
): boolean {
  if (entry.zone_id !== zoneId || !isTrueEntry(verify, entry)) return true;
  if (typeof log.hash !== "string" || typeof log.seq !== "number") return false;
  return entry.seq !== log.seq + 1 || toCheckedEntry(hash, log.hash, entry).hash !== told;
}

function isWrongRecord({ verify }: EvidenceChecks, zoneId: string, record: ZoneRecord): boolean {
  return !isFit(zoneId)(record) || !isTrueRecord(verify, zoneId, record);
}

function judgeEnd(
  { verify }: EvidenceChecks,
  { signer }: Accused,
  { fault }: Facts,
  end: SnapshotOf<"end">,
): EvidenceVerdict {
  const isSigned = isSignedBy(verify, signer, toSnapshotEndContent(end), end);
  if (fault === "END_SIGNATURE") {
    return isSigned
      ? refute("The snapshot's end is signed.")
      : contradict("A snapshot's end is not signed by who sent it, as its finder says.");
  }
  if (!isSigned) return refute("Nothing in it is signed by its signer.");
  return toFindersWord(fault, signer);
}

function toFindersWord(fault: string, signer: string): EvidenceVerdict {
  return contradict(
    `It came of ${signer}; what of it does not hold is its finder's word: ${fault}.`,
  );
}

function parseParts(document: Fields): Parts {
  const bodies = [document, document.begin, document.chunk, document.end].map(parseBody);
  return {
    begin: bodies.find((body) => body !== undefined && "position" in body) as Parts["begin"],
    chunk: bodies.find((body) => body !== undefined && "text" in body) as Parts["chunk"],
    end: bodies.find((body) => body !== undefined && "chunks" in body) as Parts["end"],
  };
}

function parseBody(value: unknown): LinkBody<"zone.snapshot"> | undefined {
  try {
    return parseLinkBody("zone.snapshot", toFields(value));
  } catch {
    return undefined;
  }
}
