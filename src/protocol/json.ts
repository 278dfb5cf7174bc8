import canonicalize from "canonicalize";

/** A value JSON can carry. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

const encoder = new TextEncoder();

/**
 * Returns the canonical JSON text (RFC 8785) of a value; absent (undefined) members are left out.
 * @throws Error on NaN, infinities and BigInt
 */
export function toCanonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error("The value has no JSON form.");
  return text;
}

/** Returns the UTF-8 bytes of the canonical JSON of a value. */
export function toCanonicalBytes(value: unknown): Uint8Array {
  return encoder.encode(toCanonicalJson(value));
}

/** Returns the UTF-8 length of a string. */
export function utf8Bytes(text: string): number {
  return encoder.encode(text).length;
}
