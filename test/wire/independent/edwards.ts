import { createHash } from "node:crypto";

/** The curve of RFC 8032, with big integers: slow, and not for secrets. */
const P = 2n ** 255n - 19n;
/** The order of the base point. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121_665n * power(121_666n, P - 2n));

/** An affine point. */
export interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

export const IDENTITY: Point = { x: 0n, y: 1n };
export const BASE: Point = withSign(mod(4n * power(5n, P - 2n)), 0n);

/** The eight points whose order divides 8, multiples of one of order 8. */
export function toTorsion(): readonly Point[] {
  const root = sqrt(mod(1n + D)) ?? 0n;
  const inverse = power(D, P - 2n);
  const squares = [mod((root - 1n) * inverse), mod((-root - 1n) * inverse)];
  const y = squares.map(sqrt).find((found) => found !== undefined) ?? 0n;
  const eighth = withSign(y, 0n);
  return Array.from({ length: 8 }, (_, i) => multiply(BigInt(i), eighth));
}

export function add(a: Point, b: Point): Point {
  const product = mod(D * a.x * b.x * a.y * b.y);
  return {
    x: mod((a.x * b.y + a.y * b.x) * power(1n + product, P - 2n)),
    y: mod((a.y * b.y + a.x * b.x) * power(1n - product, P - 2n)),
  };
}

export function multiply(scalar: bigint, point: Point): Point {
  let result = IDENTITY;
  let factor = point;
  for (let left = scalar; left > 0n; left >>= 1n) {
    if (left & 1n) result = add(result, factor);
    factor = add(factor, factor);
  }
  return result;
}

/** The canonical encoding, hex. */
export function encode({ x, y }: Point): string {
  return toLittleEndian(y | ((x & 1n) << 255n));
}

/** 32 bytes, hex. */
export function toLittleEndian(value: bigint): string {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse().toString("hex");
}

/** h of a signature, from hex. */
export function toChallenge(r: string, key: string, content: string): bigint {
  return fromLittleEndian(
    createHash("sha512")
      .update(r + key + content, "hex")
      .digest(),
  );
}

/** A number modulo L. */
export function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`) % L;
}

function withSign(y: bigint, sign: bigint): Point {
  const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
  const x = sqrt(square) ?? 0n;
  return { x: (x & 1n) === sign ? x : mod(-x), y };
}

function sqrt(value: bigint): bigint | undefined {
  const candidate = power(value, (P + 3n) / 8n);
  for (const root of [candidate, mod(candidate * power(2n, (P - 1n) / 4n))]) {
    if (mod(root * root) === mod(value)) return root;
  }
  return undefined;
}

function mod(value: bigint): bigint {
  return ((value % P) + P) % P;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = mod(base);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = mod(result * factor);
    factor = mod(factor * factor);
  }
  return result;
}
