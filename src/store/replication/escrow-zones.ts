import type { Store } from "../database.ts";
import { prepareEscrowQueries } from "../payments/escrows.ts";

/** Prepares the question which zone an escrow of a node's request is of; undefined where none is kept here. */
export function prepareEscrowZoneQuery(store: Pick<Store, "db">) {
  const escrows = prepareEscrowQueries(store);
  return (nodeId: string, escrowId: string): string | undefined =>
    escrows.findById(escrowId.toLowerCase(), nodeId)?.zoneId;
}
