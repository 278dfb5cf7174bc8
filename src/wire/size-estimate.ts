import { PackedBytes } from "./messagepack-encode.ts";

/** Of a number, a key's text apart, or what holds others. */
const VALUE_BYTES = 16;

/** About how many bytes a body takes; nothing is encoded for it. */
export function estimateSize(value: unknown): number {
  if (typeof value === "string") return VALUE_BYTES + value.length;
  if (value instanceof PackedBytes) return VALUE_BYTES + value.bytes.length;
  if (typeof value !== "object" || value === null) return VALUE_BYTES;
  let bytes = VALUE_BYTES;
  for (const member of Object.values(value)) bytes += VALUE_BYTES + estimateSize(member);
  return bytes;
}
