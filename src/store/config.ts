import { z } from "zod";

/** The `store` section of the configuration. */
export const storeSchema = z
  .strictObject({
    /** From one round of removing what is no longer needed to the next. */
    prune_interval_ms: z.int().min(10).max(3_600_000).default(30_000),
    /** With less left on the disk of the data directory, the operator is warned. */
    disk_free_bytes_min: z
      .int()
      .min(0)
      .default(1024 * 1024 * 1024),
    /** Of unused pages that the file keeps for what comes; more is given back, some at a time. */
    free_bytes_kept: z
      .int()
      .min(0)
      .default(16 * 1024 * 1024),
    /**
     * A file of an earlier version, which cannot give pages back, is rewritten at the start where it is
     * no longer than this; it takes about a second for each 100 MB.
     */
    rewrite_at_start_bytes_max: z
      .int()
      .min(0)
      .default(64 * 1024 * 1024),
  })
  .prefault({});
