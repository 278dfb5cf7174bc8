import type { JsonObject } from "../../protocol/json.ts";
import type { ContentScanner } from "../scan-port.ts";

/**
 * Scans the texts of an envelope that its creator or the operator sends; `docs/protocol.md` §5. Nothing
 * stands in the way of a stop, whatever its texts say.
 * @param nodeId undefined where it is the operator
 * @throws StewardError 2003, reason CONTENT_BLOCKED
 */
export function assertCleanEnvelope(
  scanner: ContentScanner,
  { manifest, state }: JsonObject,
  nodeId?: string,
): void {
  const zoneId = (manifest as JsonObject | undefined)?.id;
  if (typeof zoneId !== "string" || state === "stopped") return;
  scanner.assertClean({ zoneId, nodeId, part: "manifest" }, [manifest]);
}
