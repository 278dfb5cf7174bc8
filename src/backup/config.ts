import { z } from "zod";

/** The `backup` section of the configuration. */
export const backupSchema = z
  .strictObject({
    /** The folder that backups are made in; `backups` in the data directory where it is not set. */
    dir: z.string().min(1).optional(),
    /** From one scheduled backup to the next, in seconds; without it there are none but those asked for. */
    interval_secs: z
      .int()
      .min(60)
      .max(366 * 86_400)
      .optional(),
    /** Scheduled backups kept; the oldest beyond them is removed once a new one is complete. */
    keep: z.int().min(1).max(10_000).default(7),
    /** Whether the keys go in; without them a backup can be restored only where they are. */
    keys: z.boolean().default(true),
    /** While one is made the write-ahead log cannot begin anew: longer than this, the backup is given up. */
    log_bytes_max: z
      .int()
      .min(1024 * 1024)
      .default(4 * 1024 * 1024 * 1024),
  })
  .prefault({});

export type BackupConfig = z.output<typeof backupSchema>;
