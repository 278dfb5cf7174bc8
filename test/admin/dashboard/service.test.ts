import { afterAll, beforeAll, expect, test } from "vitest";
import { startSteward, type TestSteward } from "../../support/steward.ts";
import { WireClient } from "../../support/wire-client.ts";
import { createNodeId } from "../support.ts";
import { Browser, findForm, waitForPage } from "./browser.ts";

const HOSTILE = `<script>alert(1)</script>"'><img src=x>`;
const MESSAGES = 10;
const PAGES = [
  ...["/admin/payments", "/admin/payments/waiting", "/admin/escrows", "/admin/claims"],
  ...["/admin/replication", "/admin/sessions", "/admin/sessions/bans", "/admin/backups"],
] as const;
const ADMIN_PAGES = ["/admin/audit", "/admin/tokens", "/admin/config"] as const;

let steward: TestSteward;
let admin: Browser;
let reader: Browser;

beforeAll(async () => {
  steward = await startSteward({
    config: {
      replication: { allow: ["*"] },
      limits: { unknown: { messages_per_second: MESSAGES }, violations: 2 },
    },
  });
  admin = new Browser(steward);
  await admin.login(steward.token);
  reader = new Browser(steward);
  const eyes = await steward.api("POST", "/v1/tokens", { name: "eyes", scope: "read" });
  await reader.login(eyes.body.token);
});
afterAll(() => steward[Symbol.asyncDispose]());

async function readNewest() {
  return (await steward.api("GET", "/v1/audit?order=desc&limit=1")).body.entries[0];
}

test("scope read sees the pages of its routes without a button, and neither sees nor opens those of scope admin", async () => {
  for (const path of PAGES) {
    const { status, text } = await reader.open(path);
    expect([path, status, text.includes("/admin/do/")]).toEqual([path, 200, false]);
    for (const hidden of ADMIN_PAGES) expect(text).not.toContain(`href="${hidden}"`);
  }
  for (const path of ADMIN_PAGES) {
    expect([path, (await reader.open(path)).status]).toEqual([path, 403]);
    expect([path, (await admin.open(path)).status]).toEqual([path, 200]);
  }
});

test("a token is made with its text shown once, and revoking it after a question ends what it could do", async () => {
  const fields = { "f.name": HOSTILE.slice(0, 60), "f.scope": "operate", "f.hours": "2" };
  const made = await admin.submit("/admin/tokens", "createToken", fields);
  const text = /<code class="secret">(zs_[^<]+)<\/code>/.exec(made.text)?.[1] ?? "";
  expect(
    (await steward.api("GET", "/v1/zones", undefined, { authorization: `Bearer ${text}` })).status,
  ).toBe(200);
  const page = await admin.open("/admin/tokens");
  expect(page.text).not.toContain(text);
  expect(page.text).toContain("&lt;script&gt;");
  expect(page.text).not.toMatch(/<script>|<img/);
  const { tokens } = (await steward.api("GET", "/v1/tokens")).body;
  const { id } = tokens.find(({ scope }: { scope: string }) => scope === "operate");
  const at = [...page.text.matchAll(/name="p.token_id" value="([^"]+)"/g)].findIndex(
    ([, found]) => found === id,
  );
  const asked = await admin.submit("/admin/tokens", "deleteToken", {}, at);
  expect(asked.text).toContain(`<code>steward token revoke ${id}</code>`);
  const form = findForm(asked.text, "deleteToken");
  expect((await admin.open("/admin/do/deleteToken", { form })).status).toBe(303);
  const after = await steward.api("GET", "/v1/zones", undefined, {
    authorization: `Bearer ${text}`,
  });
  expect(after.status).toBe(401);
  const audit = await admin.open("/admin/audit");
  expect(audit.text).toContain("DELETE /v1/tokens/{token_id}");
  expect(audit.text).not.toContain(text);
  expect(audit.text).not.toMatch(/<script>|<img/);
  const wrong = await admin.submit("/admin/tokens", "createToken", { ...fields, "f.hours": "-1" });
  expect([wrong.status, wrong.text.includes("expected a number above 0")]).toEqual([400, true]);
});

test("the audit log is shown in pages, the newest first", async () => {
  for (let count = 0; count < 51; count++) {
    await steward.api("POST", "/v1/tokens", { name: `t${count}`, scope: "read" });
  }
  const first = await admin.open("/admin/audit");
  const next = /rel="next" href="([^"]+)"/.exec(first.text)?.[1] ?? "";
  const second = await admin.open(next);
  const countRows = (text: string) =>
    text.split("<tbody")[1]?.match(/<tr role="row">/g)?.length ?? 0;
  expect(countRows(first.text)).toBe(50);
  expect(countRows(second.text)).toBeGreaterThan(0);
  expect(second.text).toContain("First page");
  const tokens = await admin.open("/admin/tokens");
  expect(tokens.text).toContain('rel="next"');
});

test("a session is ended from its page, whatever its peer calls itself, and a node that the limits banned is let back", async () => {
  await using loud = await WireClient.connect(steward.wireUrl, { name: HOSTILE });
  const page = await admin.open("/admin/sessions");
  expect(page.text).toContain("&lt;script&gt;");
  expect(page.text).not.toMatch(/<script>|<img/);
  expect((await admin.submit("/admin/sessions", "endSession")).status).toBe(303);
  await loud.waitClosed();
  expect(await readNewest()).toMatchObject({
    action: "DELETE /v1/sessions/{session_id}",
    before: { node_id: loud.nodeId },
    status: 204,
  });
  await using flood = await WireClient.connect(steward.wireUrl);
  for (let count = 0; count < MESSAGES + 2; count++) flood.sendBody({ type: "zone.discover" });
  for (let count = 0; count < 2; count++) await flood.next("error");
  const bans = await reader.open("/admin/sessions/bans");
  expect(bans.text).toContain(`title="${flood.nodeId}"`);
  expect((await admin.submit("/admin/sessions/bans", "liftWireBan")).status).toBe(303);
  const after = await reader.open("/admin/sessions/bans");
  expect(after.text).toContain("Nobody is banned from the wire.");
  await using spammer = await WireClient.connect(steward.wireUrl);
  const ask = await admin.submit("/admin/sessions/bans", "putWireBan", {
    "p.node_id": spammer.nodeId,
    "f.hours": "24",
    "f.reason": HOSTILE,
  });
  expect(ask.text).toContain(`steward ban wire-add ${spammer.nodeId} --expires-in 24h`);
  const ban = findForm(ask.text, "putWireBan");
  expect((await admin.open("/admin/do/putWireBan", { form: ban })).status).toBe(303);
  await spammer.waitClosed();
  const banned = await reader.open("/admin/sessions/bans");
  expect(banned.text).toContain(`title="${spammer.nodeId}"`);
  expect(banned.text).not.toMatch(/<script>|<img/);
});

test("a backup is made from its page and shown when it is complete", async () => {
  expect((await reader.open("/admin/backups")).text).toContain("There is no backup.");
  const done = await admin.submit("/admin/backups", "createBackup");
  expect([done.status, done.headers.get("location")]).toEqual([
    303,
    "/admin/backups?done=createBackup",
  ]);
  const page = await waitForPage(admin, "/admin/backups", (text) =>
    text.includes('<span class="badge good">complete</span>'),
  );
  expect(page).toMatch(/data-title="Size">[\d.]+ [KM]iB/);
  expect(await readNewest()).toMatchObject({ action: "POST /v1/backups" });
});

test("the configuration in force is shown without secrets, and reading it again says why it cannot be", async () => {
  const page = await admin.open("/admin/config");
  expect(page.text).toContain("<code>limits.unknown.messages_per_second</code>");
  expect(page.text).toContain("<code>replication.allow.0</code>");
  const answer = await admin.submit("/admin/config", "reloadConfig");
  expect(answer.status).toBe(409);
  expect(answer.text).toContain("it has no configuration to read");
});

test("a replicated zone's page says how it stands, names another steward after a question, and removes it", async () => {
  expect((await reader.open("/admin/replication")).text).toContain(
    "<code>replication.allow</code>",
  );
  const node_id = createNodeId();
  const zone = await steward.createZone();
  const url = "ws://127.0.0.1:1/wire";
  const added = await steward.api("POST", `/v1/zones/${zone}/stewards`, {
    node_id,
    entrypoint: url,
  });
  expect(added.status).toBe(202);
  const list = await reader.open("/admin/replication");
  expect(list.text).toContain(`href="/admin/replication/${zone}"`);
  const at = `/admin/replication/${zone}`;
  const page = await reader.open(at);
  expect(page.text).toContain(`title="${node_id}"`);
  expect(page.text).toContain("learner");
  expect(page.text).toContain("Nobody was caught.");
  expect(page.text).toContain("Nothing was set aside");
  const other = createNodeId();
  const ask = await admin.submit(at, "addSteward", { "f.node_id": other, "f.entrypoint": url });
  expect(ask.text).toContain(`<code>steward replica add ${zone} ${other} ${url}</code>`);
  const form = findForm(ask.text, "addSteward");
  expect((await admin.open("/admin/do/addSteward", { form })).status).toBe(303);
  expect((await reader.open(at)).text).toContain(`title="${other}"`);
  const promote = await admin.submit(at, "promoteReplica", { "f.accept_loss": "yes" });
  expect(promote.text).toContain(`steward replica promote ${zone} --accept-loss`);
  const asked = await admin.submit(at, "removeSteward");
  const removal = findForm(asked.text, "removeSteward");
  expect((await admin.open("/admin/do/removeSteward", { form: removal })).status).toBe(303);
  expect(await readNewest()).toMatchObject({
    action: "DELETE /v1/zones/{zone_id}/stewards/{node_id}",
    ids: { zone_id: zone, node_id: removal["p.node_id"] },
    status: 200,
  });
  expect((await reader.open(at)).text).not.toContain(`title="${removal["p.node_id"]}"`);
  expect((await reader.open(`/admin/replication/${await steward.createZone()}`)).status).toBe(404);
});
