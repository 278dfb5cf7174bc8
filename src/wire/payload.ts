import { decode } from "@msgpack/msgpack";
import { StewardError } from "../errors.ts";
import { scanMessagePack } from "./messagepack-scan.ts";

/**
 * Decodes a MessagePack payload to its field map. Everything the decoding library would let pass
 * in silence (integers beyond 2^53, doubled keys, broken UTF-8, bin or ext inside `body`) is
 * refused; `docs/protocol.md` §2.
 * @throws StewardError 2003
 */
export function decodePayload(payload: Uint8Array): Record<string, unknown> {
  scanMessagePack(payload);
  let value: unknown;
  try {
    value = decode(payload);
  } catch (cause) {
    throw new StewardError(2003, { message: "The payload is not valid MessagePack.", cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new StewardError(2003, { message: "The payload is not a map." });
  }
  return value as Record<string, unknown>;
}
