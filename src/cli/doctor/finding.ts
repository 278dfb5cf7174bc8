import type { Finding as ItemFinding } from "../../payments/chain/findings.ts";

/** What was looked at. */
export const AREAS = [
  "configuration",
  "files",
  "database",
  "clock",
  "service",
  "chain",
  "trust",
] as const;

/** One thing that was looked at, what was found, and what to do where it is not as it should be. */
export interface Finding extends ItemFinding {
  readonly area: (typeof AREAS)[number];
}

/** Makes findings of one area. */
export function createFindings(area: Finding["area"]) {
  return {
    good: (item: string, detail: string): Finding => ({ area, item, ok: true, detail }),
    /** Nothing is wrong; there is something to know. */
    note: (item: string, detail: string, hint: string): Finding => ({
      ...{ area, item, ok: true, detail, hint },
    }),
    bad: (item: string, detail: string, hint: string): Finding => ({
      ...{ area, item, ok: false, detail, hint },
    }),
  };
}
