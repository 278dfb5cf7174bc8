import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../../src/protocol/ids.ts";
import { startSteward, type TestSteward } from "../../support/steward.ts";
import { WireClient } from "../../support/wire-client.ts";
import { createNodeId } from "../support.ts";
import { Browser, findForm } from "./browser.ts";

const DOWN = "http://127.0.0.1:1/";
let steward: TestSteward;
let browser: Browser;
let member: WireClient;
beforeAll(async () => {
  steward = await startSteward({
    config: {
      handlers: {
        "*": {
          echo: { type: "echo" },
          helped: { type: "provider" },
          far: { type: "http", url: DOWN, allow_private: ["127.0.0.1"] },
        },
      },
    },
  });
  member = await WireClient.connect(steward.wireUrl, { name: "<b>mallory</b>" });
  browser = new Browser(steward);
  await browser.login(steward.token);
});
afterAll(async () => {
  await member[Symbol.asyncDispose]();
  await steward[Symbol.asyncDispose]();
});

async function startZone(fields: Record<string, unknown> = {}): Promise<string> {
  const id = await steward.createZone(fields);
  await member.ask({ type: "zone.join", zone_id: id });
  return `/admin/zones/${id}`;
}

test("a zone is created by its form as its manifest says, found by its name, and ends by stop and delete", async () => {
  const made = await browser.submit("/admin/zones/new", "createZone", {
    "f.name": "Harbour",
    "f.description": "Where ships' agents meet.",
    "f.type": "service",
    "f.open": "no",
    "f.max_members": "7",
    "f.actions": '[{"name": "echo", "description": "Answers."}]',
  });
  expect(made.status).toBe(303);
  const at = String(made.headers.get("location")).replace("?done=createZone", "");
  const id = at.replace("/admin/zones/", "");
  const zone = (await steward.api("GET", `/v1/zones/${id}`)).body;
  expect(zone.envelope.manifest).toMatchObject({
    name: "Harbour",
    type: "service",
    rules: { open: false, max_members: 7 },
    actions: [{ name: "echo" }],
  });
  const found = await browser.open("/admin/zones?keyword=harb&type=service");
  expect(found.text).toContain(`<a href="${at}">Harbour</a>`);
  expect((await browser.open("/admin/zones?keyword=nothing-like-it")).text).toContain(
    "No zone is like that",
  );
  const stop = await browser.submit(at, "stopZone", { confirmed: "yes" });
  expect(stop.status).toBe(303);
  const asked = await browser.submit(at, "deleteZone");
  expect(asked.text).toContain("They do not come back.");
  const gone = await browser.open("/admin/do/deleteZone", {
    form: findForm(asked.text, "deleteZone"),
  });
  expect(gone.headers.get("location")).toBe("/admin/zones?done=deleteZone");
  expect((await browser.open(at)).status).toBe(404);
});

test("a form that is wrong says what is wrong, and still has what was filled in", async () => {
  const answer = await browser.submit("/admin/zones/new", "createZone", {
    "f.name": "kept name",
    "f.description": "kept description",
    "f.type": "open",
    "f.max_members": "many",
  });
  expect(answer.status).toBe(400);
  expect(answer.text).toContain("max_members");
  expect(answer.text).toContain('value="kept name"');
  expect(answer.text).toContain('value="kept description"');
});

test("what a zone says is changed by the next epoch, and nothing else of it", async () => {
  const wallet = `0x${"ab".repeat(20)}`;
  const at = await startZone({ topic: "before", creator: { wallet }, creator_fee_bps: 50 });
  const path = `/v1/zones/${at.slice(13)}`;
  const before = (await steward.api("GET", path)).body.envelope.manifest;
  const shown = (await browser.open(at)).text;
  const said = /name="f.manifest"[^>]*>([^<]+)</.exec(shown)?.[1]?.replaceAll("&quot;", '"') ?? "";
  const changed = { ...JSON.parse(said), topic: "after" };
  const done = await browser.submit(at, "updateZone", { "f.manifest": JSON.stringify(changed) });
  expect([done.status, done.headers.get("location")]).toEqual([303, `${at}?done=updateZone`]);
  const { epoch, envelope } = (await steward.api("GET", path)).body;
  expect([epoch, envelope.manifest]).toEqual([2, { ...before, topic: "after" }]);
});

test("a form that was changed meanwhile by somebody else is refused by its epoch", async () => {
  const at = await startZone();
  const page = await browser.open(at);
  const id = at.replace("/admin/zones/", "");
  const changed = { name: "test-zone", description: "Changed.", type: "open" };
  await steward.api("PUT", `/v1/zones/${id}`, changed, { "if-match": '"1"' });
  const form = { ...findForm(page.text, "stopZone"), confirmed: "yes" };
  const answer = await browser.open("/admin/do/stopZone", { form });
  expect(answer.status).toBe(412);
  expect(answer.text).toContain("The zone is at epoch 2.");
});

test("each action of a zone says who runs it and whether that works, and a host that calls are kept from is let through", async () => {
  const at = await startZone({
    actions: ["echo", "helped", "far", "unserved"].map((name) => ({ name, description: "Does." })),
  });
  const zone_id = at.replace("/admin/zones/", "");
  const before = await browser.open(at);
  expect(before.text).toContain("handlers.*.unserved");
  expect(before.text).toContain("members, 0 of 0 connected");
  const approved = await browser.submit(`${at}/access`, "putProvider", {
    "p.node_id": member.nodeId,
    "f.actions": "helped",
  });
  expect(approved.status).toBe(303);
  expect((await browser.open(at)).text).toContain("members, 1 of 1 connected");
  for (let i = 0; i < 5; i++) {
    await member.ask({
      type: "zone.request",
      zone_id,
      request_id: `r${i}`,
      action: "far",
      params: {},
    });
  }
  expect((await browser.open(at)).text).toContain("kept from");
  expect((await browser.open("/admin")).text).toContain("Calls are kept from 127.0.0.1:1");
  expect((await browser.submit(at, "closeBreaker")).status).toBe(303);
  expect((await browser.open(at)).text).not.toContain("kept from");
});

test("a member is removed, banned with a reason and let in again, each seen on the page and in the zone", async () => {
  const at = await startZone();
  const page = `${at}/members`;
  const shown = (await browser.open(page)).text;
  expect(shown).toContain("&lt;b&gt;mallory&lt;/b&gt;");
  expect(shown).toContain(`title="steward member remove ${at.slice(13)} ${member.nodeId}"`);
  expect((await browser.submit(page, "removeMember")).status).toBe(303);
  expect((await browser.open(page)).text).toContain("Nobody is in.");
  const asked = await browser.submit(page, "putZoneBan", {
    "p.node_id": member.nodeId,
    "f.reason": "it's noise",
    "f.hours": "2",
  });
  expect(asked.text).toContain(
    `steward ban add ${at.slice(13)} ${member.nodeId} --reason &#39;it&#39;\\&#39;&#39;s noise&#39; --expires-in 2h`,
  );
  const form = {
    ...findForm(asked.text, "putZoneBan"),
    "f.reason": "it's noise",
    "f.hours": "2",
  };
  expect((await browser.open("/admin/do/putZoneBan", { form })).status).toBe(303);
  expect((await browser.open(page)).text).toContain("it&#39;s noise");
  const zone_id = at.slice(13);
  expect(await member.ask({ type: "zone.join", zone_id })).toMatchObject({ code: "banned" });
  expect((await browser.submit(page, "removeZoneBan")).status).toBe(303);
  expect(await member.ask({ type: "zone.join", zone_id })).not.toHaveProperty("code");
});

test("the commands of buttons in a table stand below it, with names for what differs from row to row", async () => {
  const at = await startZone();
  const id = at.slice(13);
  const one = (await browser.open(`${at}/members`)).text;
  expect(one).toContain(`<code>steward member remove ${id} ${member.nodeId}</code>`);
  await using other = await WireClient.connect(steward.wireUrl);
  await other.ask({ type: "zone.join", zone_id: id });
  const two = (await browser.open(`${at}/members`)).text;
  expect(two).toContain(`<code>steward member remove ${id} &lt;node-id&gt;</code>`);
  expect(two).toContain(`<code>steward ban add ${id} &lt;node-id&gt;</code>`);
});

test("an invitation's secret is shown once, admits, and is worthless once revoked", async () => {
  const at = await startZone({ rules: { open: false } });
  const page = `${at}/access`;
  const made = await browser.submit(page, "createInvite", { "f.max_uses": "3" });
  const secret = /<code class="secret">([^<]+)<\/code>/.exec(made.text)?.[1] ?? "";
  expect(made.status).toBe(200);
  const zone_id = at.slice(13);
  await using guest = await WireClient.connect(steward.wireUrl);
  expect(await guest.ask({ type: "zone.join", zone_id, invite: secret })).not.toHaveProperty(
    "code",
  );
  const shown = (await browser.open(page)).text;
  expect(shown).toContain("1 of 3");
  expect(shown).not.toContain(secret);
  expect((await browser.submit(page, "revokeInvite")).status).toBe(303);
  expect((await browser.open(page)).text).toContain("revoked");
  await using late = await WireClient.connect(steward.wireUrl);
  expect(await late.ask({ type: "zone.join", zone_id, invite: secret })).toHaveProperty("code");
});

test("every epoch is shown with its signature checked, and every entry of the log with its hash computed anew", async () => {
  const at = await startZone();
  const zone_id = at.slice(13);
  const changed = { name: "test-zone", description: "Second.", type: "open" };
  await steward.api("PUT", `/v1/zones/${zone_id}`, changed, { "if-match": '"1"' });
  const epochs = (await browser.open(`${at}/epochs`)).text;
  expect(epochs.match(/<span class="badge good">valid<\/span>/g)?.length).toBe(2);
  expect(epochs.match(/<span class="badge good">yes<\/span>/g)?.length).toBe(2);
  for (let i = 0; i < 60; i++) {
    await member.ask({
      type: "zone.message",
      zone_id,
      id: createId("zmsg"),
      content: `<i>${i}</i>`,
    });
  }
  const newest = (await browser.open(`${at}/log`)).text;
  expect(newest).toContain("hashes match");
  expect(newest).toContain("&lt;i&gt;59&lt;/i&gt;");
  const older = /href="([^"]+)">Older</.exec(newest)?.[1] ?? "";
  expect((await browser.open(older)).text).toContain("hashes match");
  expect((await browser.open(`${at}/log?after=0`)).text).toMatch(/data-title="Seq">1<\/td>/);
});

test("an epoch or an entry that was altered in the database is told as such", async () => {
  const at = await startZone();
  const zone_id = at.slice(13);
  const { default: Database } = await import("better-sqlite3");
  const raw = new Database(`${steward.dataDir}/steward.sqlite`);
  raw
    .prepare(
      "UPDATE zone_envelopes SET envelope = replace(envelope, 'A zone', 'A Zone') WHERE zone_id = ?",
    )
    .run(zone_id);
  raw
    .prepare("UPDATE zone_log SET node_id = ? WHERE zone_id = ? AND seq = 1")
    .run(createNodeId(), zone_id);
  raw.close();
  expect((await browser.open(`${at}/epochs`)).text).toContain("not valid");
  expect((await browser.open(`${at}/log`)).text).toContain("hashes do not match");
});
