import type { RequestRow } from "../store/zones/requests.ts";
import type { RequestDeps } from "./deps.ts";

/**
 * Finds the request that a payment or a receipt is about: the zone's that it names; without one the
 * request whose requirement the authorization is for, else the newest of its sender's requests of this
 * id; `docs/protocol.md` §8.
 * @throws StewardError `zone_not_found` for a zone that nobody knows
 */
export function findAsked(
  { reader, requests, payments }: Pick<RequestDeps, "reader" | "requests" | "payments">,
  nodeId: string,
  body: {
    readonly request_id: string;
    readonly zone_id?: string | undefined;
    readonly authorization?: unknown;
  },
): RequestRow | undefined {
  const { request_id: requestId, zone_id: zoneId } = body;
  if (zoneId !== undefined) {
    const asked = requests.findRequest({ zoneId, nodeId, requestId });
    // What was paid for is told after its zone was deleted, too.
    if (asked === undefined) reader.get(zoneId);
    return asked;
  }
  const paid = payments?.records.findPaidBy(body.authorization);
  const isOfSender = paid?.nodeId === nodeId && paid.requestId === requestId;
  return (
    (isOfSender ? requests.findRequest(paid) : undefined) ??
    requests.findNewestRequest(nodeId, requestId)
  );
}
