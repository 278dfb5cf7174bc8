import { v7 as uuidv7 } from "uuid";
import { toAsciiText, writeHex } from "./hex.ts";

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

/** What ids are of; `docs/protocol.md` §1. */
export type IdPrefix = "zone" | "msg" | "zmsg" | "req" | "pay" | "inv" | "ses" | "tok";

const UUID_BYTES = 16;
/** Random bytes are asked for many ids at a time: each asking costs more than all else of an id. */
const pool = new Uint8Array(256 * UUID_BYTES);
let taken = pool.length;
/** Of one id. */
const random = new Uint8Array(UUID_BYTES);
const uuid = new Uint8Array(UUID_BYTES);
const startView = new DataView(random.buffer);
/** Of the last id: of those of one millisecond each has the next number. */
let [lastMs, number] = [Number.NEGATIVE_INFINITY, 0];

function takeRandom(): void {
  if (taken === pool.length) {
    crypto.getRandomValues(pool);
    taken = 0;
  }
  for (let i = 0; i < UUID_BYTES; i++) random[i] = pool[taken + i] as number;
  taken += UUID_BYTES;
}

/** Makes the next uuid. */
function nextUuid(): void {
  takeRandom();
  const now = Date.now();
  if (now > lastMs) {
    // The upper bit stays free, so that counting on does not wrap.
    lastMs = now;
    number = startView.getUint32(0) >>> 1;
  } else {
    number = (number + 1) | 0;
    if (number === 0) lastMs++;
  }
  uuidv7({ random, msecs: lastMs, seq: number }, uuid);
}

const encoder = new TextEncoder();
/** Of the bytes after which a hyphen stands. */
const HYPHENS_AFTER = [3, 5, 7, 9];
const NO_UUID = "00000000-0000-0000-0000-000000000000";
/** The bytes of an id's text by its prefix. */
const texts = new Map<IdPrefix, Uint8Array>();

function findText(prefix: IdPrefix): Uint8Array {
  const known = texts.get(prefix);
  if (known !== undefined) return known;
  const text = encoder.encode(`${prefix}_${NO_UUID}`);
  texts.set(prefix, text);
  return text;
}

/** Creates an id of the named kind; ids created later sort later. */
export function createId(prefix: IdPrefix): string {
  nextUuid();
  const text = findText(prefix);
  let at = prefix.length + 1;
  for (let i = 0; i < UUID_BYTES; i++) {
    writeHex(text, at, uuid[i] as number);
    at += HYPHENS_AFTER.includes(i) ? 3 : 2;
  }
  return toAsciiText(text);
}
