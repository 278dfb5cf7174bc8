/**
 * The bytes of the protocol, written from docs/protocol.md alone, with another MessagePack library than
 * the steward's.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  verify,
} from "node:crypto";
import { Packr } from "msgpackr";

/** Is what a body may hold. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** Is a JSON object. */
export type JsonObject = { [name: string]: Json };

/** Plain maps with string keys, integers as numbers: no records, no extensions (§2). */
const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: "number" });

/** Are the message types that a client needs (§2). */
export const TYPE = {
  hello: 0x01,
  helloAck: 0x02,
  verify: 0x03,
  verifyAck: 0x04,
  message: 0x10,
  ack: 0x11,
  error: 0xe0,
  ping: 0xf0,
  pong: 0xf1,
  disconnect: 0xff,
} as const;

/** Is an envelope that arrived: the payload as it was sent, and what it says. */
export interface Frame {
  readonly type: number;
  readonly payload: Buffer;
  readonly fields: JsonObject;
}

/** Is an Error (0xE0): its code is one of nine numbers. */
export class WireError extends Error {
  readonly code: number;
  readonly fields: JsonObject;
  constructor(fields: JsonObject) {
    super(`${integer(fields, "code")}: ${text(fields, "message")}`);
    this.code = integer(fields, "code");
    this.fields = fields;
  }
}

/** Is a `zone.error`: its code is one of eighteen strings. */
export class ZoneError extends Error {
  readonly code: string;
  readonly fields: JsonObject;
  constructor(fields: JsonObject) {
    super(`${text(fields, "code")}: ${text(fields, "message")} ${fields.reason ?? ""}`);
    this.code = text(fields, "code");
    this.fields = fields;
  }
}

/** Reads a string field; throws where it is none. */
export function text(map: JsonObject, name: string): string {
  const value = map[name];
  if (typeof value !== "string") throw new Error(`${name}: no string`);
  return value;
}

/** Reads an integer field; throws where it is none. */
export function integer(map: JsonObject, name: string): number {
  const value = map[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw new Error(`${name}: no integer`);
  }
  return value;
}

/** Takes a value as an object; throws where it is none. */
export function object(value: Json | undefined): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("no object");
  }
  return value;
}

/** Takes a value as an array; throws where it is none. */
export function array(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw new Error("no array");
  return value;
}

/** Writes the canonical JSON of RFC 8785. */
export function jcs(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(jcs).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  // The default order of sort() is by UTF-16 code units, as RFC 8785 wants it.
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${jcs(value[name] ?? null)}`).join(",")}}`;
}

/** Computes the sha256 of everything given, joined. */
export function sha256(...parts: (string | Uint8Array)[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Takes a raw Ed25519 public key. */
export function publicKeyOf(raw: Uint8Array): KeyObject {
  const key = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  return createPublicKey({ key, format: "der", type: "spki" });
}

/** Gives `tag ‖ 00 ‖ content`, what a node key signs (§1). */
export function tagged(tag: string, ...content: (string | Uint8Array)[]): Buffer {
  return Buffer.concat([tag, "\0", ...content].map((part) => Buffer.from(part)));
}

/** Computes the node id of a raw public key (§1). */
export function nodeIdOf(publicKey: Uint8Array): string {
  return `atlas_${sha256(publicKey).toString("hex")}`;
}

/** Checks a signature over `tag ‖ 00 ‖ JCS(value)` (§1). */
export function verifyJson(tag: string, value: Json, publicKey: Uint8Array, hex: string): boolean {
  return verify(null, tagged(tag, jcs(value)), publicKeyOf(publicKey), Buffer.from(hex, "hex"));
}

/** Makes a UUIDv7. */
export function uuidv7(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Reads a byte field, which the steward writes as an array (§2). */
export function bytesOf(value: Json | undefined): Buffer {
  return Buffer.from(array(value).map((byte) => Number(byte)));
}

/** Encodes one envelope (§2). */
export function envelope(type: number, fields: JsonObject): Buffer {
  const payload = packr.pack(fields);
  const header = Buffer.from([0xac, 0x01, 0x01, type, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** Decodes one envelope (§2). */
export function parse(data: Buffer): Frame {
  const payload = data.subarray(8);
  if (data.readUIntBE(0, 3) !== 0xac0101 || data.readUInt32BE(4) !== payload.length) {
    throw new Error(`no envelope: ${data.subarray(0, 8).toString("hex")}`);
  }
  return { type: data.readUInt8(3), payload, fields: object(packr.unpack(payload)) };
}

/** Makes an Ed25519 key from its 32-byte seed, with its raw public key. */
export function keyPair(seed: Uint8Array): { secret: KeyObject; raw: Buffer } {
  const key = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const secret = createPrivateKey({ key, format: "der", type: "pkcs8" });
  return {
    secret,
    raw: createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32),
  };
}
