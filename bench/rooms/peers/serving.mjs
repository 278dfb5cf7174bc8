import { pathToFileURL } from "node:url";

/** Tells whether a module is the program that was started. */
export function isServing(url) {
  return pathToFileURL(process.argv[1] ?? "").href === url;
}

/** Says where a server listens, and ends it with whoever started it. */
export function ready(port) {
  process.stdout.write(`port ${port}\n`);
  process.stdin.resume().once("end", () => process.exit());
}
