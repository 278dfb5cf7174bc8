import { StewardError } from "../../errors.ts";
import type { ZoneRequest } from "../../wire/zone-requests.ts";
import { toReplyId, type ZoneHandler } from "../call.ts";
import { checkZone, type ZoneCheckDeps } from "../checks.ts";
import { assertFits } from "../fits.ts";
import { appendMessage, type ZoneLogDeps } from "../log/log.ts";

/** Logs a message and fans it out; the same message again is answered alike; `docs/protocol.md` §6. */
export function handleMessage(deps: ZoneCheckDeps & ZoneLogDeps): ZoneHandler<"zone.message"> {
  return (call, body, write) => {
    const needs = { member: true, counted: true };
    const { zoneId } = checkZone(deps, call, body, needs).zone.row;
    const { nodeId, sessionId } = call.sender;
    assertFits(body.content, "content");
    const data = toData(body);
    const known = deps.queries.findLogMessage(zoneId, nodeId, body.id);
    if (known !== undefined && known.data !== data) {
      throw new StewardError("invalid_params", {
        reason: "MESSAGE_ID_CONFLICT",
        message: "The message id was used with other content.",
      });
    }
    const { id, content, topic, reply_to } = body;
    const fields = { id, topic, reply_to };
    const message = { nodeId, sessionId, fields, content: content.packed, data };
    const seq = known?.seq ?? appendMessage(write, deps, zoneId, message);
    call.reply({ type: "zone.sent", ...toReplyId(body), zone_id: zoneId, id: body.id, seq });
  };
}

/** The canonical JSON of what is logged, whose keys stand here in their order. */
function toData({ content, id, reply_to, topic }: ZoneRequest<"zone.message">): string {
  const replyTo = reply_to === undefined ? "" : `,"reply_to":"${reply_to}"`;
  const topicText = topic === undefined ? "" : `,"topic":${JSON.stringify(topic)}`;
  return `{"content":${content.canonical},"id":"${id}"${replyTo}${topicText}}`;
}
