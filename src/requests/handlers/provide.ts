import type { ProviderPool } from "../../actions/provider-pool.ts";
import { StewardError } from "../../errors.ts";
import { toReplyId, type ZoneHandler } from "../../zones/call.ts";
import { checkZone, type ZoneCheckDeps } from "../../zones/checks.ts";
import { assertBound } from "../../zones/creator-only.ts";
import type { ZoneLogDeps } from "../../zones/log/log.ts";
import { assertActions, type ProvidersDeps } from "../../zones/members/providers.ts";

export interface ProvideDeps extends ZoneCheckDeps, ZoneLogDeps, ProvidersDeps {
  readonly providerPool: ProviderPool;
}

/**
 * Takes an approved member's offer to fulfil actions, for as long as its session lasts;
 * `docs/protocol.md` §6.
 */
export function handleProvide(deps: ProvideDeps): ZoneHandler<"zone.provide"> {
  return (call, body, write) => {
    const { nodeId, sessionId } = call.sender;
    assertBound(call.sender);
    const { zone, role } = checkZone(deps, call, body, { member: true });
    assertActions(zone.manifest, body.actions);
    assertApproved(deps, body, nodeId);
    // Approved before it joined.
    if (role === "member") {
      deps.providers.setMemberRole(write, body.zone_id, nodeId, "provider");
    }
    const actions = [...new Set(body.actions)];
    const { zone_id } = body;
    call.reply({ type: "zone.providing", ...toReplyId(body), zone_id, actions });
    const offer = { sessionId, nodeId, zoneId: zone_id, actions };
    deps.gate.hold(zone_id, "other", () => deps.providerPool.offer(offer));
  };
}

function assertApproved(
  deps: ProvidersDeps,
  body: { readonly zone_id: string; readonly actions: readonly string[] },
  nodeId: string,
): void {
  const approved = deps.providers.findProvider(body.zone_id, nodeId)?.actions ?? [];
  if (body.actions.every((action) => approved.includes(action))) return;
  throw new StewardError(2003, {
    reason: "NOT_ALLOWED",
    message: "The zone's creator has not approved you as provider of these actions.",
  });
}
