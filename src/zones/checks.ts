import { StewardError } from "../errors.ts";
import type { MemberRole } from "../store/zones/members.ts";
import type { ZoneQueries } from "../store/zones/zones.ts";
import type { ZoneCall } from "./call.ts";
import type { Standings } from "./standing.ts";
import { toZoneState, type Zone, type ZoneReader } from "./zone.ts";
import type { GateClass, ZoneGate } from "./zone-gate.ts";
import type { ZoneLimiter } from "./zone-limiter.ts";

export interface ZoneCheckDeps {
  readonly reader: ZoneReader;
  readonly queries: ZoneQueries;
  readonly limiter: ZoneLimiter;
  readonly gate: ZoneGate;
  readonly standings: Standings;
  readonly ownNodeId: string;
  readonly now: () => number;
}

/** What one body type needs of a zone before its handler runs. */
export interface ZoneNeeds {
  /** Also answered while the zone is stopped or suspended. */
  readonly evenStopped?: boolean;
  readonly member?: boolean;
  /** Counts against the zone's own rate limit. */
  readonly counted?: boolean;
  /** How it is to be acknowledged: "other" where nothing is said. */
  readonly gateClass?: GateClass | ((zone: Zone) => GateClass);
  /** A question, which changes nothing. */
  readonly isRead?: boolean;
  /** A new envelope, which whoever is told of it takes. */
  readonly isEnvelope?: boolean;
}

/** A zone that passed its checks, and the sender's place in it. */
export interface CheckedZone {
  readonly zone: Zone;
  /** Undefined where the sender is no member. */
  readonly role: MemberRole | undefined;
}

/**
 * Applies the order of `docs/protocol.md` §7 up to `rate_limited`; the rules of joining stand in
 * `join.ts`, those of actions and payments in `request.ts` and `payment.ts`.
 * @throws StewardError with the first code that applies
 */
export function checkZone(
  deps: ZoneCheckDeps,
  call: Pick<ZoneCall, "sender" | "about">,
  target: { readonly zone_id: string; readonly epoch?: number | undefined },
  needs: ZoneNeeds,
): CheckedZone {
  const { sender } = call;
  const zone = deps.reader.get(target.zone_id);
  const { row, manifest } = zone;
  const set = manifest.steward_set;
  if (set.length > 0 && !set.some((ref) => ref.node_id === deps.ownNodeId)) {
    // Of a replicated zone the refusal says who else there is.
    deps.gate.assertReadable(row.zoneId);
    throw new StewardError("not_steward");
  }
  if (!needs.isEnvelope) {
    const { isRead, gateClass } = needs;
    const toClass = typeof gateClass === "function" ? gateClass(zone) : gateClass;
    enterZone(deps, call, row.zoneId, toClass, isRead);
  }
  const state = toZoneState(row);
  if (!needs.evenStopped && (state === "stopped" || state === "suspended")) {
    throw new StewardError("stopped");
  }
  if (deps.queries.findZoneBan(row.zoneId, sender.nodeId, deps.now())) {
    throw new StewardError("banned");
  }
  if (target.epoch !== undefined && target.epoch < row.epoch) {
    throw new StewardError("stale_manifest", {
      message: `The zone is at epoch ${row.epoch}.`,
      details: { epoch: row.epoch },
    });
  }
  const role = deps.queries.findRole(row.zoneId, sender.nodeId);
  if (needs.member && role === undefined) throw new StewardError("not_member");
  if (needs.counted) deps.limiter.take(row.zoneId, sender.nodeId);
  return { zone, role };
}

/**
 * Checks that the steward may answer a question, or take a change; what is said then waits as it must;
 * `docs/protocol.md` §9.7.
 * @throws StewardError `replica_not_ready`, `steward_unavailable`
 */
export function enterZone(
  { gate }: Pick<ZoneCheckDeps, "gate">,
  call: Pick<ZoneCall, "about">,
  zoneId: string,
  gateClass: GateClass = "other",
  isRead = false,
): void {
  if (isRead) gate.assertReadable(zoneId);
  else gate.assertInCharge(zoneId, gateClass);
  call.about(zoneId, gateClass, isRead);
}

/**
 * Answers a question once the zone's copy here has reached what the sender saw already; a primary's has
 * everything; `docs/protocol.md` §9.10.
 */
export function onceReached(
  gate: ZoneGate,
  { zone_id, min_seq }: { readonly zone_id: string; readonly min_seq?: number | undefined },
  answer: () => void | Promise<void>,
): void | Promise<void> {
  const reached = min_seq === undefined ? undefined : gate.whenReached(zone_id, min_seq);
  return reached === undefined ? answer() : reached.then(answer);
}
