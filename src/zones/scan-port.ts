import type { JsonValue } from "../protocol/json.ts";
import type { PackedValue } from "../wire/packed-value.ts";

/** What of an agent's or operator's texts is scanned. */
export type ScannedPart = "message" | "params" | "manifest";

/** Where a text was said, and by whom; no part of the text. */
export interface ScanSubject {
  readonly zoneId: string;
  readonly part: ScannedPart;
  /** Undefined where it is the operator. */
  readonly nodeId?: string | undefined;
}

/** What a handler needs to have texts scanned. */
export interface ScanDeps {
  readonly scanner: ContentScanner;
}

/** Judges the texts of agents and operators before they are kept; `docs/protocol.md` §5. */
export interface ContentScanner {
  /**
   * Scans every text and key of the values; undefined ones are passed over.
   * @throws StewardError 2003, reason CONTENT_BLOCKED, where the zone's mode is `blocking`
   */
  assertClean(subject: ScanSubject, values: readonly (PackedValue | JsonValue | undefined)[]): void;
}
