import { type QuestionHandler, toReplyId } from "../call.ts";
import { checkZone, onceReached, type ZoneCheckDeps } from "../checks.ts";
import { toZoneState } from "../zone.ts";

/** Answers `zone.inspect` with the signed envelope as accepted; `docs/protocol.md` §6. */
export function handleInspect(deps: ZoneCheckDeps): QuestionHandler<"zone.inspect"> {
  const answer: QuestionHandler<"zone.inspect"> = (call, body) => {
    const { zone } = checkZone(deps, call, body, { evenStopped: true, isRead: true });
    call.reply({
      type: "zone.manifest",
      ...toReplyId(body),
      envelope: zone.envelope,
      members: zone.row.memberCount,
      state: toZoneState(zone.row),
      ...deps.standings.find(zone.row),
    });
  };
  return (call, body) => onceReached(deps.gate, body, () => answer(call, body));
}
