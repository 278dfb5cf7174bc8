import { afterAll, beforeAll, expect, test } from "vitest";
import { startSteward, type TestSteward } from "../../support/steward.ts";
import { WireClient } from "../../support/wire-client.ts";
import { Receiver } from "../../webhooks/receiver.ts";
import { Browser, findForm, waitForPage } from "./browser.ts";

let steward: TestSteward;
let receiver: Receiver;
let admin: Browser;
let reader: Browser;

beforeAll(async () => {
  receiver = await Receiver.start();
  steward = await startSteward({
    config: {
      webhooks: {
        allow_private: ["127.0.0.1"],
        retry_ms_first: 20,
        retry_ms_max: 50,
        attempts_max: 2,
      },
    },
  });
  admin = new Browser(steward);
  await admin.login(steward.token);
  reader = new Browser(steward);
  const eyes = await steward.api("POST", "/v1/tokens", { name: "eyes", scope: "read" });
  await reader.login(eyes.body.token);
});
afterAll(async () => {
  await steward?.[Symbol.asyncDispose]();
  await receiver?.[Symbol.asyncDispose]();
});

test("a webhook is made with its secret shown once, tested, sees what was given up and sends it again, and is removed", async () => {
  expect((await reader.open("/admin/webhooks")).text).toContain("Nothing is sent anywhere.");
  const fields = {
    "f.url": `${receiver.url}/s3cr3t?key=s3cr3t`,
    "f.events": "member.*, payment.*",
  };
  const refused = await admin.submit("/admin/webhooks", "createWebhook", fields);
  expect([refused.status, refused.text.includes("private")]).toEqual([400, true]);
  const made = await admin.submit("/admin/webhooks", "createWebhook", {
    ...fields,
    "f.allow_private": "yes",
  });
  const secret = /<code class="secret">(whsec_[^<]+)<\/code>/.exec(made.text)?.[1];
  expect(secret).toBeDefined();
  const [{ id }] = (await steward.api("GET", "/v1/webhooks")).body.webhooks;
  const at = `/admin/webhooks/${id}`;
  for (const path of ["/admin/webhooks", at, "/admin/audit"]) {
    const { status, text } = await admin.open(path);
    expect([path, status]).toEqual([path, 200]);
    expect(text).not.toContain(secret);
    expect(text).not.toContain("s3cr3t");
  }
  const tried = await admin.submit(at, "testWebhook");
  expect(tried.text).toContain("The receiver took it");
  receiver.answer = (response) => response.writeHead(500).end();
  const failed = await admin.submit(at, "testWebhook");
  expect(failed.text).toContain("<b>It was not taken:</b> it answered 500. Correct");
  const zone = await steward.createZone();
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: zone });
  const dead = await waitForPage(admin, `${at}?state=dead`, (text) =>
    text.includes('<span class="badge bad">dead</span>'),
  );
  expect(dead).toContain("1 deliveries were given up.");
  expect(dead).toMatch(/data-title="Answer">500/);
  const seen = await reader.open(at);
  expect(seen.text).toContain("member.joined");
  expect(seen.text).not.toContain("/admin/do/");
  receiver.answer = (response) => response.writeHead(204).end();
  const again = await admin.submit(`${at}?state=dead`, "replayWebhookDelivery");
  expect([again.status, again.headers.get("location")]).toEqual([
    303,
    `${at}?state=dead&done=replayWebhookDelivery`,
  ]);
  await waitForPage(admin, at, (text) =>
    text.includes('<span class="badge good">delivered</span>'),
  );
  const paused = await admin.submit(at, "updateWebhook", { "f.state": "paused" });
  expect(paused.status).toBe(303);
  expect((await reader.open(at)).text).toContain('<span class="badge idle">paused</span>');
  const asked = await admin.submit(at, "rotateWebhookSecret");
  const rotated = await admin.open("/admin/do/rotateWebhookSecret", {
    form: findForm(asked.text, "rotateWebhookSecret"),
  });
  expect(rotated.text).toMatch(/<code class="secret">whsec_/);
  const question = await admin.submit(at, "deleteWebhook");
  expect(question.text).toContain(`<code>steward webhook remove ${id}</code>`);
  const gone = await admin.open("/admin/do/deleteWebhook", {
    form: findForm(question.text, "deleteWebhook"),
  });
  expect(gone.headers.get("location")).toBe("/admin/webhooks?done=deleteWebhook");
  expect((await reader.open(at)).status).toBe(404);
  const { entries } = (await steward.api("GET", "/v1/audit?order=desc&limit=1")).body;
  expect(entries).toMatchObject([{ action: "DELETE /v1/webhooks/{webhook_id}", actor: "first" }]);
});
