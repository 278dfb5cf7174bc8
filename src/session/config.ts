import { z } from "zod";

/** The `wire` section of the configuration; `docs/protocol.md` §3 and §4. */
export const wireSchema = z
  .strictObject({
    /** Of the WebSocket. */
    path: z.string().startsWith("/").default("/wire"),
    compression: z
      .strictObject({
        /** Whether peers that list `brotli` are sent, and may send, compressed payloads. */
        enabled: z.boolean().default(true),
        /** Shorter envelopes are sent as they are. */
        bytes_min: z.int().min(128).default(1024),
        /** Of payloads up to 64 KiB, from 0 (quickest) to 11 (smallest); longer ones get 1 at most. */
        quality: z.int().min(0).max(11).default(4),
      })
      .prefault({}),
    handshake_timeout_ms: z.int().min(100).default(10_000),
    /** By how much a peer's clock may differ. */
    max_clock_drift_secs: z.int().min(1).default(300),
    max_connections: z.int().min(1).default(10_000),
    max_unauthenticated: z.int().min(1).default(1024),
    max_unauthenticated_per_address: z.int().min(1).default(256),
    handshake_failures_per_minute: z.int().min(1).default(50),
    handshake_bytes_max: z.int().min(1024).default(65_536),
    handshake_frames_max: z.int().min(2).default(16),
    sessions_per_node: z.int().min(1).default(4),
    /** Of one address (IPv6: /64), as are the next two; loopback and trusted proxies are exempt. */
    sessions_per_address: z.int().min(1).default(1000),
    /** Node ids that were never here before. */
    new_nodes_per_address_per_hour: z.int().min(1).default(1000),
    /** Payload bytes of Messages, which bounds what an address can make the steward store. */
    message_bytes_per_address_per_hour: z
      .int()
      .min(1024)
      .default(1024 * 1024 * 1024),
    /** Node ids for which the plain handshake is refused; beyond it, those not seen for longest go. */
    bound_nodes_max: z.int().min(1).default(1_000_000),
    ping_interval_ms: z.int().min(100).default(60_000),
    /** A session that left so many unanswered ends with `idle`. */
    unanswered_pings_max: z.int().min(1).default(3),
    /** A longer frame counts as a message, whatever its type. */
    free_frame_bytes_max: z.int().min(64).default(1024),
    /** Frames of a session that count as no message, beside acknowledgements of deliveries. */
    free_frames_per_second: z.int().min(1).default(10),
    free_frames_burst: z.int().min(1).default(256),
    free_pings_per_second: z.int().min(1).default(1),
    free_pings_burst: z.int().min(1).default(10),
    malformed_per_minute: z.int().min(1).default(10),
    outbound_bytes_max: z
      .int()
      .min(65_536)
      .default(8 * 1024 * 1024),
    /** No long answer is made for a session that has yet to be sent more. */
    backlog_bytes_max: z
      .int()
      .min(0)
      .default(2 * 1024 * 1024),
    /** Of answers that all sessions together have yet to be sent. */
    outbound_total_bytes_max: z
      .int()
      .min(1024 * 1024)
      .default(128 * 1024 * 1024),
    /** Of messages that all connections together have begun and not ended. */
    inbound_total_bytes_max: z
      .int()
      .min(1024 * 1024)
      .default(512 * 1024 * 1024),
    /** What handling messages that cost more than a moment may take before others are answered. */
    turn_ms: z.int().min(1).max(1000).default(5),
    /** Of large messages that are being read or wait to be handled; others stay unread meanwhile. */
    reading_bytes_max: z
      .int()
      .min(65_536)
      .default(8 * 1024 * 1024),
    /** A large message that arrives more slowly no longer keeps others unread. */
    reading_hold_ms: z.int().min(10).max(60_000).default(1000),
    /** For runs and HTTP requests under way to end, once the steward was asked to stop. */
    shutdown_timeout_ms: z.int().min(0).default(7_000),
  })
  .prefault({});

export type WireConfig = z.output<typeof wireSchema>;
