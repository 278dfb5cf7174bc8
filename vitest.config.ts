import { configDefaults, defineConfig } from "vitest/config";
import { findChromium } from "./test/browser/support/find-chromium.ts";

// What cannot run is not there; `.ci/run` says so above its totals.
const withoutBrowser = findChromium() === undefined ? ["test/browser/**"] : [];

export default defineConfig({
  resolve: { conditions: ["zone-steward-source"] },
  ssr: { resolve: { conditions: ["zone-steward-source"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...withoutBrowser],
    globalSetup: [
      "test/support/counts.ts",
      "test/support/seen-codes.ts",
      "test/support/seen-commands.ts",
    ],
    retry: 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
