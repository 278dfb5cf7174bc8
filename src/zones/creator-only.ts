import { StewardError } from "../errors.ts";
import type { Sender, ZoneCall } from "./call.ts";
import { type CheckedZone, checkZone, type ZoneCheckDeps, type ZoneNeeds } from "./checks.ts";

/**
 * Refuses a session that was not verified in the bound form; `docs/protocol.md` §3.
 * @throws StewardError 2001, reason BOUND_REQUIRED
 */
export function assertBound(sender: Sender): void {
  if (sender.bound) return;
  throw new StewardError(2001, {
    reason: "BOUND_REQUIRED",
    message: "This message needs a session verified in the bound form.",
  });
}

/**
 * Checks a creator-only message; `docs/protocol.md` §3 and §7.
 * @throws StewardError 2001, `zone_not_found`, 2003 NOT_ALLOWED, then as `checkZone`
 */
export function checkCreator(
  deps: ZoneCheckDeps,
  call: Pick<ZoneCall, "sender" | "about">,
  target: { readonly zone_id: string },
  needs: ZoneNeeds = {},
): CheckedZone {
  assertCreator(deps, call.sender, target.zone_id);
  return checkZone(deps, call, target, needs);
}

/**
 * Checks who sends a creator-only message, whatever the zone's state.
 * @throws StewardError 2001, `zone_not_found`, 2003 NOT_ALLOWED
 */
export function assertCreator(
  deps: Pick<ZoneCheckDeps, "reader">,
  sender: Sender,
  zoneId: string,
): void {
  assertBound(sender);
  if (deps.reader.get(zoneId).row.creator !== sender.nodeId) throw toNotAllowed();
}

/** The answer to whoever asks for what only others may do. */
export function toNotAllowed(): StewardError {
  return new StewardError(2003, {
    reason: "NOT_ALLOWED",
    message: "Only the zone's creator may do this.",
  });
}
