import { afterAll, beforeAll, expect, test } from "vitest";
import { startSteward, type TestSteward } from "../../support/steward.ts";
import { WireClient } from "../../support/wire-client.ts";
import { Browser, findForm } from "./browser.ts";

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`;
let steward: TestSteward;
let admin: Browser;
let zone: string;
beforeAll(async () => {
  steward = await startSteward();
  zone = await steward.createZone({
    name: HOSTILE.slice(0, 64),
    description: HOSTILE,
    topic: HOSTILE,
    actions: [{ name: "echo", description: HOSTILE }],
  });
  admin = new Browser(steward);
  await admin.login(steward.token);
});
afterAll(() => steward[Symbol.asyncDispose]());

async function readState(): Promise<string> {
  return (await steward.api("GET", `/v1/zones/${zone}`)).body.state;
}

test("every answer under /admin has the policy that lets nothing run but the dashboard's own files, and is not stored", async () => {
  const stylesheet = /href="(\/admin\/assets\/[^"]+\.css)"/.exec((await admin.open("/admin")).text);
  const assets = [stylesheet?.[1] ?? "", "/admin/assets/none.css"];
  const pages = ["/admin", "/admin/zones", `/admin/zones/${zone}`, "/admin/login", "/admin/none"];
  for (const path of [...pages, ...assets]) {
    const { headers, status } = await admin.open(path);
    const policy = headers.get("content-security-policy");
    expect([path, policy]).toEqual([
      path,
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ]);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("same-origin");
    const isKept = path === assets[0];
    expect([path, status, headers.get("cache-control")]).toEqual([
      path,
      expect.any(Number),
      isKept ? "public, max-age=31536000, immutable" : "no-store",
    ]);
  }
});

test("a text of a manifest that is a script is shown as a text, on every page", async () => {
  const at = `/admin/zones/${zone}`;
  await using member = await WireClient.connect(steward.wireUrl, { name: HOSTILE.slice(0, 64) });
  await member.ask({ type: "zone.join", zone_id: zone });
  const parts = ["members", "epochs", "log"].map((part) => `${at}/${part}`);
  for (const path of [
    "/admin/zones",
    at,
    ...parts,
    `/admin/zones?keyword=${encodeURIComponent(HOSTILE)}`,
  ]) {
    const { status, text } = await admin.open(path);
    expect([path, status]).toEqual([path, 200]);
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(text).not.toMatch(/<script>|<img/);
    expect(text.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<\w[^<>]* (?:style|on\w+)=/);
  }
  const refused = await admin.submit("/admin/zones/new", "createZone", {
    "f.name": HOSTILE,
    "f.description": HOSTILE,
    "f.actions": "[",
  });
  expect(refused.status).toBe(400);
  expect(refused.text).toContain("&lt;script&gt;");
  expect(refused.text).not.toMatch(/<script>|<img/);
});

test("a form that another site sends, or that has no token of its session, changes nothing", async () => {
  const at = `/admin/zones/${zone}`;
  const page = await admin.open(at);
  const form = { ...findForm(page.text, "stopZone"), confirmed: "yes" };
  const other = new Browser(steward);
  await other.login(steward.token);
  const foreign = findForm((await other.open(at)).text, "stopZone").csrf ?? "";
  const post = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    admin.open("/admin/do/stopZone", { form: fields, headers });
  const refused = [
    await post({ ...form, csrf: "" }),
    await post({ ...form, csrf: foreign }),
    await post(form, { "sec-fetch-site": "cross-site" }),
    await post(form, { "sec-fetch-site": "same-site" }),
    await post(form, { origin: "https://evil.example" }),
    await post(form, { origin: "null" }),
    await new Browser(steward).open("/admin/do/stopZone", { form }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403, 401]);
  const login = { form: { token: steward.token }, headers: { origin: "https://evil.example" } };
  expect((await new Browser(steward).open("/admin/login", login)).status).toBe(403);
  expect(await readState()).toBe("active");
  const cookieless = await fetch(`${steward.httpUrl}/v1/zones`, {
    headers: { cookie: admin.cookie },
  });
  expect(cookieless.status).toBe(401);
});

test("a token of scope read sees pages and no button, and what it sends is refused", async () => {
  const made = (await steward.api("POST", "/v1/tokens", { name: "eyes", scope: "read" })).body;
  const reader = new Browser(steward);
  await reader.login(made.token);
  const at = `/admin/zones/${zone}`;
  for (const path of ["/admin", "/admin/zones", at]) {
    const { status, text } = await reader.open(path);
    expect([path, status, text.includes("/admin/do/")]).toEqual([path, 200, false]);
  }
  expect((await reader.open("/admin/zones/new")).status).toBe(403);
  const csrf = /name="csrf" value="([^"]+)"/.exec((await reader.open(at)).text)?.[1] ?? "";
  const form = { csrf, "p.zone_id": zone, back: at, epoch: "1", key: "" };
  for (const confirmed of ["", "yes"]) {
    const answer = await reader.open("/admin/do/stopZone", { form: { ...form, confirmed } });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain("The token lacks the scope for this route.");
  }
  expect(await readState()).toBe("active");
});

test("what ends something is asked first, is done by the route of the API once, and is in the audit log under the token's name", async () => {
  const id = await steward.createZone();
  const at = `/admin/zones/${id}`;
  const asked = await admin.submit(at, "stopZone");
  expect(asked.status).toBe(200);
  expect(asked.text).toContain(`<code>steward zone stop ${id}</code>`);
  expect((await steward.api("GET", `/v1/zones/${id}`)).body.state).toBe("active");
  const form = findForm(asked.text, "stopZone");
  const done = await admin.open("/admin/do/stopZone", { form });
  expect([done.status, done.headers.get("location")]).toEqual([303, `${at}?done=stopZone`]);
  expect((await admin.open(`${at}?done=stopZone`)).text).toContain("The zone is stopped.");
  expect((await admin.open("/admin/do/stopZone", { form })).status).toBe(303);
  const { entries } = (await steward.api("GET", "/v1/audit?order=desc&limit=50")).body;
  const own = entries.filter((entry: { ids?: { zone_id?: string } }) => entry.ids?.zone_id === id);
  expect(own).toMatchObject([
    { action: "POST /v1/zones/{zone_id}/stop", actor: "first", address: "127.0.0.1", status: 200 },
  ]);
});
