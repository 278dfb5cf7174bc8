import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { createApi, startSteward, type TestSteward } from "../support/steward.ts";
import { createTempDir, expectError, ZONE_INPUT } from "./support.ts";

const HEADERS = { "idempotency-key": "k" };
const DAY_MS = 86_400_000;

/** Writes the keys as versions did that did not tell those of tokens apart. */
function forgetTokens(dataDir: string): void {
  const raw = new Database(join(dataDir, "steward.sqlite"));
  const keys = "SELECT key FROM idempotency_keys ORDER BY key";
  raw.prepare("UPDATE idempotency_keys SET key = substr(key, instr(key, ' ') + 1)").run();
  expect(raw.prepare(keys).pluck().all()).toEqual(["POST /v1/tokens k", "POST /v1/zones k"]);
  raw.close();
}

test("a repetition across an upgrade does nothing again: an Idempotency-Key of before is answered as it was then, whosever it is, for its day", async () => {
  using directory = createTempDir();
  const dataDir = directory.path;
  let nowMs = Date.now();
  const start = () => startSteward({ dataDir, nowMs: () => nowMs });
  const token = { name: "other", scope: "admin" };
  const before = await start();
  const zone = await before.api("POST", "/v1/zones", ZONE_INPUT, HEADERS);
  const made = await before.api("POST", "/v1/tokens", token, HEADERS);
  expect([zone.status, made.status]).toEqual([201, 201]);
  await before[Symbol.asyncDispose]();
  forgetTokens(dataDir);

  await using after = await start();
  const mine = createApi(after.httpUrl, before.token);
  const theirs = createApi(after.httpUrl, made.body.token);
  const create = (api: TestSteward["api"], name = ZONE_INPUT.name, headers = HEADERS) =>
    api("POST", "/v1/zones", { ...ZONE_INPUT, name }, headers);
  for (const api of [mine, theirs]) {
    const again = await create(api);
    expect([again.status, again.body]).toEqual([201, zone.body]);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expectError(await create(api, "other"), 409, "conflict");
  }
  const { token: _, ...row } = made.body;
  expect((await mine("POST", "/v1/tokens", token, HEADERS)).body).toEqual(row);
  expect((await mine("GET", "/v1/zones")).body.zones).toEqual([zone.body]);
  expect((await mine("GET", "/v1/tokens")).body.tokens).toHaveLength(2);

  const next = { "idempotency-key": "next" };
  const [own, other] = [await create(mine, "own", next), await create(theirs, "theirs", next)];
  expect([own.status, other.status]).toEqual([201, 201]);
  nowMs += DAY_MS + 1000;
  const later = await create(mine);
  expect([later.status, later.headers.get("idempotency-replayed")]).toEqual([201, null]);
  expect(later.body.id).not.toBe(zone.body.id);
});
