import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import type { ScanDeps } from "../scan-port.ts";
import type { ZoneReader } from "../zone.ts";

/**
 * Scans the texts of an envelope that its creator or the operator sends; `docs/protocol.md` §5. Nothing
 * stands in the way of a stop, nor of other stewards for a zone whose texts were taken already.
 * @param nodeId undefined where it is the operator
 * @throws StewardError 2003, reason CONTENT_BLOCKED
 */
export function assertCleanEnvelope(
  { scanner, reader }: ScanDeps & { readonly reader: ZoneReader },
  { manifest, state }: JsonObject,
  nodeId?: string,
): void {
  const zoneId = (manifest as JsonObject | undefined)?.id;
  if (typeof zoneId !== "string" || state === "stopped") return;
  const held = reader.find(zoneId)?.envelope.manifest;
  if (held !== undefined && toSaid(held as JsonObject) === toSaid(manifest as JsonObject)) return;
  scanner.assertClean({ zoneId, nodeId, part: "manifest" }, [manifest]);
}

/** What a manifest says beside who its stewards are. */
function toSaid(manifest: JsonObject): string {
  return toCanonicalJson({ ...manifest, steward_set: null, entrypoints: null });
}
