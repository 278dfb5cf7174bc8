import { z } from "zod";

const tierSchema = (perSecond: number, perMinute: number, bytes: number) =>
  z
    .strictObject({
      /** Messages a second, of one node of this trust. */
      messages_per_second: z.int().min(1).default(perSecond),
      /** Messages a minute, of one node of this trust. */
      messages_per_minute: z.int().min(1).default(perMinute),
      /** Payload bytes a minute, of one node of this trust. */
      bytes_per_minute: z.int().min(1024).default(bytes),
    })
    .prefault({});

/** The `limits` section of the configuration; `docs/protocol.md` §4. */
export const limitsSchema = z
  .strictObject({
    unknown: tierSchema(5, 60, 10_000_000),
    verified: tierSchema(20, 300, 50_000_000),
    zone: z.strictObject({ messages_per_minute: z.int().min(1).default(50) }).prefault({}),
    violations: z.int().min(1).default(3),
    /** Violations older than this no longer count. */
    violation_window_secs: z.int().min(1).default(300),
    /** How long a node is banned from the wire. */
    ban_secs: z.int().min(1).default(600),
    /** Refusals under a ban after which a session ends. */
    banned_refusals: z.int().min(1).default(20),
    /** What a stall of the steward's own is worth to peers at most. */
    stall_allowance_secs: z.int().min(0).max(30).default(15),
  })
  .prefault({});

export type LimitsConfig = z.output<typeof limitsSchema>;
export type TierLimits = LimitsConfig["unknown"];
