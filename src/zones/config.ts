import { z } from "zod";

/** The `zones` section of the configuration. */
export const zonesSchema = z
  .strictObject({
    /** Who may create zones over the wire; `docs/protocol.md` §6. */
    creation: z.enum(["operator", "verified", "anyone"]).default("operator"),
    /** Zones hosted here, in whatever state. */
    hosted_max: z.int().min(1).default(10_000),
    /** Of these, created over the wire by one creator. */
    hosted_per_creator: z.int().min(1).default(100),
    /** Members of all zones together, a node once for each zone. */
    members_max: z.int().min(1).default(500_000),
    /** Zones that one node may be a member of. */
    memberships_per_node: z.int().min(1).default(1000),
    invites_per_zone: z.int().min(1).default(1000),
    bans_per_zone: z.int().min(1).default(10_000),
    /** Of one zone's former envelopes; of older ones only the hashes are kept. */
    envelope_bytes_kept: z
      .int()
      .min(0)
      .default(2 * 1024 * 1024),
    /** Whether zones are written into the registry on chain, for information; costs gas. */
    register_on_chain: z.boolean().default(false),
    /** How long a zone.payment waits for its final answer before it is told `zone.pending`. */
    payment_wait_ms: z.int().min(0).max(15_000).default(15_000),
    /** How long the answers of free requests are kept. */
    free_answer_secs: z.int().min(60).default(600),
    /** How long the answers of paid requests are kept. */
    paid_answer_secs: z
      .int()
      .min(90 * 86_400)
      .default(90 * 86_400),
    /** Requests that nobody pays or paid for, in all; the fuller, the fewer a node may have. */
    unpaid_requests_max: z.int().min(1).default(500_000),
    /** Of these, by one node. */
    unpaid_requests_per_node: z.int().min(1).default(10_000),
    /** Their params and answers, in all; the fuller, the fewer a node may have. */
    unpaid_request_bytes_max: z
      .int()
      .min(1024 * 1024)
      .default(1024 * 1024 * 1024),
    unpaid_request_bytes_per_node: z
      .int()
      .min(1024)
      .default(128 * 1024 * 1024),
    /** How much log a zone keeps, by zone id or `*`; without an entry all of it. */
    retention: z
      .record(
        z.string(),
        z.strictObject({
          /** Entries a log keeps, the newest. */
          entries_max: z.int().min(1).optional(),
          /** How old entries become. */
          age_secs_max: z.int().min(60).optional(),
        }),
      )
      .prefault({}),
    /** Bytes of one zone's log, its entries' texts and 400 for each. */
    log_bytes_max: z
      .int()
      .min(4096)
      .default(1024 * 1024 * 1024),
    /** Bytes of all zones' logs. */
    log_total_bytes_max: z
      .int()
      .min(4096)
      .default(8 * 1024 * 1024 * 1024),
    /** Direct messages that may wait for one receiver, and of these by one sender. */
    direct_messages_per_receiver: z.int().min(1).default(1000),
    direct_messages_per_sender: z.int().min(1).default(100),
    /** Their JSON text in all; the fuller, the less a sender may have. One is less than 32 MiB. */
    direct_bytes_max: z
      .int()
      .min(1024 * 1024)
      .default(512 * 1024 * 1024),
    direct_bytes_per_receiver: z
      .int()
      .min(1024)
      .default(128 * 1024 * 1024),
    /** Of one sender, for whomever it is. */
    direct_bytes_per_sender: z
      .int()
      .min(1024)
      .default(32 * 1024 * 1024),
  })
  .prefault({});

export type ZonesConfig = z.output<typeof zonesSchema>;
