import { toSignedJson } from "./signed-content.ts";

/** A position of a replicated zone, signed by the primary of its epoch; `docs/protocol.md` §9.4. */
export interface PrimaryHead {
  readonly zone_id: string;
  readonly epoch: number;
  readonly seq: number;
  /** The log's hash at `seq`. */
  readonly hash: string;
  /** The digest after the commit it ends at. */
  readonly state: string;
  /** Unix seconds. */
  readonly signed_at: number;
  /** The signer's node id. */
  readonly steward: string;
  /** Hex. */
  readonly public_key: string;
  /** Hex, over `toPrimaryHeadContent`. */
  readonly signature: string;
}

/** The bytes that a primary signs of a head: all of it but the last three fields; `docs/protocol.md` §9.4. */
export function toPrimaryHeadContent(
  head: Omit<PrimaryHead, "steward" | "public_key" | "signature">,
): Uint8Array {
  const { zone_id, epoch, seq, hash, state, signed_at } = head;
  return toSignedJson("atlas-head-v2", { zone_id, epoch, seq, hash, state, signed_at });
}
