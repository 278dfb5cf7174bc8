// Runs in a child process: loads one operator module and answers its parent's calls.
import { pathToFileURL } from "node:url";

interface Call {
  readonly id: number;
  readonly invocation: unknown;
}

const path = process.argv[2] ?? "";
const loaded = (await import(pathToFileURL(path).href)) as { default?: unknown };
const run = loaded.default;
if (typeof run !== "function") {
  process.send?.({ fatal: "the module has no default export that is a function" });
  process.exit(1);
}

process.on("message", async ({ id, invocation }: Call) => {
  try {
    process.send?.({ id, result: (await run(invocation)) ?? null });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
