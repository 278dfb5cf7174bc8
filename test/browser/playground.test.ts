import { afterAll, beforeAll, expect, test } from "vitest";
import { openWatchedPage } from "./support/browser.ts";
import { createGallery, takePicture } from "./support/looks.ts";
import { ACTIONS, type BrowserWorld, logIn, startBrowserWorld } from "./support/world.ts";

let world: BrowserWorld;
beforeAll(async () => {
  world = await startBrowserWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test("the SDK in the playground joins a zone, talks, gets an action's answer, and shows each frame decoded", async () => {
  const { paid, browser } = world;
  const zoneId = await paid.steward.createZone({ name: "phrasebook", actions: ACTIONS });
  const other = await world.connect("ada");
  await using watched = await openWatchedPage(browser, paid.steward.httpUrl);
  const { page } = watched;
  await logIn(page, paid.steward.token);
  await page.getByRole("link", { name: "Playground" }).click();
  await page.getByText("Not connected.").waitFor();

  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText(/^Connected as atlas_[0-9a-f]{64}\.$/).waitFor();
  await page.getByText(/The creator's signature verifies/).waitFor();
  const joined = new Promise<string>((resolve) => {
    other.on("event", ({ event, node_id }) => {
      if (event === "joined" && node_id !== other.nodeId) resolve(node_id ?? "");
    });
  });
  await other.join(zoneId);
  await page.getByRole("button", { name: "Join" }).click();
  expect(await joined).toMatch(/^atlas_/);

  const heard = new Promise((resolve) => other.on("message", ({ content }) => resolve(content)));
  await page.getByLabel("Message", { exact: true }).fill("hello from a page");
  await page.getByRole("button", { name: "Send" }).click();
  expect(await heard).toBe("hello from a page");
  await other.send(zoneId, "hello <b>page</b>");
  await page.getByRole("log").getByText("hello <b>page</b>").waitFor();

  expect(await page.getByLabel("Params, as JSON").inputValue()).toContain('"text": "hello"');
  await page.getByLabel("Params, as JSON").fill('{"text": "from Chromium"}');
  await page.getByRole("button", { name: "Ask" }).click();
  await page.getByRole("region", { name: "Answer" }).getByText("from Chromium").waitFor();

  const frames = page.locator("#play-frames");
  await frames.getByText("zone.response").first().click();
  await frames
    .getByRole("group", { name: "Decoded" })
    .getByText('"type": "zone.response"')
    .waitFor();
  for (const name of ["hello", "hello_ack", "verify", "verify_ack", "zone.joined", "zone.sent"]) {
    expect(await frames.getByText(name, { exact: true }).count(), name).toBeGreaterThan(0);
  }
  const gallery = createGallery(watched);
  await gallery.look("playground");
  gallery.expectGood();
  watched.expectQuiet();
  await takePicture(watched, "playground");

  await page.getByRole("button", { name: "Disconnect" }).click();
  await page.getByText("Not connected.").waitFor();
  await other.close();
});
