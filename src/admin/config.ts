import { z } from "zod";

const YEAR_SECS = 365 * 86_400;

/** The `admin` section of the configuration. */
export const adminSchema = z
  .strictObject({
    /**
     * Who may read `/metrics`: `local`, whoever asks from this machine directly, and tokens of scope
     * `read`; `token`, those alone; `public`, anybody. With `http.public_url` set `local` is as `token`.
     */
    metrics: z.enum(["local", "token", "public"]).default("local"),
    /** Entries of the audit log; the oldest go first. Refused tokens take a tenth of it beside. */
    audit_entries_max: z.int().min(100).max(10_000_000).default(100_000),
    /** Entries are kept for so long. */
    audit_kept_secs: z
      .int()
      .min(86_400)
      .default(2 * YEAR_SECS),
    /** Tokens, expired ones included. */
    tokens_max: z.int().min(2).max(100_000).default(1000),
    /** Wrong tokens of one address; beyond, tokens not seen from it before wait for their turn. */
    token_failures_per_minute: z.int().min(1).default(50),
    /** How long such a turn takes, one after the other. */
    token_delay_ms: z.int().min(1).max(60_000).default(250),
  })
  .prefault({});

export type AdminConfig = z.output<typeof adminSchema>;
