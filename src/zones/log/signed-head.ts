import type { NodeKey } from "../../identity/node-key.ts";
import { type PrimaryHead, toPrimaryHeadContent } from "../../protocol/primary-head.ts";
import { toSignedJson } from "../../protocol/signed-content.ts";
import type { SignedHead } from "../../wire/zone-replies.ts";

/** Signs a position of a zone's log with the steward's key; `docs/protocol.md` §6. */
export function signHead(
  key: NodeKey,
  position: { readonly zoneId: string; readonly seq: number; readonly hash: string },
  now: number,
): SignedHead {
  const content = {
    zone_id: position.zoneId,
    seq: position.seq,
    hash: position.hash,
    signed_at: now,
  };
  return {
    ...content,
    steward: key.nodeId,
    public_key: key.publicKeyHex,
    signature: Buffer.from(key.sign(toSignedJson("atlas-head-v1", content))).toString("hex"),
  };
}

/** Signs a position of a replicated zone with its primary's key; `docs/protocol.md` §9.4. */
export function signPrimaryHead(
  key: NodeKey,
  zoneId: string,
  at: {
    readonly epoch: number;
    readonly seq: number;
    readonly hash: string;
    readonly digest: string;
  },
  now: number,
): PrimaryHead {
  const { epoch, seq, hash, digest } = at;
  const content = { zone_id: zoneId, epoch, seq, hash, state: digest, signed_at: now };
  return {
    ...content,
    steward: key.nodeId,
    public_key: key.publicKeyHex,
    signature: Buffer.from(key.sign(toPrimaryHeadContent(content))).toString("hex"),
  };
}
