import { z } from "zod";

/** The `events` section of the configuration. */
export const eventsSchema = z
  .strictObject({
    /** Events that are kept; the oldest go first. */
    entries_max: z.int().min(1000).max(10_000_000).default(100_000),
    /** Events are kept for so long. */
    kept_secs: z
      .int()
      .min(3600)
      .default(30 * 86_400),
    /** Events that a webhook has not been given yet are kept beyond that, but no more than so many in all. */
    held_max: z.int().min(1000).max(50_000_000).default(1_000_000),
    /** Readers of the live feed at one time. */
    readers_max: z.int().min(1).max(10_000).default(256),
    /** From one sign of life on a silent feed to the next. */
    heartbeat_ms: z.int().min(100).max(600_000).default(15_000),
    /** From one look for what is wrong to the next. */
    alarm_interval_ms: z.int().min(100).max(3_600_000).default(10_000),
  })
  .prefault({});

export type EventsConfig = z.output<typeof eventsSchema>;
