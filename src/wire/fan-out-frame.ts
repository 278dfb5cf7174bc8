import { encodeEnvelope } from "./envelope.ts";

const NODE_ID_BYTES = 70;
const PLACEHOLDER = `atlas_${"0".repeat(64)}`;
const encoder = new TextEncoder();

/** An AtlasMessage encoded once, whose `to` alone is written per recipient. */
export interface FanOutFrame {
  /** Returns the envelope's bytes for one recipient. */
  toBytes(nodeId: string): Uint8Array;
}

/**
 * Encodes a message for many recipients; node ids have one length, so only their 70 bytes differ.
 * @param fields an AtlasMessage without `to`
 */
export function createFanOutFrame(fields: Readonly<Record<string, unknown>>): FanOutFrame {
  // `to` goes first: what precedes it has a fixed length, whatever the body holds.
  const template = encodeEnvelope("message", { to: PLACEHOLDER, ...fields });
  const offset = findPlaceholder(template);
  return {
    toBytes(nodeId) {
      const bytes = template.slice();
      encoder.encodeInto(nodeId, bytes.subarray(offset, offset + NODE_ID_BYTES));
      return bytes;
    },
  };
}

function findPlaceholder(template: Uint8Array): number {
  // Header (8), map head (1 for up to 15 fields), key "to" (3), str8 head (2).
  const offset = 8 + 1 + 3 + 2;
  if (template[offset] !== PLACEHOLDER.charCodeAt(0)) {
    throw new Error("The fan-out template's `to` is not where it is expected.");
  }
  return offset;
}
