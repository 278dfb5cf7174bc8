// Refuses an edited migration, a schema without its migration, and one dated out of order.
// `--record` writes down the hash of migrations that are new.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SUMS_FILE = "migrations/sums.json";

interface JournalEntry {
  readonly tag: string;
  readonly when: number;
}

const problems: string[] = [];
const journal = JSON.parse(readFileSync("migrations/meta/_journal.json", "utf8")) as {
  entries: JournalEntry[];
};
const known = existsSync(SUMS_FILE)
  ? (JSON.parse(readFileSync(SUMS_FILE, "utf8")) as Record<string, string>)
  : {};
const sums: Record<string, string> = {};
journal.entries.forEach(({ tag, when }, index) => {
  const text = readFileSync(`migrations/${tag}.sql`);
  sums[tag] = createHash("sha256").update(text).digest("hex");
  if (known[tag] !== undefined && known[tag] !== sums[tag]) problems.push(`${tag} was edited`);
  const before = journal.entries[index - 1];
  if (before !== undefined && before.when >= when)
    problems.push(`${tag} is dated before ${before.tag}`);
});
for (const tag of Object.keys(known)) {
  if (sums[tag] === undefined) problems.push(`${tag} was removed`);
}
if (process.argv.includes("--record") && problems.length === 0) {
  writeFileSync(SUMS_FILE, `${JSON.stringify(sums, null, 2)}\n`);
} else if (Object.keys(sums).some((tag) => known[tag] === undefined)) {
  problems.push("a migration is not recorded: node scripts/check-migrations.ts --record");
}
problems.push(...findUngenerated());

for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Generates into a copy: a new file there means that the schema is ahead of its migrations. */
function findUngenerated(): string[] {
  const copy = mkdtempSync(join(tmpdir(), "migrations-"));
  cpSync("migrations", copy, { recursive: true });
  const before = readdirSync(copy).length;
  const run = spawnSync(
    "drizzle-kit",
    ["generate", "--dialect=sqlite", "--schema=./src/store/**/*schema.ts", `--out=${copy}`],
    { encoding: "utf8" },
  );
  const after = readdirSync(copy).length;
  rmSync(copy, { recursive: true, force: true });
  if (run.status !== 0) return [`drizzle-kit failed: ${run.stderr}`];
  return after === before ? [] : ["the schema has changes without a migration: npm run migrations"];
}
