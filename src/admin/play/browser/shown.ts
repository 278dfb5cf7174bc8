const HEX_BYTES_PER_LINE = 16;

/** Renders a decoded value as JSON for people: bytes in hexadecimal, integers beyond 2^53 as digits. */
export function toShownJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, each: unknown) => {
      if (typeof each === "bigint") return each.toString();
      if (each instanceof Uint8Array) return toHex(each);
      return isByteArray(each) ? toHex(Uint8Array.from(each)) : each;
    },
    2,
  );
}

/** Renders bytes as lines of offset and hexadecimal digits, at most `bytesMax` of them. */
export function toHexLines(bytes: Uint8Array, bytesMax: number): string {
  const shown = bytes.subarray(0, bytesMax);
  const lines: string[] = [];
  for (let start = 0; start < shown.length; start += HEX_BYTES_PER_LINE) {
    const line = shown.subarray(start, start + HEX_BYTES_PER_LINE);
    const offset = start.toString(16).padStart(4, "0");
    lines.push(`${offset}  ${Array.from(line, toHexByte).join(" ")}`);
  }
  const left = bytes.length - shown.length;
  return left === 0 ? lines.join("\n") : `${lines.join("\n")}\n… ${left} bytes more`;
}

/** Byte fields travel as arrays of integers; `docs/protocol.md` §2. */
function isByteArray(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    (value.length === 32 || value.length === 64) &&
    value.every((item) => Number.isInteger(item) && item >= 0 && item <= 255)
  );
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, toHexByte).join("");
}

function toHexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
