import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createApi, startSteward } from "../support/steward.ts";
import { expectError } from "./support.ts";

test("a token works from its creation to its deletion and is stored only hashed", async () => {
  await using steward = await startSteward();
  const made = await steward.api("POST", "/v1/tokens", { name: "ci", scope: "read" });
  expect(made.status).toBe(201);
  const { token, ...row } = made.body;
  expect(row).toEqual({
    id: expect.stringMatching(/^tok_/),
    name: "ci",
    scope: "read",
    created_at: expect.any(Number),
  });
  const api = createApi(steward.httpUrl, token);
  expect((await api("GET", "/v1/zones")).status).toBe(200);
  const listed = await steward.api("GET", "/v1/tokens");
  expect(listed.body.tokens).toMatchObject([{ name: "first", scope: "admin" }, row]);
  expect(JSON.stringify(listed.body)).not.toContain(token);
  for (const file of readdirSync(steward.dataDir)) {
    expect(readFileSync(join(steward.dataDir, file)).includes(token)).toBe(false);
  }
  expect((await steward.api("DELETE", `/v1/tokens/${row.id}`)).status).toBe(204);
  expectError(await api("GET", "/v1/zones"), 401, "unauthorized");
  expectError(await steward.api("DELETE", `/v1/tokens/${row.id}`), 404, "not_found");
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
