import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { StreamCodec } from "../wire/compression.ts";

/** Longer payloads are compressed at the quickest quality: nobody waits for the others. */
const QUICK_BYTES_MIN = 65_536;
const QUICK_QUALITY = 1;
/** What is decompressed at a time: small steps cost more than the work, large ones memory for nothing. */
const STEP_BYTES_MIN = 16_384;
const STEP_BYTES_MAX = 262_144;
const STEP_PER_BYTE = 8;

/**
 * Makes a codec of Node's brotli. It works in the caller's turn: `docs/decisions/compression.md` has what that costs.
 * @param quality 0 to 11, of payloads up to 64 KiB
 */
export function createBrotli(quality: number): StreamCodec {
  const toOptions = ({ length }: Uint8Array) => ({
    params: {
      [constants.BROTLI_PARAM_QUALITY]:
        length < QUICK_BYTES_MIN ? quality : Math.min(quality, QUICK_QUALITY),
      [constants.BROTLI_PARAM_SIZE_HINT]: length,
    },
  });
  return {
    compress: (payload) => brotliCompressSync(payload, toOptions(payload)),
    begin: (bytes) =>
      brotliCompressSync(bytes, {
        ...toOptions(bytes),
        finishFlush: constants.BROTLI_OPERATION_FLUSH,
      }),
    decompress,
  };
}

function decompress(data: Uint8Array, bytesMax: number): Uint8Array | undefined {
  try {
    const wanted = Math.max(STEP_BYTES_MIN, STEP_PER_BYTE * data.length);
    const chunkSize = Math.min(STEP_BYTES_MAX, wanted);
    const options = { maxOutputLength: bytesMax, chunkSize, info: true };
    // With `info` both are returned, which Node's types do not know.
    const { buffer, engine } = brotliDecompressSync(data, options) as unknown as {
      readonly buffer: Uint8Array;
      readonly engine: { readonly bytesWritten: number };
    };
    if (engine.bytesWritten !== data.length) throw new Error("Something follows the stream.");
    return buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw error;
  }
}
