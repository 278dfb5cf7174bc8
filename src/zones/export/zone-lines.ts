import type { NodeKey } from "../../identity/node-key.ts";
import { toCanonicalJson } from "../../protocol/json.ts";
import { toEntryText } from "../../protocol/log-chain.ts";
import type { ZoneRow } from "../../store/zones/zones.ts";
import { findReleasedEnd, type ReleasedEndDeps } from "../log/released-end.ts";
import { signHead } from "../log/signed-head.ts";

/** Names the form of the file; another one is another name. */
export const EXPORT_FORMAT = "atlas-zone-export-v1";

/** One slice, so that nobody waits for it; one line always fits. */
const SLICE_CHARS_MAX = 256 * 1024;
const SLICE_ENTRIES_MAX = 200;

export interface ExportDeps extends ReleasedEndDeps {
  readonly key: NodeKey;
  /** Unix seconds. */
  readonly now: () => number;
}

/**
 * Writes a zone as lines of JSON: who wrote it, its envelopes, oldest first, where its log begins, if
 * older entries were removed, each entry with its hash, and last the head as this steward signs it, on
 * which all before it hangs; `docs/operations.md`, A zone as a file. A slice at a time; what is logged
 * later is not in it.
 * @throws Error where entries were removed before they were written
 */
export function exportZone(deps: ExportDeps, row: ZoneRow): Generator<string, void, void> {
  const end = findReleasedEnd(deps, row);
  const head = signHead(deps.key, { zoneId: row.zoneId, ...end }, deps.now());
  return writeZone(deps, row, head);
}

function* writeZone(
  { queries, key, now }: ExportDeps,
  { zoneId, epoch }: ZoneRow,
  head: ReturnType<typeof signHead>,
): Generator<string, void, void> {
  yield toLine({ format: EXPORT_FORMAT, zone_id: zoneId, steward: key.nodeId, exported_at: now() });
  for (let at = 1; at <= epoch; at++) {
    const stored = queries.findEnvelope(zoneId, at);
    if (stored === undefined) throw new Error(`Envelope ${at} of ${zoneId} is missing.`);
    yield stored.envelope === ""
      ? toLine({ envelope_hash: { epoch: at, hash: stored.hash } })
      : `{"envelope":${stored.envelope}}\n`;
  }
  const checkpoint = queries.findCheckpoint(zoneId);
  if (checkpoint !== undefined) yield `{"checkpoint":${checkpoint.head}}\n`;
  let after = checkpoint?.seq ?? 0;
  while (after < head.seq) {
    const slice = readSlice(queries, zoneId, after, head.seq);
    if (slice.first !== after + 1) {
      throw new Error(`Entries of ${zoneId} were removed while it was written.`);
    }
    yield slice.text;
    after = slice.last;
  }
  yield toLine({ head });
}

function readSlice(
  queries: ExportDeps["queries"],
  zoneId: string,
  after: number,
  end: number,
): { readonly text: string; readonly first: number; readonly last: number } {
  let text = "";
  let first = 0;
  let last = after;
  for (const entry of queries.iterateLog(zoneId, after, SLICE_ENTRIES_MAX)) {
    if (entry.seq > end || text.length > SLICE_CHARS_MAX) break;
    first ||= entry.seq;
    last = entry.seq;
    text += `{"entry":${toEntryText(entry)},"hash":"${entry.hash}"}\n`;
  }
  return { text, first, last };
}

function toLine(value: object): string {
  return `${toCanonicalJson(value)}\n`;
}
