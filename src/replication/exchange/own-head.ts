import { z } from "zod";
import type { NodeKey } from "../../identity/node-key.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import type { ReplicatedZoneRow } from "../../store/replication/replicated-zones.ts";
import { signPrimaryHead } from "../../zones/log/signed-head.ts";

const headSchema = z.object({ state: z.string() });

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
  return isOwn && row.epoch > 0 ? signPrimaryHead(key, row.zoneId, row, now) : undefined;
}
