import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { toVectorFiles } from "../test/wire/sources/vector-files.ts";

const DIRECTORY = new URL("../test/vectors/", import.meta.url);

function readPresent(file: URL): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const isCheck = process.argv.includes("--check");
mkdirSync(DIRECTORY, { recursive: true });
for (const [name, wanted] of await toVectorFiles()) {
  const file = new URL(name, DIRECTORY);
  if (!isCheck) {
    writeFileSync(file, wanted);
  } else if (readPresent(file) !== wanted) {
    console.error(`test/vectors/${name} is out of step: run node scripts/generate-vectors.ts`);
    process.exitCode = 1;
  }
}
