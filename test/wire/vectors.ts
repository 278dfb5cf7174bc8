import { readFileSync } from "node:fs";
import { fromHex } from "./sources/cast.ts";
import type { RefusalVector } from "./sources/refusal-vector.ts";

/** Reads one file of `test/vectors`; {"$bytes": hex} becomes bytes. */
export function readVectors<T>(name: string): T {
  const text = readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8");
  return JSON.parse(text, (_key, value) =>
    typeof value?.$bytes === "string" ? fromHex(value.$bytes) : value,
  ) as T;
}

/** The bytes of a refused frame. */
export function toFrame(vector: RefusalVector): Buffer {
  if (vector.hex !== undefined) return Buffer.from(vector.hex, "hex");
  return Buffer.from(
    (vector.parts ?? []).map((part) => part.hex.repeat(part.times)).join(""),
    "hex",
  );
}

/** What `run` throws; fails where it throws nothing. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}
