import { z } from "zod";
import { NODE_ID_PATTERN, ZONE_ID_PATTERN } from "../protocol/ids.ts";

const MIB = 1024 * 1024;

const allowed = z
  .string()
  .refine(
    (name) => name === "*" || ZONE_ID_PATTERN.test(name) || NODE_ID_PATTERN.test(name),
    "expected a zone id, a creator's node id or *",
  );
const nodeId = z.string().regex(NODE_ID_PATTERN, "expected atlas_ and 64 hex digits");

/** The `replication` section of the configuration; `docs/protocol.md` §9. */
export const replicationSchema = z
  .strictObject({
    /** Which replicated zones this steward takes part in: zone ids, creators' node ids, `*`. */
    allow: z.array(allowed).default([]),
    /** Where a steward is dialed, by its node id, whatever `steward_set` says. */
    peers: z.record(nodeId, z.url({ protocol: /^wss?$/ })).prefault({}),
    /** Whether stewards are dialed at `ws://` addresses beyond this machine, too. */
    allow_insecure: z.boolean().default(false),
    /** For a connection to another steward and its handshake. */
    dial_timeout_ms: z.int().min(100).default(10_000),
    /** What this steward, following a zone, may be sent and have yet to acknowledge. */
    window_bytes: z
      .int()
      .min(64 * 1024)
      .max(64 * MIB)
      .default(8 * MIB),
    /** Sent and not acknowledged, of all zones of a link. */
    link_window_bytes: z
      .int()
      .min(64 * 1024)
      .default(64 * MIB),
    /** What a link has yet to send. One message is at most 4 MiB. */
    link_unsent_bytes_max: z
      .int()
      .min(4 * MIB)
      .default(32 * MIB),
    /** Sessions that one steward may have open here as links. */
    links_per_node: z.int().min(1).default(4),
    /** Of a zone's commits, that many seconds' or bytes' are kept, whichever is less. */
    commits_kept_secs: z.int().min(0).default(3600),
    /** As `commits_kept_secs`. */
    commits_kept_bytes: z
      .int()
      .min(0)
      .default(64 * MIB),
    /** Forwarded and not acknowledged, of one link. */
    forwards_per_link: z.int().min(1).default(256),
    /** As `forwards_per_link`. */
    forward_bytes_per_link: z
      .int()
      .min(4 * MIB)
      .default(8 * MIB),
    /** A primary says something to what was forwarded within so long. */
    forward_timeout_ms: z.int().min(100).default(15_000),
    /** What waits for acknowledgements by other stewards, of one zone. */
    gate_frames_per_zone: z.int().min(1).default(10_000),
    /** As `gate_frames_per_zone`. */
    gate_bytes_per_zone: z
      .int()
      .min(MIB)
      .default(64 * MIB),
    /** Proof that is kept, of one zone. */
    evidence_max: z.int().min(1).default(10_000),
    /** What is set aside when copies are cut back, of one zone. */
    quarantine_bytes_max: z
      .int()
      .min(0)
      .default(1024 * MIB),
  })
  .prefault({});

export type ReplicationConfig = z.output<typeof replicationSchema>;

/**
 * Tells whether the operator lets this steward take part in a replicated zone; `docs/protocol.md` §9.2.
 * @param creator the creator's node id
 */
export function isAllowed(
  { allow }: Pick<ReplicationConfig, "allow">,
  zone: { readonly zoneId: string; readonly creator: string },
): boolean {
  return allow.some((name) => name === "*" || name === zone.zoneId || name === zone.creator);
}
