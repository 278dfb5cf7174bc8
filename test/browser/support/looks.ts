import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AxeResults, RunOptions } from "axe-core";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { DESKTOP, PHONE } from "./browser.ts";

/** Where the pictures of a run are kept. */
const SHOTS = process.env.STEWARD_SCREENSHOTS ?? join(tmpdir(), "zone-steward-screenshots");

const ALL_RULES = {};
const CONTRAST = { runOnly: ["color-contrast"] };
/** What colours change is contrast alone: the other rules are asked once for each width. */
const LOOKS = [
  { name: "light", colorScheme: "light", viewport: DESKTOP, rules: ALL_RULES },
  { name: "dark", colorScheme: "dark", viewport: DESKTOP, rules: CONTRAST },
  { name: "phone-dark", colorScheme: "dark", viewport: PHONE, rules: ALL_RULES },
  { name: "phone-light", colorScheme: "light", viewport: PHONE, rules: CONTRAST },
] as const;

/** Of one rule. */
const PLACES_SHOWN_MAX = 3;

mkdirSync(SHOTS, { recursive: true });
process.stdout.write(`screenshots: ${SHOTS}\n`);

/**
 * Asserts that the page is accessible (axe) and no wider than the window, in light and dark, at the width of
 * a desk and of a phone; keeps a picture of each.
 */
export async function expectGoodLooks(page: Page, name: string): Promise<void> {
  const found: unknown[] = [];
  for (const look of LOOKS) {
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(look.viewport);
    const tooWide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (tooWide > 0) found.push({ look: look.name, tooWide: `${tooWide} px` });
    found.push(
      ...(await findViolations(page, look.rules)).map((violation) => ({
        look: look.name,
        violation,
      })),
    );
    await page.screenshot({ path: join(SHOTS, `${name}.${look.name}.png`), fullPage: true });
  }
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light" });
  expect(found, name).toEqual([]);
}

/** Axe's rules for WCAG 2.2 A and AA, and its good practices; in short form. */
async function findViolations(page: Page, rules: RunOptions): Promise<string[]> {
  // Given to the page by the debugger, which no policy of the page forbids.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
  const options = JSON.stringify({ ...rules, resultTypes: ["violations"] });
  const results = await page.evaluate<AxeResults>(`axe.run(${options})`);
  return results.violations.map(({ id, help, nodes }) => {
    const places = nodes.slice(0, PLACES_SHOWN_MAX).map(({ target, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message).join("; ");
      return `${target.join(" ")} (${why})`;
    });
    return `${id}: ${help}: ${nodes.length} places, such as ${places.join(", ")}`;
  });
}
