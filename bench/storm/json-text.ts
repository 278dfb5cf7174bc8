/** A value's JSON text, with as many of its outermost items, or characters, as fit so many bytes. */
export function toText(value: unknown, bytesMax: number): string {
  let part = value;
  for (;;) {
    const text = JSON.stringify(part);
    const bytes = Buffer.byteLength(text);
    if (bytes <= bytesMax || !(Array.isArray(part) || typeof part === "string")) return text;
    part = part.slice(0, Math.floor(((part.length * bytesMax) / bytes) * 0.98));
  }
}
