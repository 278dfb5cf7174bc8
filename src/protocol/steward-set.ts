import type { Manifest, StewardRef, ZoneEnvelope } from "./manifest.ts";

/** Where an envelope says nothing; `docs/protocol.md` §9.1. */
const LEASE_MS_DEFAULT = 10_000;
/** What is less counts as this. */
export const LEASE_MS_MIN = 1_000;

/** Who holds a zone, and how many of them must hold a commit; `docs/protocol.md` §9.1. */
export interface StewardSet {
  /** A replica has a `voter`, true or false: section 9 applies to the zone. */
  readonly isReplicated: boolean;
  /** Its node id; empty where the set is. */
  readonly primary: string;
  /** Node ids of the replicas that are counted. */
  readonly voters: readonly string[];
  /** Node ids of the replicas that follow and serve without being counted. */
  readonly learners: readonly string[];
  /** N, the number of voters. */
  readonly n: number;
  /** k of everything but money: the voters that must hold a commit beside the primary. */
  readonly otherAcks: number;
  /** k of money. */
  readonly moneyAcks: number;
  /** L. */
  readonly leaseMs: number;
  /** The creator's word that what was acknowledged in earlier epochs may be gone; §9.8. */
  readonly acceptsLoss: boolean;
  readonly refs: readonly StewardRef[];
}

/** Reads the stewards and numbers of an envelope; `docs/protocol.md` §9.1. */
export function toStewardSet(
  manifest: Pick<Manifest, "steward_set">,
  replication: ZoneEnvelope["replication"],
): StewardSet {
  const refs = manifest.steward_set;
  const primary = refs.find((ref) => ref.role === "primary");
  const replicas = refs.filter((ref) => ref.role === "replica");
  const voters = replicas.filter((ref) => ref.voter === true).map((ref) => ref.node_id);
  const n = voters.length;
  const otherAcks = Math.min(replication?.min_acks ?? 0, n);
  return {
    isReplicated: isReplicated(manifest),
    primary: primary?.node_id ?? "",
    voters,
    learners: replicas.filter((ref) => ref.voter !== true).map((ref) => ref.node_id),
    n,
    otherAcks,
    moneyAcks: n === 0 ? 0 : Math.max(1, otherAcks),
    leaseMs: Math.max(LEASE_MS_MIN, replication?.lease_ms ?? LEASE_MS_DEFAULT),
    acceptsLoss: primary?.accept_loss === true,
    refs,
  };
}

/** Tells whether section 9 applies to a zone of this manifest; `docs/protocol.md` §9. */
export function isReplicated({ steward_set: refs }: Pick<Manifest, "steward_set">): boolean {
  return refs.some((ref) => ref.role === "replica" && ref.voter !== undefined);
}
