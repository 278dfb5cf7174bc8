import { expect, test } from "vitest";
import { startSteward } from "../../support/steward.ts";
import { WireClient } from "../../support/wire-client.ts";
import { Browser, waitForPage } from "./browser.ts";

const POINTS_MAX = 3;

test("the overview says that the steward is ready, counts who is there, and keeps a bounded number of chart points", async () => {
  await using steward = await startSteward({
    config: { admin: { dashboard: { chart_step_ms: 100, chart_points: POINTS_MAX } } },
  });
  await using client = await WireClient.connect(steward.wireUrl);
  const browser = new Browser(steward);
  await browser.login(steward.token);
  const countRows = (page: string) =>
    page
      .split('id="chart-sessions-table"')[1]
      ?.split("</details>")[0]
      ?.match(/<tr><td>/g)?.length;
  const page = await waitForPage(browser, "/admin", (text) => countRows(text) === POINTS_MAX);
  expect(page).toContain("<b>Ready.</b>");
  expect(page).toContain("Nothing needs you now.");
  expect(page).toMatch(/<dt>Agents connected<\/dt><dd>1<\/dd>/);
  expect(page).toMatch(/<svg [^>]*role="img" aria-label="Agents connected: now 1/);
  expect(page).toMatch(/<path class="line" d="M[\d.,L-]+"/);
  expect(client.nodeId).toMatch(/^atlas_/);
  const later = await browser.open("/admin");
  expect(countRows(later.text)).toBe(POINTS_MAX);
});

test("the overview names what is wrong with the configuration, and what to do", async () => {
  const zone = "zone_01890a5d-ac96-774b-bcce-b302099a8057";
  await using steward = await startSteward({
    config: { handlers: { [zone]: { echo: { type: "echo" } } } },
  });
  const browser = new Browser(steward);
  await browser.login(steward.token);
  const { text } = await browser.open("/admin");
  expect(text).toContain(`handlers.${zone}: this steward has no such zone`);
  expect(text).toContain("Correct the zone&#39;s id (steward zone list), or take the entry out.");
  expect(text).toContain("No chain is configured");
});
