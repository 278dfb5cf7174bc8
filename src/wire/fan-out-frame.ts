import { encodeEnvelope } from "./envelope.ts";
import { mayShrink } from "./shrunk-bodies.ts";

const PLACEHOLDER = `atlas_${"0".repeat(64)}`;
/** Header (8), map head (1 for up to 15 fields). */
const KEY_OFFSET = 8 + 1;
/** Key "to" (3), str8 head (2). */
const TO_OFFSET = KEY_OFFSET + 3 + 2;
const TO = { keyOffset: KEY_OFFSET, offset: TO_OFFSET, length: PLACEHOLDER.length };
const encoder = new TextEncoder();

/** An AtlasMessage encoded once for many recipients; only its `to` differs, by their AddressPatch. */
export interface FanOutFrame {
  /** The whole envelope, with a placeholder in `to`; never altered. */
  readonly envelope: Uint8Array;
  /** Where `to` stands in it: its key, and the node id's bytes. */
  readonly to: { readonly keyOffset: number; readonly offset: number; readonly length: number };
  /** Whether it may be compressed. */
  readonly mayShrink: boolean;
}

/** What stands in a FanOutFrame for one recipient. */
export interface AddressPatch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Encodes a message for many recipients; node ids have one length, so only their 70 bytes differ.
 * @param fields an AtlasMessage without `to`
 * @throws StewardError 2002 where it does not fit an envelope
 */
export function createFanOutFrame(fields: Readonly<Record<string, unknown>>): FanOutFrame {
  // `to` goes first: what precedes it has a fixed length, whatever the body holds.
  const envelope = encodeEnvelope("message", { to: PLACEHOLDER, ...fields });
  if (envelope[TO_OFFSET] !== PLACEHOLDER.charCodeAt(0)) {
    throw new Error("The fan-out template's `to` is not where it is expected.");
  }
  return { envelope, to: TO, mayShrink: mayShrink(fields.body) };
}

/** Returns a recipient's part of every FanOutFrame. */
export function toAddressPatch(nodeId: string): AddressPatch {
  return { offset: TO_OFFSET, bytes: encoder.encode(nodeId) };
}
