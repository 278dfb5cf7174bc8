import { bodyValue, payload, type RefusalVector, refused } from "./refusal-vector.ts";

const HEADER = [
  refused("empty frame", "", 2003),
  refused("seven bytes", "ac0101f0000000", 2003),
  refused("seven bytes of another version", "ac0102f0000000", 2003),
  refused("magic, first byte", "ad0101f0 00000005 81a2747301", 2003),
  refused("magic, second byte", "ac0201f0 00000005 81a2747301", 2003),
  refused("magic before version", "000009f0 00000005 81a2747301", 2003),
  refused("version 0", "ac0100f0 00000005 81a2747301", 1001),
  refused("version 2", "ac0102f0 00000005 81a2747301", 1001),
  refused("version before length", "ac0102f0 ffffffff", 1001),
  refused("length 4 MiB + 1, header only", "ac010110 00400001", 2002),
  refused("length 2^32 - 1, header only", "ac010110 ffffffff", 2002),
  refused("length before type", "ac010133 00400001", 2002),
  refused("length 4 MiB, but nothing follows", "ac010110 00400000", 2003),
  refused("payload one byte short", "ac0101f0 00000005 81a27473", 2003),
  refused("payload one byte long", "ac0101f0 00000005 81a274730100", 2003),
  refused(
    "two envelopes in one frame",
    "ac0101f0 00000005 81a2747301 ac0101f0 00000005 81a2747301",
    2003,
  ),
];

const TYPES = [0x00, 0x05, 0x0f, 0x12, 0x23, 0x2f, 0x34, 0x7f, 0xdf, 0xe1, 0xf2, 0xfe].map((type) =>
  payload(`unknown type 0x${type.toString(16).padStart(2, "0")}`, type, "80"),
);
const ROLES = [0x20, 0x21, 0x22, 0x30, 0x31, 0x32, 0x33].map((type) =>
  payload(`type of another role 0x${type.toString(16)}`, type, "80"),
);

const PING = 0xf0;
const PAYLOAD = [
  payload("empty payload", PING, ""),
  payload("payload is nil", PING, "c0"),
  payload("payload is an integer", PING, "01"),
  payload("payload is a string", PING, "a27473"),
  payload("payload is an array (no field names)", PING, "9101"),
  payload("map ends early, no value", PING, "81 a27473"),
  payload("map ends early, one entry missing", PING, "82 a27473 01"),
  payload("map 32 announces 2^32 - 1 entries", PING, "df ffffffff a27473 01"),
  payload("array 32 announces 2^32 - 1 items", PING, "81 a27473 dd ffffffff 01"),
  payload("string longer than the payload", PING, "81 a27473 db 7fffffff 61"),
  payload("bin longer than the payload", PING, "81 a27473 c6 7fffffff 61"),
  payload("ext longer than the payload", PING, "81 a27473 c9 7fffffff 0161"),
  payload("integer cut short", PING, "81 a27473 cf 000000"),
  payload("bytes after the map", PING, "81 a27473 01 c0"),
  payload("byte 0xc1", PING, "81 a27473 c1"),
  payload("the same key twice", PING, "82 a27473 01 a27473 02"),
  payload("the same key twice, in two forms", PING, "82 a27473 01 d9027473 02"),
  payload("the same key twice, deeper", PING, "82 a27473 01 a178 82 a179 01 a179 01"),
  payload("integer key", PING, "82 a27473 01 05 02"),
  payload("nil key", PING, "82 a27473 01 c0 02"),
  payload("bin key", PING, "82 a27473 01 c40161 02"),
  payload("key __proto__", PING, "82 a27473 01 a95f5f70726f746f5f5f 80"),
  payload(
    "an unknown field of 10,001 items",
    PING,
    `82 a27473 01 a178 dc2711 ${"c0".repeat(10_001)}`,
  ),
  payload("nested 65 deep", PING, `82 a27473 01 a178 ${"91".repeat(64)}c0`),
];

const UTF8 = [
  ["lone byte 0xff", "a1ff"],
  ["lone continuation byte", "a180"],
  ["sequence cut short", "a2e282"],
  ["overlong NUL", "a2c080"],
  ["surrogate U+D800", "a3eda080"],
  ["beyond U+10FFFF", "a4f4908080"],
  ["in a long string", `d940${"61".repeat(63)}ff`],
].map(([name, hex]) => payload(`invalid UTF-8, ${name}`, PING, `82 a27473 01 a178 ${hex}`));
const UTF8_KEY = payload("invalid UTF-8, in a key", PING, "82 a27473 01 a1ff 01");

const BODY = [
  bodyValue("body: uint 2^53", "cf0020000000000000"),
  bodyValue("body: uint 2^64 - 1", "cfffffffffffffffff"),
  bodyValue("body: int -2^53", "d3ffe0000000000000"),
  bodyValue("body: int -2^63", "d38000000000000000"),
  bodyValue("body: int 2^53 as int 64", "d30020000000000000"),
  bodyValue("body: bin 8", "c40100"),
  bodyValue("body: bin 16", "c5000100"),
  bodyValue("body: bin 32", "c60000000100"),
  bodyValue("body: fixext 1", "d40100"),
  bodyValue("body: timestamp (fixext 4, type -1)", "d6ff6ab13b80"),
  bodyValue("body: ext 8", "c7010500"),
  bodyValue("body: NaN", "cb7ff8000000000000"),
  bodyValue("body: infinity", "cb7ff0000000000000"),
  bodyValue("body: minus infinity", "cbfff0000000000000"),
  bodyValue("body: NaN, float 32", "ca7fc00000"),
  bodyValue("body: infinity, float 32", "ca7f800000"),
  bodyValue("body: the same key twice", "82a16101a16102"),
];

/** Frames that no type's schema is asked about. */
export const REFUSED_ENVELOPES: readonly RefusalVector[] = [
  ...HEADER,
  ...TYPES,
  ...ROLES,
  ...PAYLOAD,
  ...UTF8,
  UTF8_KEY,
  ...BODY,
];
