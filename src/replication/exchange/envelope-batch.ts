import type { JsonObject } from "../../protocol/json.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import { LINK_ENVELOPES_BYTES_MAX, LINK_ENVELOPES_MAX } from "../../wire/link-bodies.ts";

/** The envelopes of a zone after an epoch, oldest first, as many as one body may have; `docs/protocol.md` §9.3. */
export function listEnvelopeBatch(
  zones: Pick<ZoneQueries, "listEnvelopes">,
  zoneId: string,
  after: number,
): readonly JsonObject[] {
  const batch: JsonObject[] = [];
  let bytes = 0;
  for (const { envelope } of zones.listEnvelopes(zoneId, after, LINK_ENVELOPES_MAX)) {
    bytes += Buffer.byteLength(envelope);
    if (batch.length > 0 && bytes > LINK_ENVELOPES_BYTES_MAX) break;
    batch.push(JSON.parse(envelope) as JsonObject);
  }
  return batch;
}
