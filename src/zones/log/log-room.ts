import type { Counters } from "../../base/counters.ts";
import { StewardError } from "../../errors.ts";
import type { ZoneRow } from "../../store/zones/zones.ts";
import type { ZonesConfig } from "../config.ts";

/** The share of a bound that is kept for joins once messages are refused. */
const RESERVED_SHARE = 1 / 16;
/** How long the sum over all zones is added to before it is read again; pruning makes it less. */
const TOTAL_AGE_MS_MAX = 10_000;
const TOTAL_AGE_FULL_MS_MAX = 1000;

export interface LogRoomDeps {
  readonly config: Pick<ZonesConfig, "log_bytes_max" | "log_total_bytes_max">;
  readonly queries: { readonly sumLogBytes: () => number };
  readonly counters: Counters;
  readonly monotonicMs: () => number;
}

/**
 * Bounds the bytes of zones' logs, each and in all. Messages are refused first; joins fit in a reserve
 * beyond them; what creators and the operator do, and leaving, is logged whatever the room;
 * `docs/protocol.md` §6.
 */
export class LogRoom {
  private readonly deps: LogRoomDeps;
  /** Not less than what the logs have. */
  private total = 0;
  private readMs = Number.NEGATIVE_INFINITY;

  constructor(deps: LogRoomDeps) {
    this.deps = deps;
  }

  /**
   * Asks for room for an entry.
   * @param kind `join` may use the reserve
   * @throws StewardError `rate_limited`, reason ZONE_LOG_FULL
   */
  assertRoom(zone: ZoneRow, bytes: number, kind: "message" | "join"): void {
    const { config } = this.deps;
    const share = kind === "join" ? 1 + RESERVED_SHARE : 1;
    if (zone.logBytes + bytes > config.log_bytes_max * share) this.refuse("zones.log_bytes_max");
    const max = config.log_total_bytes_max * share;
    if (this.readTotal(TOTAL_AGE_MS_MAX) + bytes <= max) return;
    if (this.readTotal(TOTAL_AGE_FULL_MS_MAX) + bytes > max)
      this.refuse("zones.log_total_bytes_max");
  }

  /** Notes an entry's bytes. */
  add(bytes: number): void {
    this.total += bytes;
  }

  private readTotal(ageMsMax: number): number {
    const now = this.deps.monotonicMs();
    if (now - this.readMs >= ageMsMax) {
      this.total = this.deps.queries.sumLogBytes();
      this.readMs = now;
    }
    return this.total;
  }

  private refuse(limit: "zones.log_bytes_max" | "zones.log_total_bytes_max"): never {
    this.deps.counters.add(limit);
    throw new StewardError("rate_limited", {
      reason: "ZONE_LOG_FULL",
      message: "The zone's log has no room; its operator has to make some.",
    });
  }
}
