/** Bytes that stand in a payload as they are, whether they are MessagePack or not. */
export class Raw {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** Bytes given as hex. */
export function raw(hex: string): Raw {
  return new Raw(Buffer.from(hex, "hex"));
}

/** A map that may hold a key twice, or keys that are no strings. */
export class Pairs {
  readonly entries: readonly (readonly [unknown, unknown])[];

  constructor(entries: readonly (readonly [unknown, unknown])[]) {
    this.entries = entries;
  }
}

/** Writes MessagePack that no sound encoder would; undefined members are left out. */
export function pack(value: unknown): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

/** Puts the eight header bytes before a payload. */
export function frame(type: number, payload: Uint8Array): Buffer {
  const header = Buffer.from([0xac, 1, 1, type, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function write(value: unknown, parts: Uint8Array[]): void {
  if (value instanceof Raw) parts.push(value.bytes);
  else if (value === null || value === undefined) parts.push(Uint8Array.of(0xc0));
  else if (typeof value === "boolean") parts.push(Uint8Array.of(value ? 0xc3 : 0xc2));
  else if (typeof value === "number") parts.push(toNumber(value));
  else if (typeof value === "string") writeSized(parts, 0xdb, Buffer.from(value));
  else if (value instanceof Uint8Array) writeSized(parts, 0xc6, value);
  else if (Array.isArray(value)) writeList(value, parts);
  else writeMap(value, parts);
}

function writeList(list: readonly unknown[], parts: Uint8Array[]): void {
  parts.push(toHead(0xdd, list.length));
  for (const item of list) write(item, parts);
}

function writeMap(map: object, parts: Uint8Array[]): void {
  const entries =
    map instanceof Pairs
      ? map.entries
      : Object.entries(map).filter(([, member]) => member !== undefined);
  parts.push(toHead(0xdf, entries.length));
  for (const [key, member] of entries) {
    write(key, parts);
    write(member, parts);
  }
}

function writeSized(parts: Uint8Array[], head: number, bytes: Uint8Array): void {
  parts.push(toHead(head, bytes.length), bytes);
}

function toHead(head: number, length: number): Buffer {
  const bytes = Buffer.from([head, 0, 0, 0, 0]);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

function toNumber(value: number): Buffer {
  if (Number.isSafeInteger(value) && Math.abs(value) < 0x8000_0000) {
    const bytes = Buffer.from([0xd2, 0, 0, 0, 0]);
    bytes.writeInt32BE(value, 1);
    return bytes;
  }
  const bytes = Buffer.alloc(9, 0xcb);
  if (Number.isSafeInteger(value)) {
    bytes[0] = 0xd3;
    bytes.writeBigInt64BE(BigInt(value), 1);
  } else bytes.writeDoubleBE(value, 1);
  return bytes;
}
