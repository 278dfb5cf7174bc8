import { afterAll, beforeAll, expect, test } from "vitest";
import { startSteward, type TestSteward } from "../../support/steward.ts";
import { WireClient } from "../../support/wire-client.ts";
import { Browser } from "./browser.ts";

let steward: TestSteward;
let zone: string;
let nowMs = Date.now();
let monotonicMs = 0;
beforeAll(async () => {
  steward = await startSteward({
    config: { events: { heartbeat_ms: 100 } },
    nowMs: () => nowMs,
    monotonicMs: () => monotonicMs,
  });
  zone = await steward.createZone();
});
afterAll(() => steward[Symbol.asyncDispose]());

/** Follows the events of the dashboard under a session's cookie. */
async function follow(cookie: string) {
  const controller = new AbortController();
  const response = await fetch(`${steward.httpUrl}/admin/events`, {
    headers: { cookie },
    signal: controller.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    response,
    /** Reads on until something was told; false where the stream ended before. */
    readUntil: async (told: string): Promise<boolean> => {
      while (!text.includes(told)) {
        const { value, done } = (await reader?.read()) ?? { done: true };
        if (done) return false;
        text += value;
      }
      return true;
    },
    stop: () => controller.abort(),
  };
}

test("an open page is told of what happens, under its session alone", async () => {
  expect((await follow("")).response.status).toBe(401);
  const browser = new Browser(steward);
  await browser.login(steward.token);
  const events = await follow(browser.cookie);
  expect(events.response.headers.get("content-type")).toBe("text/event-stream");
  expect(events.response.headers.get("content-security-policy")).toContain("default-src 'none'");
  await using member = await WireClient.connect(steward.wireUrl);
  await member.ask({ type: "zone.join", zone_id: zone });
  expect(await events.readUntil("event: member.joined")).toBe(true);
  events.stop();
});

test("the stream ends with the session: by logout, in time and with its token", async () => {
  const made = (await steward.api("POST", "/v1/tokens", { name: "short", scope: "read" })).body;
  const ends: [name: string, end: (browser: Browser) => Promise<unknown>][] = [
    [
      "logout",
      async (browser) => {
        const page = (await browser.open("/admin")).text;
        const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
        return await browser.open("/admin/logout", { form: { csrf } });
      },
    ],
    ["token", () => steward.api("DELETE", `/v1/tokens/${made.id}`)],
  ];
  for (const [name, end] of ends) {
    const browser = new Browser(steward);
    await browser.login(made.token);
    const events = await follow(browser.cookie);
    await end(browser);
    monotonicMs += 2000;
    expect([name, await events.readUntil("never told")]).toEqual([name, false]);
  }
  const browser = new Browser(steward);
  await browser.login(steward.token);
  const events = await follow(browser.cookie);
  nowMs += 86_400_000;
  monotonicMs += 2000;
  expect(await events.readUntil("never told")).toBe(false);
});
