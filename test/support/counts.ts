import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FILE_VARIABLE = "ZONE_STEWARD_SEEN_COUNTS";

/** How often something is tried that could be tried for ever; the name is the environment variable. */
interface Count {
  readonly usual: number;
  /** What `npm run test:long` does. */
  readonly long: number;
  readonly of: string;
}

/** What `npm test` bounds, to end within 12 minutes on 2 cores. */
export const COUNTS = {
  FUZZ_RUNS: { usual: 3_000, long: 200_000, of: "generated envelopes and bodies for each rule" },
  FUZZ_FRAMES: { usual: 20_000, long: 200_000, of: "hostile frames against one steward" },
  API_FUZZ_RUNS: { usual: 5, long: 100, of: "fuzzed requests for each operation of the admin API" },
  SCHEMA_RUNS: { usual: 2_000, long: 20_000, of: "generated schemas and params" },
  MODEL_RUNS: { usual: 150, long: 2_000, of: "histories compared with the model of zones" },
  KILL_RUNS: { usual: 10, long: 50, of: "kills of a steward that 50 agents talk over" },
  CONTRACT_FUZZ_RUNS: { usual: 25, long: 1_000, of: "generated payments for each contract rule" },
  PAYMENT_SOAK_RUNS: { usual: 100, long: 1_000, of: "payments in a soak" },
  PAYMENT_SOAK_PAYERS: { usual: 20, long: 100, of: "payers in a soak" },
  REPLICATION_MEMBERS: { usual: 12, long: 60, of: "members of a zone that three stewards hold" },
  REPLICATION_STEPS: { usual: 200, long: 2_000, of: "messages and joins there" },
  REPLICATION_KILLS: { usual: 2, long: 10, of: "kills of its primary" },
  BACKUP_MIB: {
    usual: 16,
    long: 1_024,
    of: "MiB in a database that is backed up as it is written",
  },
  FEED_READERS: { usual: 60, long: 200, of: "readers of the feed that never read" },
  TAKEOVER_ROWS: { usual: 5, long: 99, of: "deaths of a primary around a payment, taken over" },
  WEBHOOK_EVENTS: {
    usual: 200,
    long: 1_000,
    of: "events to a webhook whose receiver fails, across a kill of the steward",
  },
  PAYMENT_SOAK_KILLS: { usual: 2, long: 20, of: "kills in a soak" },
} as const satisfies Record<string, Count>;

/** Combinations of a node's faults and a steward's deaths: `all`, so many of each table, or `FROM-TO`. */
export const CELLS = { name: "PAYMENT_FAULTS", of: "node faults and deaths around a payment" };

/** Reads how often to try something; the run's end says it. @throws Error where it is no number */
export function readCount(name: keyof typeof COUNTS): number {
  const { usual, long } = COUNTS[name];
  const count = Number(process.env[name] ?? usual);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`${name}: expected a number`);
  note({ name, done: count, all: long });
  return count;
}

/**
 * Chooses which rows of a table to run: all with `PAYMENT_FAULTS=all`, so many as that says, those that
 * 600 has and 300 has not where it says `300-600`, else `few` of them. The run's end says how many.
 * @throws Error where it is none of these
 */
export function chooseRows<Row>(
  all: readonly Row[],
  few: number | readonly Row[],
  choose = (count: number) => all.slice(0, count),
): readonly Row[] {
  const wanted = process.env[CELLS.name];
  const usual = () => (typeof few === "number" ? choose(Math.min(few, all.length)) : few);
  const rows = wanted === undefined ? usual() : cut(toPart(wanted, all.length), all, choose);
  note({ name: CELLS.name, done: rows.length, all: all.length });
  return rows;
}

interface Part {
  readonly from: number;
  readonly to: number;
}

function toPart(wanted: string, length: number): Part {
  if (wanted === "all") return { from: 0, to: length };
  const [, from = 0, to] = /^(?:(\d{1,9})-)?(\d{1,9})$/.exec(wanted) ?? [];
  if (to === undefined) throw new Error(`${CELLS.name}: expected "all", a number or "FROM-TO"`);
  return { from: Number(from), to: Math.min(Math.max(Number(to), 1), length) };
}

function cut<Row>(
  { from, to }: Part,
  all: readonly Row[],
  choose: (count: number) => readonly Row[],
): readonly Row[] {
  return from === 0 && to === all.length ? all : choose(to).slice(from);
}

interface Note {
  readonly name: string;
  readonly done: number;
  readonly all: number;
}

function note(one: Note): void {
  const file = process.env[FILE_VARIABLE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(one)}\n`);
}

/** Says at the end of a run what of the long tests it tried, and how to try more. */
export default function setup(): () => void {
  const dir = mkdtempSync(join(tmpdir(), "seen-counts-"));
  const file = join(dir, "counts");
  writeFileSync(file, "");
  process.env[FILE_VARIABLE] = file;
  return () => {
    const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
    rmSync(dir, { recursive: true });
    process.stdout.write(toReport(lines.map((line) => JSON.parse(line))));
  };
}

/** Words the end of a run: empty where nothing was bounded. */
function toReport(notes: readonly Note[]): string {
  const cells = notes.filter(({ name }) => name === CELLS.name);
  const sum = (pick: (note: Note) => number) => cells.reduce((n, note) => n + pick(note), 0);
  const counts = new Map(notes.filter(({ name }) => name in COUNTS).map((one) => [one.name, one]));
  const rows = [...counts.values()].map((one) => {
    const of: string = COUNTS[one.name as keyof typeof COUNTS].of;
    return { ...one, of };
  });
  if (cells.length > 0) {
    rows.push({ ...CELLS, done: sum(({ done }) => done), all: sum(({ all }) => all) });
  }
  if (rows.length === 0) return "";
  const lines = rows.map(
    ({ name, done, all, of }) =>
      `  ${name.padEnd(20)} ${write(done).padStart(7)} of ${write(all).padStart(7)} ${of}\n`,
  );
  return [
    "This run tried, of what `npm run test:long` tries (hours; the usual counts end within 12 minutes on 2 cores):\n",
    ...lines,
    `More: set a name, ${rows[0]?.name}=${rows[0]?.all} npm test -- FILE; PAYMENT_FAULTS takes "all" and "300-600" too.\n`,
  ].join("");
}

function write(count: number): string {
  return count.toLocaleString("en-US");
}
