import { expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { launchBrowser, openWatchedPage } from "./support/browser.ts";
import { createGallery } from "./support/looks.ts";

test("the API's reader shows every route in a browser, accessible, without an error or a violation of its policy", async () => {
  await using steward = await startSteward({});
  await using browser = await launchBrowser();
  await using watched = await openWatchedPage(browser, steward.httpUrl);
  const { page } = watched;
  await page.goto("/docs");
  expect(await page.locator("details").count()).toBeGreaterThan(50);
  await page.locator("summary").first().click();
  const gallery = createGallery(watched);
  await gallery.look("api-reader", { isLong: true });
  gallery.expectGood();
  watched.expectQuiet();
});
