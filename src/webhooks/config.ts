import { z } from "zod";
import { isAddressRule } from "../outbound/address-guard.ts";

const DAY_SECS = 86_400;

/** The `webhooks` section of the configuration; `docs/webhooks.md`. */
export const webhooksSchema = z
  .strictObject({
    /** Webhooks that there may be. */
    webhooks_max: z.int().min(0).max(1_000).default(32),
    /**
     * Private and reserved addresses that a webhook made with `allow_private` may lead to: addresses, CIDR ranges
     * and host names; true: all of them.
     */
    allow_private: z
      .union([
        z.boolean(),
        z.array(
          z.string().refine(isAddressRule, "expected an address, a CIDR range or a host name"),
        ),
      ])
      .default(false),
    /** For name lookup, connection and the whole answer of one attempt. */
    timeout_ms: z.int().min(10).max(120_000).default(10_000),
    /** Of a receiver's answer; what is beyond is not read. */
    response_bytes_max: z.int().min(0).max(1_048_576).default(4096),
    /** Deliveries of one webhook under way at a time, each of another zone. */
    parallel_max: z.int().min(1).max(64).default(4),
    /** Attempts before a delivery is given up. */
    attempts_max: z.int().min(1).max(1_000).default(24),
    /** The longest that the first pause after a failure may be; each may be twice as long as the one before. */
    retry_ms_first: z.int().min(1).max(3_600_000).default(5_000),
    /** The longest that any pause may be, whatever Retry-After asks for. */
    retry_ms_max: z
      .int()
      .min(1)
      .max(DAY_SECS * 1000)
      .default(4 * 3_600_000),
    /** A delivery whose event is older is given up after its next failure. */
    give_up_secs: z
      .int()
      .min(1)
      .default(3 * DAY_SECS),
    /** Deliveries of one webhook that wait, replays not counted; what is beyond waits in the event log. */
    pending_max: z.int().min(1).max(100_000).default(1_000),
    /**
     * Deliveries of one webhook that were given up and are kept for a replay, the oldest go first; no more wait
     * to be sent again.
     */
    dead_max: z.int().min(1).max(1_000_000).default(10_000),
    /** Deliveries of one webhook that are listed after they succeeded; the oldest go first. */
    delivered_max: z.int().min(0).max(1_000_000).default(1_000),
    /** Ended deliveries are kept for so long. */
    kept_secs: z
      .int()
      .min(60)
      .default(30 * DAY_SECS),
    /** How long the secret before still signs after a change, unless that says otherwise. */
    overlap_secs: z.int().min(0).default(DAY_SECS),
    /** An event that has waited for so long is a warning. */
    lag_warn_secs: z.int().min(1).default(900),
  })
  .prefault({});

export type WebhooksConfig = z.output<typeof webhooksSchema>;
