const encoder = new TextEncoder();
/** UTF-8 bytes of one UTF-16 unit, at most. */
const UNIT_BYTES_MAX = 3;

/**
 * Cuts well-formed text between code points into slices of at most so many bytes of UTF-8, four at
 * least; `docs/protocol.md` §9.5 and §9.6.
 */
export function sliceText(text: string, bytesMax: number): readonly string[] {
  const slices: string[] = [];
  let room: Uint8Array | undefined;
  let rest = text;
  while (rest.length * UNIT_BYTES_MAX > bytesMax) {
    room ??= new Uint8Array(bytesMax);
    // The runtime stops before the code point that does not fit, and takes a fraction of a loop's time.
    const { read } = encoder.encodeInto(rest, room);
    if (read === rest.length) break;
    slices.push(rest.slice(0, read));
    rest = rest.slice(read);
  }
  return [...slices, rest];
}
