import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseInspection } from "../../store/inspection.ts";
import { toSqliteCode } from "../../store/sqlite-code.ts";
import { createFindings, type Finding } from "./finding.ts";

const { good, note, bad } = createFindings("database");
const RESTORE =
  "Stop the steward, keep a copy of the file, and restore a backup: steward backup restore.";
const FAULTS = {
  HASH: "is not what was hashed",
  GAP: "does not follow the one before it",
  OTHER_ZONE: "is of another zone",
  HEAD: "is not the log's end",
} as const;

/** Looks at the database without changing it: the file, its migrations, each zone's hash chain. */
export function diagnoseDatabase(dataDir: string, tell: (progress: string) => void): Finding[] {
  const file = join(dataDir, "steward.sqlite");
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return [];
  try {
    using database = new DatabaseInspection(file);
    tell("looking at the database's pages");
    const damage = database.findDamage();
    if (damage.length > 0) return damage.map((detail) => bad("integrity", detail, RESTORE));
    const migrations = diagnoseMigrations(database);
    const logs = diagnoseLogs(database, tell);
    return [
      good("integrity", "every page and reference is in order"),
      migrations,
      ...logs,
      ...diagnoseReplicas(database),
    ];
  } catch (error) {
    const code = toSqliteCode(error);
    if (code === undefined) throw error;
    return [bad("integrity", `SQLite cannot read it (${code})`, RESTORE)];
  }
}

function diagnoseMigrations(database: DatabaseInspection): Finding {
  const item = "migrations";
  const found = database.findMigrationFault();
  if (found === undefined) return good(item, "are this version's");
  if (found.fault === "newer") {
    return bad(
      item,
      `a newer version wrote it (${found.applied} migrations, this one knows ${found.known})`,
      "Install that version again, or restore the backup from before the upgrade.",
    );
  }
  if (found.fault === "older") {
    return note(
      item,
      `end before ${found.tag}`,
      "The next start brings it up to date; back it up before.",
    );
  }
  return bad(
    item,
    `${found.tag} is not the one that was applied`,
    "Install the release anew; its files were changed.",
  );
}

function diagnoseLogs(database: DatabaseInspection, tell: (progress: string) => void): Finding[] {
  const count = database.countZones();
  let zones = 0;
  const faults = database.findLogFaults(() =>
    tell(`following the logs of zones: ${++zones} of ${count}`),
  );
  if (faults.length === 0) return [good("hash chains", `the logs of ${count} zones hold together`)];
  return faults.map(({ zoneId, fault, seq }) =>
    bad("hash chains", `${zoneId}: entry ${seq} ${FAULTS[fault]}`, RESTORE),
  );
}

function diagnoseReplicas(database: DatabaseInspection): Finding[] {
  return database
    .listTroubledZones()
    .map(({ zoneId, halted }) =>
      halted === null
        ? bad(
            "replication",
            `${zoneId}: this copy may have forgotten what it acknowledged (lost)`,
            "It catches up from the zone's primary; a primary goes on once the creator signs the next epoch: steward replica promote.",
          )
        : bad(
            "replication",
            `${zoneId}: halted (${halted})`,
            "Look at the proof (steward replica evidence), then go on: steward replica resync.",
          ),
    );
}
