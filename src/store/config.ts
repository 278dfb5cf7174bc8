import { z } from "zod";

/** The `store` section of the configuration. */
export const storeSchema = z
  .strictObject({
    /** From one round of removing what is no longer needed to the next. */
    prune_interval_ms: z.int().min(10).max(3_600_000).default(30_000),
  })
  .prefault({});
