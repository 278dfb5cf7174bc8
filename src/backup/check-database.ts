import type Database from "better-sqlite3";
import { SignatureVerifier } from "../identity/verify.ts";
import type { JsonObject } from "../protocol/json.ts";
import { UsageBook } from "../store/usage.ts";
import type { LogRow } from "../store/zones/log.ts";
import { prepareZoneQueries, type ZoneQueries, type ZoneRow } from "../store/zones/zones.ts";
import { headSchema, ZoneCheck, type ZoneFault } from "../zones/export/zone-check.ts";

const ZONES_PER_PAGE = 100;
const ENTRIES_PER_PAGE = 500;
const PROBLEMS_MAX = 50;

/** What a database was found to hold. */
export interface DatabaseFindings {
  readonly zones: number;
  readonly envelopes: number;
  readonly entries: number;
  readonly signed_messages: number;
  /** What is wrong, in words; empty where nothing is. */
  readonly problems: readonly string[];
  readonly problems_total: number;
}

/** How far a check is. */
export interface CheckProgress {
  readonly step: string;
  readonly done: number;
  readonly total: number;
}

/** How a database is checked. */
export interface CheckOptions {
  readonly onProgress?: (progress: CheckProgress) => void;
  /** Whether zones are looked at, which asks for this version's schema. */
  readonly withZones?: boolean;
}

/** Gathers what is wrong, and says no more than so much of it. */
class Problems {
  readonly told: string[] = [];
  total = 0;

  add(text: string): void {
    this.total++;
    if (this.told.length < PROBLEMS_MAX) this.told.push(text);
  }
}

/**
 * Checks everything of a steward's database that can be checked by itself: the file's structure, each
 * zone's envelopes, the hash of every entry, signatures, and that its counts are those of its rows.
 * @param db only read
 */
export function checkDatabase(
  db: Database.Database,
  { onProgress = () => {}, withZones = true }: CheckOptions = {},
): DatabaseFindings {
  const problems = new Problems();
  onProgress({ step: "structure", done: 0, total: 1 });
  for (const row of db.pragma("integrity_check(20)") as { integrity_check: string }[]) {
    if (row.integrity_check !== "ok") problems.add(`file: ${row.integrity_check}`);
  }
  const sums = { zones: 0, envelopes: 0, entries: 0, signed_messages: 0 };
  // A file that is torn would only say the same again, in other words.
  if (problems.total === 0 && withZones) checkZones(db, problems, sums, onProgress);
  return { ...sums, problems: problems.told, problems_total: problems.total };
}

function checkZones(
  db: Database.Database,
  problems: Problems,
  sums: { zones: number; envelopes: number; entries: number; signed_messages: number },
  onProgress: (progress: CheckProgress) => void,
): void {
  const queries = prepareZoneQueries({ raw: db, usage: new UsageBook(db) });
  const counts = prepareCounts(db);
  const verifier = new SignatureVerifier();
  const total = counts.totalEntries();
  const everything = { type: undefined, topic: undefined, keyword: undefined };
  for (let after = ""; ; ) {
    const rows = queries.listZones(everything, after, ZONES_PER_PAGE, true);
    for (const row of rows) {
      const add = ({ at, what }: ZoneFault) => problems.add(`${row.zoneId}: ${at}: ${what}`);
      const check = new ZoneCheck(verifier, row.zoneId);
      readZone(queries, check, row, () => {
        const done = sums.entries + check.findings.entries;
        onProgress({ step: "zones", done, total });
      });
      const { faults, faults_total, envelopes, entries, signed_messages, epoch } = check.findings;
      faults.forEach(add);
      problems.total += faults_total - faults.length;
      if (epoch !== row.epoch) add({ at: "zone", what: `is at epoch ${row.epoch}, not ${epoch}` });
      const members = counts.members(row.zoneId);
      if (members !== row.memberCount)
        add({ at: "members", what: `are ${members}, not ${row.memberCount}` });
      sums.zones++;
      sums.envelopes += envelopes;
      sums.entries += entries;
      sums.signed_messages += signed_messages;
    }
    after = rows.at(-1)?.zoneId ?? "";
    if (rows.length < ZONES_PER_PAGE) break;
  }
  const strays = total - sums.entries;
  if (strays !== 0) problems.add(`zone_log: ${strays} entries are of no zone's log`);
}

function readZone(queries: ZoneQueries, check: ZoneCheck, row: ZoneRow, onPage: () => void): void {
  for (let epoch = 1; epoch <= row.epoch; epoch++) {
    const stored = queries.findEnvelope(row.zoneId, epoch);
    if (stored === undefined) check.fault(`envelope ${epoch}`, "is missing");
    else if (stored.envelope === "") check.takeEnvelopeHash(stored);
    else check.takeEnvelope(JSON.parse(stored.envelope) as JsonObject);
  }
  const checkpoint = queries.findCheckpoint(row.zoneId);
  if (checkpoint !== undefined) {
    const head = headSchema.safeParse(JSON.parse(checkpoint.head)).data;
    if (head === undefined) check.fault("checkpoint", "is malformed");
    else check.takeCheckpoint(head);
  }
  for (;;) {
    const page: LogRow[] = [
      ...queries.iterateLog(row.zoneId, check.position.seq, ENTRIES_PER_PAGE),
    ];
    for (const entry of page) check.takeEntry(entry, entry.hash);
    onPage();
    if (page.length < ENTRIES_PER_PAGE) break;
  }
  check.assertEnd({ seq: row.headSeq, hash: row.headHash });
}

function prepareCounts(db: Database.Database) {
  const entries = db.prepare<[], number>("SELECT count(*) FROM zone_log").pluck();
  const members = db
    .prepare<[string], number>("SELECT count(*) FROM members WHERE zone_id = ?")
    .pluck();
  return {
    totalEntries: () => entries.get() ?? 0,
    members: (zoneId: string) => members.get(zoneId) ?? 0,
  };
}
