import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["zone-steward-source"] },
  ssr: { resolve: { conditions: ["zone-steward-source"] } },
  test: {
    include: ["test/**/*.test.ts"],
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
