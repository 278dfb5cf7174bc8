import { z } from "zod";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import { readSnapshotLine } from "../../wire/link-bodies.ts";
import { type CheckedCommit, toCheckedEntry } from "../follow/judge-entries.ts";
import {
  contradict,
  type EvidenceChecks,
  type EvidenceVerdict,
  type Fields,
  findHead,
  isHeadBy,
  prove,
  refute,
} from "./checks.ts";
import { type Accused, followChain, parseChain, parsePlace } from "./judge-sent.ts";

const logSchema = z.object({ seq: z.int(), hash: z.string() });

/** What the finder has in the place of what a head says. */
interface Held {
  /** Its log's hash where the head's is. */
  readonly hash: string | undefined;
  /** Its commits there, and whether all that could be meant are among them. */
  readonly digests: readonly string[];
  readonly isAll: boolean;
}

/** Judges heads that contradict one another, with what leads from one to the other; `docs/protocol.md` §9.11. */
export function judgeHeads(
  checks: EvidenceChecks,
  { zone_id, signer }: Accused,
  documents: readonly Fields[],
): EvidenceVerdict {
  const heads = documents.map(findHead).filter((head) => head !== undefined);
  const [first, second] = heads;
  if (first === undefined) return refute("No document is one that stewards send.");
  for (const head of heads) {
    const isOf = head.zone_id === zone_id && head.steward === signer && head.epoch === first.epoch;
    if (!isOf) return refute("A head is of another zone, signer or epoch.");
    if (!isHeadBy(checks, signer, head)) return refute("A signature does not verify.");
  }
  const forked = heads.find(({ seq, hash }) => seq === first.seq && hash !== first.hash);
  const held = second && findHeld(checks, documents, first, second);
  const isOther = held?.hash !== undefined && held.hash !== first.hash;
  if (forked !== undefined || isOther) {
    return prove(`Its signer told two logs, each up to seq ${first.seq}.`);
  }
  if (held?.isAll && !held.digests.includes(first.state)) {
    return prove(`Its signer told two states of the zone, each at seq ${first.seq}.`);
  }
  if (new Set(heads.map(({ state }) => state)).size === 1 && heads.length > 1) {
    return refute("The heads say the same.");
  }
  return contradict("It is by its signer; what its finder had in its place is that one's word.");
}

/** What leads to the second head, which its finder holds, where the first one is. */
function findHeld(
  checks: EvidenceChecks,
  documents: readonly Fields[],
  told: PrimaryHead,
  head: PrimaryHead,
): Held | undefined {
  for (const document of documents) {
    const held =
      findHeldLog(checks, document, told, head) ?? findHeldCommits(checks, document, told);
    if (held !== undefined) return held;
  }
  return undefined;
}

/** Entries from the first head's seq to the second head, as a snapshot's lines. */
function findHeldLog(
  checks: EvidenceChecks,
  { log, lines }: Fields,
  told: PrimaryHead,
  head: PrimaryHead,
): Held | undefined {
  const start = logSchema.safeParse(log).data;
  if (start?.seq !== told.seq || !Array.isArray(lines)) return undefined;
  let at = start;
  for (const line of lines.map(readSnapshotLine)) {
    if (line === undefined || !("entry" in line)) return undefined;
    const { entry } = line;
    if (entry.zone_id !== told.zone_id || entry.seq !== at.seq + 1) return undefined;
    at = { seq: entry.seq, hash: toCheckedEntry(checks.hash, at.hash, entry).hash };
  }
  if (at.seq !== head.seq || at.hash !== head.hash) return undefined;
  return { hash: start.hash, digests: [], isAll: false };
}

/** Commits around the first head's seq, up to a head that is signed for them. */
function findHeldCommits(
  checks: EvidenceChecks,
  document: Fields,
  told: PrimaryHead,
): Held | undefined {
  const after = parsePlace(document.after);
  const chain = parseChain(document);
  if (after === undefined || chain === undefined) return undefined;
  const verdict = followChain(checks, told.zone_id, after, chain);
  if (verdict.verdict !== "apply") return undefined;
  const all = verdict.commits.filter(({ commit }) => commit.epoch === told.epoch);
  const at = all.filter(({ commit }) => commit.seq === told.seq);
  const isBegun = after.log.seq < told.seq;
  const isOver = all.some(({ commit }) => commit.seq > told.seq);
  return {
    hash: findHash(verdict.commits, told),
    digests: at.map(({ digest }) => digest),
    isAll: isBegun && isOver,
  };
}

/** The held log's hash at the seq of a head, in the head's epoch. */
function findHash(commits: readonly CheckedCommit[], told: PrimaryHead): string | undefined {
  const entries = commits
    .filter(({ commit }) => commit.epoch === told.epoch)
    .flatMap((commit) => commit.entries);
  return entries.find(({ entry }) => entry.seq === told.seq)?.hash;
}
