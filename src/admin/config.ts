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
    dashboard: z
      .strictObject({
        /** Whether `/admin` is served at all. */
        enabled: z.boolean().default(true),
        /** A session in which nobody did anything for so long is over; a page that refreshes itself does nothing. */
        idle_secs: z
          .int()
          .min(60)
          .default(4 * 3600),
        /** A session is over so long after its login. */
        lifetime_secs: z.int().min(60).default(86_400),
        /** Sessions; beyond, the one that was idle for longest ends. */
        sessions_max: z.int().min(1).max(100_000).default(1000),
        /** From one point of the charts to the next. */
        chart_step_ms: z.int().min(100).max(3_600_000).default(10_000),
        /** Points that the charts keep, in memory. */
        chart_points: z.int().min(2).max(10_000).default(360),
      })
      .prefault({}),
  })
  .prefault({});

export type AdminConfig = z.output<typeof adminSchema>;
