import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openEarlier } from "../support/earlier-database.ts";
import { createApi, startSteward, type TestSteward } from "../support/steward.ts";
import type { Reply } from "../support/wire-client.ts";
import { createTempDir, expectError, ZONE_INPUT } from "./support.ts";

test("a token works from its creation to its deletion and is stored only hashed", async () => {
  await using steward = await startSteward();
  const made = await steward.api("POST", "/v1/tokens", { name: "ci", scope: "read" });
  expect(made.status).toBe(201);
  const { token, ...row } = made.body;
  expect(row).toEqual({
    id: expect.stringMatching(/^tok_/),
    name: "ci",
    scope: "read",
    prefix: token.slice(0, 11),
    created_at: expect.any(Number),
  });
  expect(token).toMatch(/^zs_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
  const api = createApi(steward.httpUrl, token);
  expect((await api("GET", "/v1/zones")).status).toBe(200);
  const listed = await steward.api("GET", "/v1/tokens");
  expect(listed.body.tokens).toMatchObject([
    { name: "first", scope: "admin" },
    { ...row, last_used_at: expect.any(Number) },
  ]);
  expect(JSON.stringify(listed.body)).not.toContain(token);
  for (const file of readdirSync(steward.dataDir)) {
    expect(readFileSync(join(steward.dataDir, file)).includes(token)).toBe(false);
  }
  expect((await steward.api("DELETE", `/v1/tokens/${row.id}`)).status).toBe(204);
  expectError(await api("GET", "/v1/zones"), 401, "unauthorized");
  expectError(await steward.api("DELETE", `/v1/tokens/${row.id}`), 404, "not_found");
});

test("a token's end is kept, when it was last used is seen at once and survives a restart", async () => {
  using directory = createTempDir();
  let nowMs = Date.now();
  const options = { dataDir: directory.path, nowMs: () => nowMs };
  let made: Reply;
  let admin: string;
  const expires_at = Math.floor(nowMs / 1000) + 3600;
  {
    await using steward = await startSteward(options);
    admin = steward.token;
    made = (await steward.api("POST", "/v1/tokens", { name: "x", scope: "read", expires_at })).body;
    expect(made).toMatchObject({ expires_at });
    expect(made).not.toHaveProperty("last_used_at");
    const past = { name: "y", scope: "read", expires_at: expires_at - 3600 };
    expectError(await steward.api("POST", "/v1/tokens", past), 400, "invalid_request");
    nowMs += 1_000_000;
    expect((await createApi(steward.httpUrl, made.token)("GET", "/v1/zones")).status).toBe(200);
    const [, row] = (await steward.api("GET", "/v1/tokens")).body.tokens;
    expect(row.last_used_at).toBe(Math.floor(nowMs / 1000));
  }
  await using steward = await startSteward(options);
  const [, row] = (await createApi(steward.httpUrl, admin)("GET", "/v1/tokens")).body.tokens;
  expect(row.last_used_at).toBe(Math.floor(nowMs / 1000));
  nowMs = expires_at * 1000;
  const late = await createApi(steward.httpUrl, made.token)("GET", "/v1/zones");
  expectError(late, 401, "unauthorized");
  expect(late.body.error.message).toContain("expired");
});

test("there are no more tokens than may be, and one that expired is no admin who is left", async () => {
  let nowMs = Date.now();
  await using steward = await startSteward({
    config: { admin: { tokens_max: 3 } },
    nowMs: () => nowMs,
  });
  const make = (name: string, expires_at?: number) =>
    steward.api("POST", "/v1/tokens", { name, scope: "admin", expires_at });
  const [{ id }] = (await steward.api("GET", "/v1/tokens")).body.tokens;
  expect((await make("short", Math.floor(nowMs / 1000) + 60)).status).toBe(201);
  nowMs += 60_000;
  expectError(await steward.api("DELETE", `/v1/tokens/${id}`), 409, "conflict");
  expect((await make("long")).status).toBe(201);
  expectError(await make("more"), 409, "conflict");
});

test("an Idempotency-Key makes one token, whose text is not told again", async () => {
  await using steward = await startSteward();
  const body = { name: "ci", scope: "read" };
  const make = (name = "ci") =>
    steward.api("POST", "/v1/tokens", { ...body, name }, { "idempotency-key": "k" });
  const first = await make();
  const again = await make();
  const { token, ...row } = first.body;
  expect(again.body).toEqual(row);
  expect([first, again].map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([
    null,
    "true",
  ]);
  expect((await steward.api("GET", "/v1/tokens")).body.tokens.length).toBe(2);
  expectError(await make("other"), 409, "conflict");
});

test("a token that an earlier version made goes on working", async () => {
  using directory = createTempDir();
  const text = `zs_${"x".repeat(43)}`;
  const raw = openEarlier(join(directory.path, "steward.sqlite"), 15);
  const hash = createHash("sha256").update(text).digest("hex");
  raw.prepare("INSERT INTO admin_tokens VALUES ('tok_1', ?, 'old', 'admin', 1)").run(hash);
  raw.close();
  await using steward = await startSteward({ dataDir: directory.path });
  expect(steward.token).toBe("");
  const api = createApi(steward.httpUrl, text);
  expect((await api("GET", "/v1/tokens")).body.tokens).toMatchObject([{ id: "tok_1" }]);
  expect((await createApi(steward.httpUrl, `${text}x`)("GET", "/v1/tokens")).status).toBe(401);
});

test("the last admin token stays; with a second one the first can go", async () => {
  await using steward = await startSteward();
  const [{ id }] = (await steward.api("GET", "/v1/tokens")).body.tokens;
  await steward.api("POST", "/v1/tokens", { name: "helper", scope: "operate" });
  expectError(await steward.api("DELETE", `/v1/tokens/${id}`), 409, "conflict");
  const made = await steward.api("POST", "/v1/tokens", { name: "second", scope: "admin" });
  expect((await steward.api("DELETE", `/v1/tokens/${id}`)).status).toBe(204);
  expectError(await steward.api("GET", "/v1/tokens"), 401, "unauthorized");
  expect((await createApi(steward.httpUrl, made.body.token)("GET", "/v1/tokens")).status).toBe(200);
});

test.each([
  ["no name", { scope: "read" }],
  ["an unknown scope", { name: "x", scope: "root" }],
  ["an unknown field", { name: "x", scope: "read", token: "mine" }],
])("a token with %s is 400", async (_name, body) => {
  await using steward = await startSteward();
  expectError(await steward.api("POST", "/v1/tokens", body), 400, "invalid_request");
});

test("an Idempotency-Key is its token's: another token's request with it is another request", async () => {
  await using steward = await startSteward();
  const made = await steward.api("POST", "/v1/tokens", { name: "other", scope: "admin" });
  const other = createApi(steward.httpUrl, made.body.token);
  const key = { "idempotency-key": "same" };
  const ask = (api: TestSteward["api"], name: string) =>
    api("POST", "/v1/zones", { ...ZONE_INPUT, name }, key);
  const mine = await ask(steward.api, "mine");
  const theirs = await ask(other, "theirs");
  expect([mine.status, theirs.status]).toEqual([201, 201]);
  expect(theirs.body.id).not.toBe(mine.body.id);
  for (const [api, name, first] of [
    [steward.api, "mine", mine],
    [other, "theirs", theirs],
  ] as const) {
    const again = await ask(api, name);
    expect([again.body.id, again.headers.get("idempotency-replayed")]).toEqual([
      first.body.id,
      "true",
    ]);
  }
  const { zones } = (await steward.api("GET", "/v1/zones")).body;
  expect(zones).toHaveLength(2);
});
