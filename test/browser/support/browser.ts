import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { findChromium } from "./find-chromium.ts";

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** How long something may take to be on a page, on a busy machine. */
const PATIENCE_MS = 15_000;

/** A browser without a profile; the world of one test file. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("This file runs only where Chromium is.");
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({ executablePath, args: isRoot ? ["--no-sandbox"] : [] });
}

/** A page, and everything that a person with the developer's tools open would see go wrong. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Asserts that what went wrong since the last time is this, and nothing else. */
  expectOnly(pattern: RegExp): void;
  /** Asserts that nothing went wrong since the last time. */
  expectQuiet(): void;
}

/** Opens a page in a context of its own: no cookie of another page is there. */
export async function openWatchedPage(browser: Browser, baseURL: string): Promise<WatchedPage> {
  const context = await browser.newContext({ baseURL, viewport: DESKTOP });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
  await context.exposeBinding("noteViolation", (_source, text: string) => {
    problems.push(`policy: ${text}`);
  });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const note = (globalThis as unknown as { noteViolation(text: string): void }).noteViolation;
      note(`${event.violatedDirective} ${event.blockedURI} on ${location.pathname}`);
    });
  });
  return {
    page,
    context,
    expectOnly: (pattern) => {
      const seen = problems.splice(0);
      expect(seen.length).toBeGreaterThan(0);
      expect(seen.filter((problem) => !pattern.test(problem))).toEqual([]);
    },
    expectQuiet: () => expect(problems.splice(0)).toEqual([]),
    [Symbol.asyncDispose]: () => context.close(),
  };
}
