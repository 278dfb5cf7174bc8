import { afterAll, beforeAll, expect, test } from "vitest";
import { startSteward, type TestSteward } from "../../support/steward.ts";
import { createTempDir } from "../support.ts";
import { Browser } from "./browser.ts";

const HOUR_SECS = 3600;
let steward: TestSteward;
let nowMs = Date.now();
beforeAll(async () => {
  steward = await startSteward({
    config: {
      http: { port: 0, public_url: "https://steward.example", trusted_proxies: ["127.0.0.1"] },
      admin: {
        token_failures_per_minute: 5,
        token_delay_ms: 60,
        dashboard: { idle_secs: HOUR_SECS, lifetime_secs: 3 * HOUR_SECS, sessions_max: 3 },
      },
    },
    nowMs: () => nowMs,
  });
});
afterAll(() => steward[Symbol.asyncDispose]());

async function makeToken(fields: Record<string, unknown>) {
  return (await steward.api("POST", "/v1/tokens", { name: "other", scope: "read", ...fields }))
    .body;
}

test("without a session a page leads to the login, which leads back to it", async () => {
  const browser = new Browser(steward);
  const asked = await browser.open("/admin/zones?keyword=a");
  expect([asked.status, asked.headers.get("location")]).toEqual([
    303,
    "/admin/login?next=%2Fadmin%2Fzones%3Fkeyword%3Da",
  ]);
  const login = await browser.open(String(asked.headers.get("location")));
  expect(login.text).toContain('name="next" value="/admin/zones?keyword=a"');
  const form = { token: steward.token, next: "/admin/zones?keyword=a" };
  const answer = await browser.open("/admin/login", { form });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, form.next]);
  expect((await browser.open(form.next)).text).toContain("<h1>Zones</h1>");
});

test("a login never leads to another place than the dashboard", async () => {
  for (const next of [
    "https://evil.example",
    "//evil.example",
    "/v1/zones",
    "/admin\\@evil",
    "/administer",
  ]) {
    const browser = new Browser(steward);
    const answer = await browser.open("/admin/login", { form: { token: steward.token, next } });
    expect([next, answer.headers.get("location")]).toEqual([next, "/admin"]);
  }
});

test("the cookie is HttpOnly, SameSite=Strict and of /admin, and Secure where the browser came over https", async () => {
  const plain = await new Browser(steward).login(steward.token);
  const [cookie = ""] = plain.headers.getSetCookie();
  expect(cookie).toMatch(/^steward=[\w-]{43};/);
  for (const flag of ["HttpOnly", "SameSite=Strict", "Path=/admin", "Max-Age=10800"]) {
    expect(cookie).toContain(flag);
  }
  expect(cookie).not.toContain("Secure");
  const browser = new Browser(steward);
  const secure = await browser.login(steward.token, { origin: "https://steward.example" });
  expect(secure.headers.getSetCookie()[0]).toMatch(/^__Secure-steward=[\w-]{43};.* Secure/);
  expect((await browser.open("/admin")).status).toBe(200);
  expect(JSON.stringify([...secure.headers])).not.toContain(steward.token);
});

test("a logout ends the session wherever its cookie was copied to", async () => {
  const browser = new Browser(steward);
  await browser.login(steward.token);
  const { cookie } = browser;
  const csrf = /name="csrf" value="([^"]+)"/.exec((await browser.open("/admin")).text)?.[1] ?? "";
  const forged = await browser.open("/admin/logout", { form: { csrf: "" } });
  expect(forged.status).toBe(403);
  const answer = await browser.open("/admin/logout", { form: { csrf } });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/admin/login"]);
  expect(answer.headers.getSetCookie()[0]).toMatch(/^steward=;.*Max-Age=0/);
  browser.cookie = cookie;
  expect((await browser.open("/admin")).status).toBe(303);
  const { entries } = (await steward.api("GET", "/v1/audit?order=desc&limit=1")).body;
  expect(entries).toMatchObject([{ action: "dashboard logout", actor: "first" }]);
});

test("a session ends with its token: deleted or expired", async () => {
  for (const isDeleted of [true, false]) {
    const expires_at = Math.floor(nowMs / 1000) + 60;
    const made = await makeToken(isDeleted ? {} : { expires_at });
    const browser = new Browser(steward);
    await browser.login(made.token);
    expect((await browser.open("/admin")).status).toBe(200);
    if (isDeleted) await steward.api("DELETE", `/v1/tokens/${made.id}`);
    else nowMs += 60_000;
    expect((await browser.open("/admin")).status).toBe(303);
  }
});

test("a session in which nobody does anything ends, which a page's own refreshing does not hold up, and every session ends in time", async () => {
  const browser = new Browser(steward);
  await browser.login(steward.token);
  const live = { headers: { "x-dashboard-live": "1" } };
  for (let i = 0; i < 3; i++) {
    nowMs += 0.3 * HOUR_SECS * 1000;
    expect((await browser.open("/admin", live)).status).toBe(200);
  }
  nowMs += 0.2 * HOUR_SECS * 1000;
  expect((await browser.open("/admin", live)).status).toBe(401);
  await browser.login(steward.token);
  for (let i = 0; i < 3; i++) {
    nowMs += 0.9 * HOUR_SECS * 1000;
    expect((await browser.open("/admin")).status).toBe(200);
  }
  nowMs += 0.4 * HOUR_SECS * 1000;
  expect((await browser.open("/admin")).status).toBe(303);
});

test("beyond the number of sessions the one that was idle for longest ends", async () => {
  const browsers = Array.from({ length: 4 }, () => new Browser(steward));
  for (const browser of browsers) {
    await browser.login(steward.token);
    nowMs += 1000;
  }
  const statuses = [];
  for (const browser of browsers) statuses.push((await browser.open("/admin")).status);
  expect(statuses).toEqual([303, 200, 200, 200]);
});

test("a wrong token is told, noted in the audit log without its text, and whoever guesses is slowed", async () => {
  const headers = { "x-forwarded-for": "203.0.113.9" };
  const browser = new Browser(steward);
  for (let i = 0; i < 5; i++) {
    const answer = await browser.login(`zs_guess_${i}`, headers);
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []]);
    expect(answer.text).toContain("That is no token in force on this steward.");
  }
  const beganMs = performance.now();
  expect((await browser.login("zs_guess_5", headers)).status).toBe(401);
  expect(performance.now() - beganMs).toBeGreaterThan(55);
  const { entries } = (await steward.api("GET", "/v1/audit?order=desc")).body;
  expect(entries[0]).toMatchObject({ kind: "refused", address: "203.0.113.9", failures: 1 });
  expect(JSON.stringify(entries)).not.toContain("zs_guess");
});

test("a session goes on after a restart of the steward", async () => {
  using directory = createTempDir();
  const before = await startSteward({ dataDir: directory.path });
  const browser = new Browser(before);
  await browser.login(before.token);
  await before[Symbol.asyncDispose]();
  await using after = await startSteward({ dataDir: directory.path });
  const again = new Browser(after);
  again.cookie = browser.cookie;
  expect((await again.open("/admin")).status).toBe(200);
});

test("where the dashboard is off there is none", async () => {
  await using off = await startSteward({ config: { admin: { dashboard: { enabled: false } } } });
  expect((await new Browser(off).open("/admin/login")).status).toBe(404);
});
