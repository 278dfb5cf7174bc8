import { readFileSync } from "node:fs";
import type { JsonObject } from "../../src/protocol/json.ts";

/** The text of `docs/protocol.md`. */
export const DOC = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
const examples = new Map(
  [...DOC.matchAll(/```json example=(\S+)\n([\s\S]*?)\n```/g)].map(([, name, text]) => [
    name ?? "",
    JSON.parse(text ?? "") as JsonObject,
  ]),
);
/** Its fenced hex, by example name. */
export const hexBlocks = new Map(
  [...DOC.matchAll(/```hex example=(\S+)\n([\s\S]*?)\n```/g)].map(([, name, text]) => [
    name ?? "",
    (text ?? "").replaceAll("\n", ""),
  ]),
);
/** The names of its fenced JSON, in their order. */
export const exampleNames: readonly string[] = [...examples.keys()];
/** The seeds (hex) of its worked example, by who has them. */
export const seeds: ReadonlyMap<string, string> = new Map(
  [...DOC.matchAll(/^\| (\w+) \| `([0-9a-f]{64})` \| `[0-9a-f]{64}` \| `atlas_/gm)].map(
    ([, who, seed]) => [who ?? "", seed ?? ""],
  ),
);

/** Returns a fenced JSON example by name. */
export function example(name: string): JsonObject {
  const found = examples.get(name);
  if (found === undefined) throw new Error(`docs/protocol.md has no example ${name}`);
  return found;
}
