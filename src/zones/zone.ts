import { StewardError } from "../errors.ts";
import type { JsonObject } from "../protocol/json.ts";
import { findPrimary, type Manifest, manifestSchema } from "../protocol/manifest.ts";
import type { ZoneQueries, ZoneRow } from "../store/zones/zones.ts";
import type { ZoneState } from "../wire/zone-replies.ts";

/** A hosted zone: its row, its manifest with defaults applied, its envelope as accepted. */
export interface Zone {
  readonly row: ZoneRow;
  readonly manifest: Manifest;
  readonly envelope: JsonObject;
}

interface ParsedEnvelope {
  readonly manifest: Manifest;
  readonly envelope: JsonObject;
}

/** Of envelope text; parsed it takes a few times as much. */
const CACHED_CHARS_MAX = 8_000_000;

/** Reads zones; an envelope is parsed once, under its hash. */
export class ZoneReader {
  private readonly queries: ZoneQueries;
  private readonly parsed = new Map<string, ParsedEnvelope>();
  private parsedChars = 0;

  constructor(queries: ZoneQueries) {
    this.queries = queries;
  }

  /** Finds a zone by id. */
  find(zoneId: string): Zone | undefined {
    const row = this.queries.findZone(zoneId);
    return row && { row, ...this.parse(row) };
  }

  /** Gets a zone; throws `zone_not_found`. */
  get(zoneId: string): Zone {
    const zone = this.find(zoneId);
    if (zone === undefined) throw new StewardError("zone_not_found");
    return zone;
  }

  /** Joins a row with its parsed envelope. */
  toZone(row: ZoneRow): Zone {
    return { row, ...this.parse(row) };
  }

  private parse(row: ZoneRow): ParsedEnvelope {
    const key = row.envelopeHash;
    let parsed = this.parsed.get(key);
    if (parsed === undefined) {
      const stored = this.queries.findEnvelope(row.zoneId, row.epoch);
      if (stored === undefined) throw new Error(`No envelope is stored for ${row.zoneId}.`);
      const envelope = JSON.parse(stored.envelope) as JsonObject;
      parsed = { envelope, manifest: manifestSchema.parse(envelope.manifest) };
      this.parsedChars += stored.envelope.length;
      if (this.parsedChars > CACHED_CHARS_MAX) {
        this.parsed.clear();
        this.parsedChars = stored.envelope.length;
      }
      this.parsed.set(key, parsed);
    }
    return parsed;
  }
}

/** The state answers show: suspension by the operator hides the signed state. */
export function toZoneState(row: ZoneRow): ZoneState {
  if (row.state === "stopped") return "stopped";
  return row.suspendedAt === null ? row.state : "suspended";
}

/** The node ids that host the zone; an empty set means the steward that was asked. */
export function toStewards(manifest: Manifest, ownNodeId: string): string[] {
  if (manifest.steward_set.length === 0) return [ownNodeId];
  const primary = findPrimary(manifest);
  const replicas = manifest.steward_set.map((ref) => ref.node_id).filter((id) => id !== primary);
  return [...(primary === undefined ? [] : [primary]), ...replicas];
}
