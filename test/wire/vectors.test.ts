import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { keccakHex } from "./independent/keccak.ts";
import { toVectorFiles } from "./sources/vector-files.ts";

const DIRECTORY = new URL("../vectors/", import.meta.url);

test("the vector files are what scripts/generate-vectors.ts writes, and there are no others", async () => {
  const files = await toVectorFiles();
  const present = readdirSync(DIRECTORY).filter((name) => name.endsWith(".json"));
  expect(present.sort()).toEqual([...files.keys()].sort());
  for (const [name, text] of files) {
    expect(readFileSync(new URL(name, DIRECTORY), "utf8"), name).toBe(text);
  }
});

test("the independent Keccak-256 gives the published digests", () => {
  expect(keccakHex("")).toBe("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  expect(keccakHex("abc")).toBe(
    "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
  );
});
