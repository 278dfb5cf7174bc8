import { StewardError } from "../../errors.ts";
import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import type { ZoneRequest } from "../../wire/zone-requests.ts";
import { type PassedBy, toReplyId, type ZoneHandler } from "../call.ts";
import { checkZone, type ZoneCheckDeps } from "../checks.ts";
import { assertFits } from "../fits.ts";
import { appendMessage, type ZoneLogDeps } from "../log/log.ts";
import type { ScanDeps } from "../scan-port.ts";

/** Logs a message and fans it out; the same message again is answered alike; `docs/protocol.md` §6. */
export function handleMessage(
  deps: ZoneCheckDeps & ZoneLogDeps & ScanDeps,
): ZoneHandler<"zone.message"> {
  return (call, body, write) => {
    const needs = { member: true, counted: true };
    const { zoneId } = checkZone(deps, call, body, needs).zone.row;
    const { nodeId, sessionId } = call.sender;
    assertFits(body.content, "content");
    const { passedBy = {} } = call.sender;
    const data = toData(body, passedBy);
    const known = deps.queries.findLogMessage(zoneId, nodeId, body.id);
    if (known !== undefined && !isSame(known.data, data)) {
      throw new StewardError("invalid_params", {
        reason: "MESSAGE_ID_CONFLICT",
        message: "The message id was used with other content.",
      });
    }
    const { id, content, topic, reply_to } = body;
    if (known === undefined) {
      deps.scanner.assertClean({ zoneId, nodeId, part: "message" }, [content, topic]);
    }
    const fields = { id, topic, reply_to };
    const message = { nodeId, sessionId, fields, content: content.packed, data };
    if (passedBy.isSigned) deps.queries.setSigns(write, zoneId, nodeId);
    const seq = known?.seq ?? appendMessage(write, deps, zoneId, message);
    call.reply({ type: "zone.sent", ...toReplyId(body), zone_id: zoneId, id: body.id, seq });
  };
}

/** The canonical JSON of what is logged, whose keys stand here in their order. */
function toData(
  { content, id, reply_to, topic }: ZoneRequest<"zone.message">,
  { proof, via }: PassedBy,
): string {
  const proofText = proof === undefined ? "" : `,"proof":${toCanonicalJson(proof)}`;
  const viaText = via === undefined ? "" : `,"via":"${via}"`;
  const replyTo = reply_to === undefined ? "" : `,"reply_to":"${reply_to}"`;
  const topicText = topic === undefined ? "" : `,"topic":${JSON.stringify(topic)}`;
  return `{"content":${content.canonical},"id":"${id}"${proofText}${replyTo}${topicText}${viaText}}`;
}

/** Whether two messages say the same, whichever way they came. */
function isSame(known: string, data: string): boolean {
  return known === data || toSaid(known) === toSaid(data);
}

function toSaid(data: string): string {
  const { proof: _, via: _via, ...said } = JSON.parse(data) as JsonObject;
  return toCanonicalJson(said);
}
