import type { PrimaryHead } from "../../protocol/primary-head.ts";
import { findHeldHistory, type HeldHistoryDeps } from "../../store/replication/held-history.ts";
import { type LinkBody, readCommit } from "../../wire/link-bodies.ts";
import { CommitParts } from "./commit-parts.ts";
import type { CopyPlace } from "./copying.ts";
import type { Wrong } from "./evidence.ts";
import type { ArrivedEntries, EntriesVerdict } from "./judge-entries.ts";

/** What is wrong although all of it leads to its signed head. */
const SIGNED_FAULTS: ReadonlySet<string> = new Set(["PROOF", "SEAL", "RECORD"]);

/** Puts zone.entries together as one subscription brings them; `docs/protocol.md` §9.5. */
export class Arriving {
  private readonly parts = new CommitParts();

  /** What came, once it is whole; the text of what is no commit; a `gap` where a part is missing. */
  take(body: LinkBody<"zone.entries">): ArrivedEntries | { text: string } | "gap" | undefined {
    const { epoch, head, released } = body;
    if (!("part" in body)) {
      this.parts.clear();
      return { epoch, commits: body.commits, head, released };
    }
    const whole = this.parts.add(body.part);
    if (whole === undefined || whole === "gap") return whole;
    const commit = readCommit(parseJson(whole.text));
    return commit === undefined ? whole : { epoch, commits: [commit], head, released };
  }

  /** Forgets what has come of a commit in parts. */
  clear(): void {
    this.parts.clear();
  }
}

/**
 * What is wrong with commits that were judged so, with what they were judged by: of one that this steward has with
 * another digest its own beside it.
 */
export function toWrongCommits(
  deps: Omit<HeldHistoryDeps, "queries"> & { readonly zones: HeldHistoryDeps["queries"] },
  zoneId: string,
  { fault, n }: Extract<EntriesVerdict, { verdict: "halt" }>,
  { after, arrived }: { readonly after: CopyPlace; readonly arrived: ArrivedEntries },
): Wrong {
  const held =
    fault === "OTHER_DIGEST"
      ? findHeldHistory({ ...deps, queries: deps.zones }, zoneId, { from: n, to: n })
      : undefined;
  const facts = held === undefined ? { after } : { after: held.after, held };
  return { kind: "CHAIN", fault, facts, document: toBody(zoneId, arrived), n };
}

/** What is wrong with commits that lead to their head, and do not fit the tables. */
export function toWrongRecord(zoneId: string, after: CopyPlace, arrived: ArrivedEntries): Wrong {
  const document = toBody(zoneId, arrived);
  return { kind: "CHAIN", fault: "RECORD", facts: { after }, document };
}

/** Whose word it is: who signed the head that all of it leads to, or who sent it. */
export function toSigner({ fault }: Wrong, sender: string, head: PrimaryHead | undefined): string {
  return SIGNED_FAULTS.has(fault) && head !== undefined ? head.steward : sender;
}

/** Commits as they came, as one message: of a commit in parts, too. */
function toBody(zone_id: string, { epoch, commits, head }: ArrivedEntries): object {
  return { type: "zone.entries", zone_id, epoch, commits, head };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
