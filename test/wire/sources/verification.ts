import { createHash } from "node:crypto";
import {
  add,
  BASE,
  encode,
  fromLittleEndian,
  IDENTITY,
  L,
  multiply,
  type Point,
  toChallenge,
  toLittleEndian,
  toTorsion,
} from "../independent/edwards.ts";
import { AGENT } from "./cast.ts";
import { toIdentityVectors } from "./identity.ts";

interface Attempt {
  /** Encodings and content, hex. */
  readonly key: string;
  readonly r: string;
  readonly content: string;
  /** h, modulo L. */
  readonly h: bigint;
}

const hex = (text: string) => Buffer.from(text, "utf8").toString("hex");
/** The scalar of AGENT's seed, as RFC 8032 has it. */
const SCALAR = clamp(createHash("sha512").update(AGENT.seed, "hex").digest().subarray(0, 32));
const KEY = multiply(SCALAR, BASE);
/** The nonce of the signatures below: any will do. */
const NONCE = 2n ** 200n + 9n;
const NONCE_POINT = multiply(NONCE, BASE);

function clamp(bytes: Uint8Array): bigint {
  const copy = Uint8Array.from(bytes);
  copy[0] = (copy[0] ?? 0) & 248;
  copy[31] = ((copy[31] ?? 0) & 63) | 64;
  return fromLittleEndian(copy);
}

/** The first content, counted up, for which h is as wanted. */
function find(key: string, r: string, isWanted: (h: bigint) => boolean): Attempt {
  for (let i = 0; ; i++) {
    const content = hex(`atlas-message-v1\0what verifies, attempt ${i}`);
    const h = toChallenge(r, key, content);
    if (isWanted(h)) return { key, r, content, h };
  }
}

function toVector(name: string, attempt: Attempt, s: bigint, verifies: boolean) {
  const { key, r, content } = attempt;
  return { name, public_key: key, content, signature: r + toLittleEndian(s), verifies };
}

const signed = (h: bigint, nonce = NONCE) => (nonce + h * SCALAR) % L;
const isOdd = (h: bigint) => h % 2n === 1n;
const any = () => true;

/** The encodings of points of small order, with the point that each is read as. */
function toSmallOrderEncodings(): readonly { readonly encoding: string; readonly point: Point }[] {
  const points = toTorsion();
  return toIdentityVectors().small_order_keys.map((encoding) => {
    const bytes = Buffer.from(encoding, "hex");
    const sign = (bytes[31] ?? 0) >> 7;
    bytes[31] = (bytes[31] ?? 0) & 0x7f;
    const y = BigInt(`0x${bytes.reverse().toString("hex")}`) % (2n ** 255n - 19n);
    const same = points.filter((point) => point.y === y);
    const point = same.find(({ x }) => Number(x & 1n) === sign) ?? same[0] ?? IDENTITY;
    return { encoding, point };
  });
}

/** A signature whose equation holds, but for what its key or its R is. */
function toSmallOrderVectors() {
  const torsion = toTorsion();
  return toSmallOrderEncodings().flatMap(({ encoding, point }) => {
    const r = encode(NONCE_POINT);
    const asKey = find(encoding, r, (h) => h % 8n === 0n);
    // A key of mixed order with -[h]T = R, so that R is exactly what the equation gives.
    const mixed = encode(add(KEY, torsion[1] ?? IDENTITY));
    const order = torsion.findIndex((other) => other.x === point.x && other.y === point.y);
    const asR = find(mixed, encoding, (h) => (h + BigInt(order)) % 8n === 0n);
    return [
      toVector(`A of small order, ${encoding}`, asKey, NONCE, false),
      toVector(`R of small order, ${encoding}`, asR, signed(asR.h, 0n), false),
    ];
  });
}

/** Encodings of y from p on: 19 of them, with either sign. */
function toPastField(): readonly string[] {
  const ys = Array.from({ length: 19 }, (_, i) => 2n ** 255n - 19n + BigInt(i));
  return ys.flatMap((y) => [toLittleEndian(y), toLittleEndian(y | (1n << 255n))]);
}

/** What verifies and what does not, where implementations of Ed25519 differ; §1. */
export function toVerificationVectors() {
  const key = encode(KEY);
  const r = encode(NONCE_POINT);
  const eighth = toTorsion()[1] ?? IDENTITY;
  const plain = find(key, r, any);
  const shifted = find(key, encode(add(NONCE_POINT, eighth)), any);
  const mixed = encode(add(KEY, eighth));
  const divisible = find(mixed, r, (h) => h % 8n === 0n);
  const odd = find(mixed, r, isOdd);
  return {
    vectors: [
      toVector("an ordinary signature", plain, signed(plain.h), true),
      toVector("S + L", plain, signed(plain.h) + L, false),
      toVector("R plus a point of order 8", shifted, signed(shifted.h), false),
      toVector("a key of mixed order, h divisible by 8", divisible, signed(divisible.h), true),
      toVector("a key of mixed order, h odd", odd, signed(odd.h), false),
      ...toSmallOrderVectors(),
    ],
    non_canonical: toPastField(),
  };
}
