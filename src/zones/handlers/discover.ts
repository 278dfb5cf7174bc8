import { cutPage } from "../../base/page.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import type { DirectoryEntry } from "../../wire/zone-replies.ts";
import { type QuestionHandler, toReplyId } from "../call.ts";
import { toStewards, toZoneState, type Zone, type ZoneReader } from "../zone.ts";
import type { ZoneGate } from "../zone-gate.ts";

export interface DiscoverDeps {
  readonly reader: ZoneReader;
  readonly queries: ZoneQueries;
  readonly ownNodeId: string;
  readonly gate: ZoneGate;
}

/** Answers `zone.discover` with zones that are neither stopped nor suspended; `docs/protocol.md` §6. */
export function handleDiscover(deps: DiscoverDeps): QuestionHandler<"zone.discover"> {
  return (call, body) => {
    const { filter, limit, cursor } = body;
    const rows = deps.queries.listZones(filter, cursor ?? "", limit + 1, false);
    const entries = rows.map((row) => toDirectoryEntry(deps, deps.reader.toZone(row)));
    const { page, hasMore } = cutPage(entries, limit, (entry) => JSON.stringify(entry).length);
    const last = page.at(-1);
    call.reply({
      type: "zone.directory",
      ...toReplyId(body),
      zones: page,
      ...(hasMore && last && { next_cursor: last.zone_id }),
    });
  };
}

function toDirectoryEntry(deps: DiscoverDeps, { row, manifest }: Zone): DirectoryEntry {
  const replica = deps.gate.findReplica(row.zoneId);
  return {
    zone_id: row.zoneId,
    name: row.name,
    type: row.type,
    ...(row.topic !== null && { topic: row.topic }),
    description: row.description,
    entrypoints: manifest.entrypoints,
    stewards: toStewards(manifest, deps.ownNodeId),
    members: row.memberCount,
    epoch: row.epoch,
    state: toZoneState(row),
    ...(replica !== undefined && { replica }),
  };
}
