/** Whether a UTF-16 unit is the second half of a code point. */
function isTrail(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** UTF-8 bytes of the character that begins with a UTF-16 unit. */
function widthOf(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit <= 0xdbff ? 4 : 3;
}

/**
 * Cuts well-formed text between code points into slices of at most so many bytes of UTF-8, four at
 * least; `docs/protocol.md` §9.5 and §9.6.
 */
export function sliceText(text: string, bytesMax: number): readonly string[] {
  if (text.length * 3 <= bytesMax) return [text];
  const slices: string[] = [];
  let start = 0;
  let bytes = 0;
  for (let offset = 0; offset < text.length; offset++) {
    const unit = text.charCodeAt(offset);
    if (isTrail(unit)) continue;
    const width = widthOf(unit);
    if (bytes + width > bytesMax) {
      slices.push(text.slice(start, offset));
      start = offset;
      bytes = 0;
    }
    bytes += width;
  }
  return [...slices, text.slice(start)];
}
