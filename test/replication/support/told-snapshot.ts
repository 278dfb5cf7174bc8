import type { ZoneRecord } from "../../../src/protocol/commit.ts";
import type { Reply } from "../../support/wire-client.ts";
import { writeCanonicalJson } from "../../wire/independent/canonical-json.ts";
import { type SeedKey, sha256 } from "../../wire/independent/ed25519.ts";
import type { ToldZone } from "./told-zone.ts";

/** The three forms of zone.snapshot, in the order in which they go. */
export interface ToldSnapshot {
  readonly begin: Reply;
  readonly chunk: Reply;
  readonly end: Reply;
}

/** The lines of a snapshot of the whole zone as of a commit: its log, then its records. */
export function toLines(zone: ToldZone, n: number): string[] {
  const { seq } = zone.endAt(n);
  const entries = zone.entries.filter(({ entry }) => entry.seq <= seq);
  const records = new Map<string, ZoneRecord>();
  for (const record of zone.commits.slice(0, n).flatMap((commit) => commit.records)) {
    records.set(`${record.kind} ${writeCanonicalJson(record.key)}`, record);
  }
  const sorted = [...records].sort(([a], [b]) => (a < b ? -1 : 1));
  return [...entries, ...sorted.map(([, record]) => ({ record }))].map(writeCanonicalJson);
}

/** Tells a zone as of a commit in one chunk, hashed and signed by code of the tests' own. */
export function tellSnapshot(
  zone: ToldZone,
  { n, epoch, signer }: { readonly n: number; readonly epoch: number; readonly signer: SeedKey },
  lines: readonly string[] = toLines(zone, n),
): ToldSnapshot {
  const bound = { zone_id: zone.zoneId, epoch, snapshot: "snp_told" };
  const { position } = zone.placeAt(n);
  const log_after = zone.endAt(0);
  const start = writeCanonicalJson({ ...bound, position, log_after });
  const before = sha256(`atlas-snapshot-v1\0${start}`);
  const text = lines.map((line) => `${line}\n`).join("");
  const hash = sha256(Buffer.from(before + sha256(text), "hex"));
  const ended = { ...bound, chunks: 1, hash, upto: n };
  const signature = signer.sign(Buffer.from(`atlas-snapshot-v1\0${writeCanonicalJson(ended)}`));
  const body = { type: "zone.snapshot", ...bound };
  return {
    begin: { ...body, position, log_after, head: zone.headAt(n) },
    chunk: { ...body, index: 0, text, hash },
    end: { ...body, chunks: 1, hash, upto: n, signature, public_key: signer.publicKey },
  };
}
