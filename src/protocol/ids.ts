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

const RANDOM_BYTES = 16;
/** Random bytes are asked for many ids at a time: each asking costs more than all else of an id. */
const pool = new Uint8Array(256 * RANDOM_BYTES);
let taken = pool.length;
/** Of the last id: of those of one millisecond each has the next number. */
let [lastMs, number] = [Number.NEGATIVE_INFINITY, 0];

function takeRandom(): Uint8Array {
  if (taken === pool.length) {
    crypto.getRandomValues(pool);
    taken = 0;
  }
  taken += RANDOM_BYTES;
  return pool.subarray(taken - RANDOM_BYTES, taken);
}

function createUuid(): string {
  const random = takeRandom();
  const now = Date.now();
  if (now > lastMs) {
    // The upper bit stays free, so that counting on does not wrap.
    const [a = 0, b = 0, c = 0, d = 0] = random;
    [lastMs, number] = [now, ((a & 0x7f) << 24) | (b << 16) | (c << 8) | d];
  } else {
    number = (number + 1) | 0;
    if (number === 0) lastMs++;
  }
  return uuidv7({ random, msecs: lastMs, seq: number });
}

/** Creates an id of the named kind; ids created later sort later. */
export function createId(
  prefix: "zone" | "msg" | "zmsg" | "req" | "pay" | "inv" | "ses" | "tok",
): string {
  return `${prefix}_${createUuid()}`;
}
