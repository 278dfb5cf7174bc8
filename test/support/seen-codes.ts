import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WIRE_ERRORS, ZONE_ERRORS } from "../../src/error-catalogue.ts";

const FILE_VARIABLE = "ZONE_STEWARD_SEEN_CODES";

/** Codes no part that exists yet can answer with; the replication issue takes them away. */
const NOT_REACHABLE = ["not_steward", "replica_not_ready", "steward_unavailable"];

/** Notes a code that came from a steward, over a socket. */
export function noteCode(code: unknown): void {
  const file = process.env[FILE_VARIABLE];
  if (file !== undefined) appendFileSync(file, `${String(code)}\n`);
}

/** Lists, after the whole suite, the codes no test provoked; a run of some files checks nothing. */
export default function setup(): () => void {
  const dir = mkdtempSync(join(tmpdir(), "seen-codes-"));
  const file = join(dir, "codes");
  writeFileSync(file, "");
  process.env[FILE_VARIABLE] = file;
  const isWholeSuite = process.argv.slice(2).every((arg) => arg === "run" || arg.startsWith("-"));
  return () => {
    const seen = new Set(readFileSync(file, "utf8").split("\n"));
    rmSync(dir, { recursive: true });
    if (!isWholeSuite) return;
    const all = [...Object.keys(WIRE_ERRORS), ...Object.keys(ZONE_ERRORS)];
    const missing = all.filter((code) => !seen.has(code));
    const unexpected = missing.filter((code) => !NOT_REACHABLE.includes(code));
    process.stdout.write(`codes no test provoked: ${missing.join(", ") || "none"}\n`);
    if (unexpected.length === 0) return;
    process.stdout.write(`expected to be provoked: ${unexpected.join(", ")}\n`);
    process.exitCode = 1;
  };
}
