import type { RequestRow } from "../store/zones/requests.ts";
import type { RequestDeps } from "./deps.ts";

/**
 * Finds the request that a payment or a receipt is about: the zone's that it names, without one the
 * newest of its sender's requests of this id; `docs/protocol.md` §8.
 * @throws StewardError `zone_not_found` for a zone that nobody knows
 */
export function findAsked(
  { reader, requests }: Pick<RequestDeps, "reader" | "requests">,
  nodeId: string,
  body: { readonly request_id: string; readonly zone_id?: string | undefined },
): RequestRow | undefined {
  const { request_id: requestId, zone_id: zoneId } = body;
  if (zoneId === undefined) return requests.findNewestRequest(nodeId, requestId);
  reader.get(zoneId);
  return requests.findRequest({ zoneId, nodeId, requestId });
}
