/**
 * A second MessagePack writer and envelope framer, written from the MessagePack specification and
 * `docs/protocol.md` §2 without a look at `src/wire`, so that vectors do not check the code against
 * itself.
 */
export type Packable =
  | null
  | boolean
  | number
  | bigint
  | string
  | Bin
  | Raw
  | readonly Packable[]
  | { readonly [key: string]: Packable };

/** Bytes that are written as MessagePack `bin`. */
export class Bin {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** MessagePack written by hand, as hex. */
export class Raw {
  readonly hex: string;
  constructor(hex: string) {
    this.hex = hex.replaceAll(" ", "");
  }
}

/** Returns the hex of `value` in the shortest MessagePack form; members that are undefined are left out. */
export function packHex(value: Packable): string {
  if (value === null) return "c0";
  if (value === true) return "c3";
  if (value === false) return "c2";
  if (value instanceof Raw) return value.hex;
  if (value instanceof Bin) {
    return head(value.bytes.length, ["c4", "c5", "c6"]) + Buffer.from(value.bytes).toString("hex");
  }
  if (typeof value === "bigint") return packInteger(value);
  if (typeof value === "number") return packNumber(value);
  if (typeof value === "string") {
    const text = Buffer.from(value, "utf8");
    const start =
      text.length < 32 ? byte(0xa0 + text.length) : head(text.length, ["d9", "da", "db"]);
    return start + text.toString("hex");
  }
  if (Array.isArray(value)) {
    return collection(0x90, ["dc", "dd"], value.length) + value.map(packHex).join("");
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return (
    collection(0x80, ["de", "df"], members.length) +
    members.map(([key, member]) => packHex(key) + packHex(member)).join("")
  );
}

/** Returns the hex of an envelope around payload hex. */
export function frameHex(typeNumber: number, payloadHex: string): string {
  return `ac0101${byte(typeNumber)}${wide(BigInt(payloadHex.length / 2), 4)}${payloadHex}`;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

function wide(value: bigint, bytes: number): string {
  return BigInt.asUintN(bytes * 8, value)
    .toString(16)
    .padStart(bytes * 2, "0");
}

function head(length: number, tags: readonly [string, string, string]): string {
  if (length < 2 ** 8) return tags[0] + wide(BigInt(length), 1);
  if (length < 2 ** 16) return tags[1] + wide(BigInt(length), 2);
  return tags[2] + wide(BigInt(length), 4);
}

function collection(fix: number, tags: readonly [string, string], count: number): string {
  if (count < 16) return byte(fix + count);
  return count < 2 ** 16 ? tags[0] + wide(BigInt(count), 2) : tags[1] + wide(BigInt(count), 4);
}

function packNumber(value: number): string {
  if (Number.isSafeInteger(value)) return packInteger(BigInt(value));
  const float = Buffer.alloc(8);
  float.writeDoubleBE(value);
  return `cb${float.toString("hex")}`;
}

function packInteger(value: bigint): string {
  if (value >= 0n) {
    if (value < 128n) return byte(Number(value));
    if (value < 2n ** 8n) return `cc${wide(value, 1)}`;
    if (value < 2n ** 16n) return `cd${wide(value, 2)}`;
    if (value < 2n ** 32n) return `ce${wide(value, 4)}`;
    return `cf${wide(value, 8)}`;
  }
  if (value >= -32n) return byte(256 + Number(value));
  if (value >= -(2n ** 7n)) return `d0${wide(value, 1)}`;
  if (value >= -(2n ** 15n)) return `d1${wide(value, 2)}`;
  if (value >= -(2n ** 31n)) return `d2${wide(value, 4)}`;
  return `d3${wide(value, 8)}`;
}
