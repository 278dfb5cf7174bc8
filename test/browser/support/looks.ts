import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AxeResults, RunOptions } from "axe-core";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { DESKTOP, PHONE, type WatchedPage } from "./browser.ts";

/** Where the pictures of a run are kept. */
const SHOTS = process.env.STEWARD_SCREENSHOTS ?? join(tmpdir(), "zone-steward-screenshots");

/** Where the README's pictures are made; none are where the variable is not set. */
const PICTURES = process.env.STEWARD_PICTURES;
const PICTURE = { width: 1180, height: 960 };

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

/** The pages that were looked at, and what was wrong with them. */
export interface Gallery {
  /**
   * Looks at the page that is open, and goes on: what is wrong is told at the end, of all pages.
   * `isLong`: in half of the looks, which have all rules, both widths, and both colours still.
   */
  look(name: string, options?: { readonly isLong?: boolean }): Promise<void>;
  /** Asserts that nothing was wrong. */
  expectGood(): void;
}

/**
 * Creates a gallery. Each page must be accessible (axe) and no wider than the window, in light and dark, at the
 * width of a desk and of a phone; a picture of each is kept.
 */
export function createGallery({ page }: Pick<WatchedPage, "page">): Gallery {
  const found: unknown[] = [];
  return {
    look: async (name, { isLong = false } = {}) => {
      for (const look of LOOKS.filter(({ rules }) => !isLong || rules === ALL_RULES)) {
        await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
        await page.setViewportSize(look.viewport);
        const wider = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        const violations = await findViolations(page, look.rules);
        if (wider > 0) violations.push(`wider than the window by ${wider} px`);
        found.push(...violations.map((violation) => `${name}, ${look.name}: ${violation}`));
        await page.screenshot({ path: join(SHOTS, `${name}.${look.name}.png`), fullPage: true });
      }
      await page.setViewportSize(DESKTOP);
      await page.emulateMedia({ colorScheme: "light" });
    },
    expectGood: () => expect(found).toEqual([]),
  };
}

/** Makes a picture for the README: `STEWARD_PICTURES=docs/images npm test -- test/browser`. */
export async function takePicture(
  { page }: Pick<WatchedPage, "page">,
  name: string,
  colorScheme: "light" | "dark" = "light",
): Promise<void> {
  if (PICTURES === undefined) return;
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(PICTURE);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light" });
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
