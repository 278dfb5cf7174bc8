import { type DecodedEnvelope, decodeEnvelope, findMessageBodyType } from "../wire/envelope.ts";
import { isLinkBodyType } from "../wire/link-bodies.ts";
import { PackedValue } from "../wire/packed-value.ts";
import { LINK_LIMITS } from "../wire/structure-limits.ts";

const MEMBER = { scanBody: PackedValue.scan };
const LINK = { ...MEMBER, limits: LINK_LIMITS };

/** Whether a session is another steward's link, may become one with its next frame, or neither. */
export type LinkPlace = "is" | "may" | "no";

/**
 * Decodes a frame by the limits that hold for it: those of members' bodies do not for what stewards send
 * one another; `docs/protocol.md` §5 and §9.2.
 * @throws StewardError as `decodeEnvelope`
 */
export function decodeFrame(bytes: Uint8Array, place: LinkPlace): DecodedEnvelope {
  if (place === "is") return decodeEnvelope(bytes, LINK);
  try {
    return decodeEnvelope(bytes, MEMBER);
  } catch (error) {
    if (place === "no" || !carriesLinkBody(bytes)) throw error;
    return decodeEnvelope(bytes, LINK);
  }
}

/** Tells, before a frame is decoded, whether it is a Message with a body that only links carry. */
export function carriesLinkBody(bytes: Uint8Array): boolean {
  const type = findMessageBodyType(bytes);
  return type !== undefined && isLinkBodyType(type);
}
