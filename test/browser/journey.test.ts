import { afterAll, beforeAll, expect, test } from "vitest";
import type { Agent } from "../../src/client/agent.ts";
import { openWatchedPage } from "./support/browser.ts";
import { createGallery, takePicture } from "./support/looks.ts";
import {
  ACTIONS,
  type BrowserWorld,
  fillPages,
  logIn,
  startBrowserWorld,
} from "./support/world.ts";

/** Each page is looked at four times, on a machine that may do other things. */
const TEST_TIMEOUT_MS = 180_000;

let world: BrowserWorld;
beforeAll(async () => {
  world = await startBrowserWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test(
  "an operator logs in, creates a zone, sees a member join and pay, bans one, finds a stuck payment and why, and logs out",
  async () => {
    const { paid, browser } = world;
    await using watched = await openWatchedPage(browser, paid.steward.httpUrl);
    const { page } = watched;
    const gallery = createGallery(watched);

    await page.goto("/admin/payments");
    await page.getByLabel("Token").fill("zs_00000000_wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").waitFor();
    // The browser itself says that it was told 401.
    watched.expectOnly(/the server responded with a status of 401/);
    await gallery.look("login");
    await logIn(page, paid.steward.token);

    await page.getByRole("link", { name: "Zones", exact: true }).click();
    await page.getByRole("link", { name: "Create a zone" }).click();
    await page.getByLabel("Name").fill("phrasebook");
    await page.getByLabel("Description").fill("Translates, and writes reports.");
    await page.getByLabel("Type").selectOption("service");
    await page.getByLabel("Actions").fill(JSON.stringify(ACTIONS, null, 2));
    await page.getByRole("button", { name: "Create the zone" }).click();
    await page.getByRole("heading", { level: 1, name: "phrasebook" }).waitFor();
    const zoneId = new URL(page.url()).pathname.split("/").at(-1) ?? "";

    // The page is open before anybody joins, and nobody loads it again.
    await page.getByRole("link", { name: "Members and bans" }).click();
    await using agents = new AsyncDisposableStack();
    const connect = async (name: string): Promise<Agent> =>
      agents.adopt(await world.connect(name), (agent) => agent.close());
    const ada = await connect("ada");
    const mallory = await connect("mallory");
    await ada.join(zoneId);
    await mallory.join(zoneId);
    await page.getByRole("cell", { name: "mallory", exact: true }).waitFor();
    await page.getByRole("cell", { name: "ada", exact: true }).waitFor();

    await page.getByRole("link", { name: "Payments", exact: true }).click();
    await page.getByText("Nobody was quoted a price yet.").waitFor();
    const params = { text: "hello world", source_lang: "en", target_lang: "de" };
    const pay = { maxAmount: 2_000_000n };
    const done = await ada.request(zoneId, "translate", params, { pay });
    expect(done.result).toMatchObject({ text: "hallo welt" });
    const row = page.getByRole("row").filter({ hasText: "translate" });
    await row.getByText("delivered").waitFor();
    await row.getByText("2.00 USDC").waitFor();

    const stuck = ada.request(zoneId, "report", { topic: "harbours" }, { pay });
    await expect(stuck).rejects.toMatchObject({ code: "undelivered" });
    await page.getByRole("row").filter({ hasText: "report" }).getByText("waits for you").waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByText("A payment of 0.75 USDC for report waits for you.").waitFor();
    await takePicture(watched, "overview");
    await takePicture(watched, "overview-dark", "dark");
    await page.getByRole("link", { name: /^pay_/ }).click();
    await page.getByText("UPSTREAM_ERROR").first().waitFor();
    await page
      .getByRole("button", { name: /refund|back/i })
      .first()
      .waitFor();

    await takePicture(watched, "payment");

    await page.goto(`/admin/zones/${zoneId}/members`);
    const banned = page.getByRole("row").filter({ hasText: "mallory" });
    await banned.getByRole("button", { name: "Ban mallory" }).click();
    await gallery.look("ban-confirm");
    await page.getByRole("main").getByRole("button", { name: "Ban" }).click();
    await page.getByText("The node is banned.").waitFor();
    await expect(mallory.join(zoneId)).rejects.toMatchObject({ code: "banned" });

    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("heading", { name: /^Log in to/ }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: /^Log in to/ }).waitFor();
    watched.expectQuiet();
    gallery.expectGood();
  },
  TEST_TIMEOUT_MS,
);

test(
  "every page that the navigation, or a page of it, leads to is accessible and breaks no policy",
  async () => {
    const { paid, browser } = world;
    await using _agent = await fillPages(world);
    await using watched = await openWatchedPage(browser, paid.steward.httpUrl);
    const { page } = watched;
    const gallery = createGallery(watched);
    await logIn(page, paid.steward.token);
    const links = (scope: string) =>
      page
        .locator(`${scope} a[href^="/admin"]`)
        .evaluateAll((all) => all.map((a) => new URL((a as HTMLAnchorElement).href).pathname));
    const todo = await links("header");
    const seen = new Set<string>();
    for (let path = todo.shift(); path !== undefined; path = todo.shift()) {
      const kind = path.replace(/(zone|pay|hook)_[0-9a-f-]+|0x[0-9a-f]+/g, "$1");
      if (seen.has(kind)) continue;
      seen.add(kind);
      await page.goto(path);
      await gallery.look(`page${kind.replaceAll("/", "-").replace("-admin", "")}`);
      todo.push(...(await links("main")));
    }
    watched.expectQuiet();
    gallery.expectGood();
    expect(seen.size).toBeGreaterThanOrEqual(15);
  },
  TEST_TIMEOUT_MS,
);
