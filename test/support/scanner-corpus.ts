import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../scanning/corpus");

/** A text of the corpus and the file it stands in. */
export interface Sample {
  /** Of an attack, its threat type. */
  readonly kind: string;
  readonly text: string;
}

/** Reads one half of the corpus. */
export function readCorpus(half: "attacks" | "harmless"): Sample[] {
  const folder = join(FOLDER, half);
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => ({ kind: file.replace(".txt", ""), text: toText(line) })),
  );
}

function toText(line: string): string {
  return line
    .replace(/\\u\{([0-9a-f]+)\}/g, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16)))
    .replaceAll("\\n", "\n")
    .replaceAll("\\t", "\t");
}
