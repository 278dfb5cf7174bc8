import { z } from "zod";
import type { NodeKey } from "../../identity/node-key.ts";
import { type PrimaryHead, toPrimaryHeadContent } from "../../protocol/primary-head.ts";
import type { ReplicatedZoneRow } from "../../store/replication/replicated-zones.ts";

const headSchema = z.object({ state: z.string() });

/** Signs a position of a zone as the primary of its epoch; `docs/protocol.md` §9.4. */
export function signPrimaryHead(
  key: NodeKey,
  row: Pick<ReplicatedZoneRow, "zoneId" | "epoch" | "seq" | "hash" | "digest">,
  now: number,
): PrimaryHead {
  const { zoneId, epoch, seq, hash, digest } = row;
  const content = { zone_id: zoneId, epoch, seq, hash, state: digest, signed_at: now };
  return {
    ...content,
    steward: key.nodeId,
    public_key: key.publicKeyHex,
    signature: Buffer.from(key.sign(toPrimaryHeadContent(content))).toString("hex"),
  };
}

/**
 * The head of exactly the position at which a copy stands: signed now by who made its last commit, else as
 * it came with it; undefined where none did.
 * @param isOwn this steward was the primary of the position's epoch
 */
export function findOwnHead(
  key: NodeKey,
  row: ReplicatedZoneRow,
  isOwn: boolean,
  now: number,
): PrimaryHead | undefined {
  if (row.head !== null) {
    const head: unknown = JSON.parse(row.head);
    if (headSchema.safeParse(head).data?.state === row.digest) return head as PrimaryHead;
  }
  return isOwn && row.epoch > 0 ? signPrimaryHead(key, row, now) : undefined;
}
