import type { ChainHash } from "../../protocol/log-chain.ts";
import { type PrimaryHead, toPrimaryHeadContent } from "../../protocol/primary-head.ts";
import { parseLinkBody } from "../../wire/link-bodies.ts";
import { isSignedBy, type SignatureCheck } from "../follow/check-head.ts";

/** How evidence is checked. */
export interface EvidenceChecks {
  readonly hash: ChainHash;
  readonly verify: SignatureCheck;
}

/**
 * What evidence comes to: `proven` by signatures alone, for everybody; `contradicts`, what was sent does not
 * hold, and who sent it is its finder's word; `refuted`, it shows nothing.
 */
export interface EvidenceVerdict {
  readonly verdict: "proven" | "contradicts" | "refuted";
  /** In a sentence. */
  readonly says: string;
}

export type Fields = Readonly<Record<string, unknown>>;

/** A document as the object it should be; an empty one of anything else. */
export function toFields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** A head by itself, or as something else carries it; undefined where there is none. */
export function findHead(document: Fields): PrimaryHead | undefined {
  if (document.type !== undefined && document.type !== "zone.head") return undefined;
  const head = "state" in document && "signature" in document ? document : document.head;
  return parseHead(head);
}

/** Reads a head; undefined of anything else. */
export function parseHead(head: unknown): PrimaryHead | undefined {
  const { zone_id } = toFields(head);
  try {
    return parseLinkBody("zone.head", { zone_id, n: 0, head }).head;
  } catch {
    return undefined;
  }
}

/** Tells whether a head is by a node. */
export function isHeadBy(checks: EvidenceChecks, signer: string, head: PrimaryHead): boolean {
  const isNamed = head.steward === signer;
  return isNamed && isSignedBy(checks.verify, signer, toPrimaryHeadContent(head), head);
}

export function prove(says: string): EvidenceVerdict {
  return { verdict: "proven", says };
}

export function contradict(says: string): EvidenceVerdict {
  return { verdict: "contradicts", says };
}

export function refute(says: string): EvidenceVerdict {
  return { verdict: "refuted", says };
}
