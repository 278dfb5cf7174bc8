import { v7 as uuidv7 } from "uuid";

const UUID_V7 = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

/** `atlas_` + 64 lower-case hex digits; `docs/protocol.md` §1. */
export const NODE_ID_PATTERN = /^atlas_[0-9a-f]{64}$/;
/** `zone_<UUIDv7>`; `docs/protocol.md` §1. */
export const ZONE_ID_PATTERN = new RegExp(`^zone_${UUID_V7}$`);
/** `msg_<UUIDv7>`; `docs/protocol.md` §1. */
export const MESSAGE_ID_PATTERN = new RegExp(`^msg_${UUID_V7}$`);
/** `zmsg_<UUIDv7>`; `docs/protocol.md` §1. */
export const ZONE_MESSAGE_ID_PATTERN = new RegExp(`^zmsg_${UUID_V7}$`);
/** 1 to 128 characters, chosen by the client; `docs/protocol.md` §1. */
export const REQUEST_ID_PATTERN = /^[A-Za-z0-9_-]{1,128}$/;

/** Creates an id of the named kind; ids created later sort later. */
export function createId(
  prefix: "zone" | "msg" | "zmsg" | "req" | "pay" | "inv" | "ses" | "tok",
): string {
  return `${prefix}_${uuidv7()}`;
}
