import { z } from "zod";
import type { Commit } from "../../protocol/commit.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import { readCommit } from "../../wire/link-bodies.ts";
import type { CopyPlace } from "../follow/copying.ts";
import { type EntriesVerdict, judgeEntries } from "../follow/judge-entries.ts";
import { parseRecord } from "../records/apply.ts";
import {
  contradict,
  type EvidenceChecks,
  type EvidenceVerdict,
  type Fields,
  isHeadBy,
  parseHead,
  prove,
  refute,
  toFields,
} from "./checks.ts";

/** Whom evidence is against, and in which zone. */
export interface Accused {
  readonly zone_id: string;
  readonly signer: string;
}

/** What its finder says is wrong, and by what it is seen. */
export type Facts = Fields & { readonly fault: string };

const placeSchema = z.object({
  position: z.object({ epoch: z.int(), n: z.int(), digest: z.string() }),
  log: z.object({ seq: z.int(), hash: z.string() }),
});

const IS_FINDERS = "that it is not so at its finder is that one's word.";

/** Commits with the head that they end at, as sent or as held. */
export interface Chain {
  readonly commits: readonly Commit[];
  readonly head: PrimaryHead | undefined;
  readonly epoch?: number;
}

/** Reads where a chain begins; undefined where it is not said. */
export function parsePlace(place: unknown): CopyPlace | undefined {
  return placeSchema.safeParse(place).data;
}

/** Reads commits and their head; undefined of anything else. */
export function parseChain(document: Fields): Chain | undefined {
  const { commits } = document;
  if (!Array.isArray(commits)) return undefined;
  const read = commits.map(readCommit);
  if (!read.every((commit) => commit !== undefined)) return undefined;
  const { epoch } = document;
  return {
    ...{ commits: read, head: parseHead(document.head) },
    ...(typeof epoch === "number" && { epoch }),
  };
}

/** What leads to a head that is signed for it. */
interface Leading {
  readonly facts: Facts;
  readonly after: CopyPlace;
  readonly chain: Chain & { readonly head: PrimaryHead };
}

/**
 * Follows a chain from where it begins, whoever signed its head.
 * @param epoch E at who was sent it; of what is held that of its last commit
 */
export function followChain(
  checks: EvidenceChecks,
  zoneId: string,
  after: CopyPlace,
  { commits, head, epoch = commits.at(-1)?.epoch ?? after.position.epoch }: Chain,
): EntriesVerdict {
  const place = { zoneId, epoch, ...after, maySign: () => true, digestAt: () => undefined };
  return judgeEntries(checks, place, { epoch, commits, head });
}

/** Judges commits that a follower was sent; `docs/protocol.md` §9.5 and §9.11. */
export function judgeSent(
  checks: EvidenceChecks,
  accused: Accused,
  facts: Facts,
  document: Fields,
): EvidenceVerdict {
  if (document.zone_id !== accused.zone_id) return refute("It is of another zone.");
  if (typeof document.text === "string") return judgeText(document.text);
  const chain = parseChain(document);
  if (chain === undefined) return refute("No document is one that stewards send.");
  const after = parsePlace(facts.after);
  if (after === undefined) return refute("It does not say where its finder stood.");
  const { head } = chain;
  const verdict = followChain(checks, accused.zone_id, after, chain);
  const isSigned = head !== undefined && isHeadBy(checks, head.steward, head);
  if (verdict.verdict === "halt") {
    const { fault, n } = verdict;
    if (fault === "PROOF" || fault === "SEAL") {
      return prove(`${head?.steward} signed for what a member did not sign: ${fault} at n ${n}.`);
    }
    const by = isSigned ? `The head is by ${head.steward}` : "Nothing of it is signed";
    return contradict(`${by}, and the commits do not lead to a signed head: ${fault} at n ${n}.`);
  }
  if (!isSigned) return refute("Its head is not signed.");
  return judgeLeading(checks, accused, { facts, after, chain: { ...chain, head } });
}

/** Commits that lead to the head that is signed for them. */
function judgeLeading(checks: EvidenceChecks, accused: Accused, sent: Leading): EvidenceVerdict {
  const { facts, chain } = sent;
  const { steward } = chain.head;
  switch (facts.fault) {
    case "RECORD": {
      const misfit = chain.commits.find(({ records }) => !records.every(isFit(accused.zone_id)));
      if (misfit === undefined) return contradict(`It is signed by ${steward}; ${IS_FINDERS}`);
      return prove(`${steward} signed for a record that fits no table, at n ${misfit.n}.`);
    }
    case "OTHER_DIGEST":
      return judgeOther(checks, accused.zone_id, sent);
    case "HEAD_SIGNER":
      return steward === accused.signer
        ? refute("What was sent holds.")
        : contradict(`The head is by ${steward}; who may sign is its finder's word.`);
    default:
      return refute("What was sent holds.");
  }
}

/** One commit, with another digest than its finder holds. */
function judgeOther(
  checks: EvidenceChecks,
  zoneId: string,
  { facts, after, chain }: Leading,
): EvidenceVerdict {
  const { steward } = chain.head;
  const byWord = contradict(`It is signed by ${steward}; ${IS_FINDERS}`);
  const held = parseChain(toFields(facts.held));
  const sent = followChain(checks, zoneId, after, chain);
  if (held?.head === undefined) {
    return sent.verdict === "apply" ? refute("What was sent holds.") : byWord;
  }
  const own = followChain(checks, zoneId, after, held);
  if (own.verdict !== "apply" || sent.verdict !== "apply") return byWord;
  const [one, other] = [own.commits[0], sent.commits[0]];
  if (one?.digest === other?.digest) return refute("What was sent is what is held.");
  const isOneEpoch = one?.commit.epoch === other?.commit.epoch;
  if (held.head.steward !== steward || !isOneEpoch) return byWord;
  return prove(`${steward} signed two commits of number ${other?.commit.n}.`);
}

/** The text of a commit that came in parts. */
function judgeText(text: string): EvidenceVerdict {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {}
  return readCommit(value) === undefined
    ? contradict("What was sent as a commit is none; who sent it is its finder's word.")
    : refute("What was sent is a commit.");
}

/** Whether records fit their tables, whatever those hold. */
export function isFit(zoneId: string): (record: Parameters<typeof parseRecord>[1]) => boolean {
  return (record) => {
    try {
      parseRecord(zoneId, record);
      return true;
    } catch {
      return false;
    }
  };
}
