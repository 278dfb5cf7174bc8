import type { JsonValue } from "../protocol/json.ts";
import { PackedValue } from "../wire/packed-value.ts";
import { TextScan } from "./text-scan.ts";
import type { Finding } from "./threats.ts";

const encoder = new TextEncoder();

/** Scans every text and key of the values, and says what was found, the surest first; `docs/protocol.md` §5. */
export function scanValues(
  values: readonly (PackedValue | JsonValue | undefined)[],
): readonly Finding[] {
  const scan = new TextScan();
  for (const value of values) {
    if (value instanceof PackedValue) value.visitTexts((...text) => scan.scan(...text));
    else if (value !== undefined) scanBuilt(scan, value);
  }
  return scan.list();
}

function scanBuilt(scan: TextScan, whole: JsonValue): void {
  const open: JsonValue[] = [whole];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === "string") scanText(scan, value);
    else if (Array.isArray(value)) open.push(...value);
    else if (typeof value === "object" && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        scanText(scan, key);
        open.push(member as JsonValue);
      }
    }
  }
}

function scanText(scan: TextScan, text: string): void {
  const bytes = encoder.encode(text);
  scan.scan(bytes, 0, bytes.length);
}
