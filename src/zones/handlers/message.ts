import { StewardError } from "../../errors.ts";
import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import { toReplyId, type ZoneHandler } from "../call.ts";
import { checkZone, type ZoneCheckDeps } from "../checks.ts";
import { appendMessage, type ZoneLogDeps } from "../log/log.ts";

/** Logs a message and fans it out; the same message again is answered alike; `docs/protocol.md` §6. */
export function handleMessage(deps: ZoneCheckDeps & ZoneLogDeps): ZoneHandler<"zone.message"> {
  return (call, body) => {
    const needs = { member: true, counted: true };
    const { zoneId } = checkZone(deps, call.sender, body, needs).zone.row;
    const { nodeId, sessionId } = call.sender;
    const data: JsonObject = {
      id: body.id,
      content: body.content,
      ...(body.topic !== undefined && { topic: body.topic }),
      ...(body.reply_to !== undefined && { reply_to: body.reply_to }),
    };
    const known = deps.queries.findLogMessage(zoneId, nodeId, body.id);
    if (known !== undefined && known.data !== toCanonicalJson(data)) {
      throw new StewardError("invalid_params", {
        reason: "MESSAGE_ID_CONFLICT",
        message: "The message id was used with other content.",
      });
    }
    const seq = known?.seq ?? appendMessage(deps, zoneId, { nodeId, sessionId, id: body.id, data });
    call.reply({ type: "zone.sent", ...toReplyId(body), zone_id: zoneId, id: body.id, seq });
  };
}
