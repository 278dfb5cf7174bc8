import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DECISIONS, type Decisions } from "./core.ts";

/** A bug to plant in a file of the core. */
export interface Bug {
  readonly file: string;
  /** Stands in the file once. */
  readonly right: string;
  readonly wrong: string;
}

const ROOT = join(import.meta.dirname, "../../..");

/** The steward's decisions with a bug, from a copy of the core beside which the rest is linked. */
export async function plant({ file, right, wrong }: Bug): Promise<Planted> {
  const top = await mkdtemp(join(tmpdir(), "steward-bug-"));
  const core = join(top, "src/replication/core");
  await mkdir(join(top, "src/replication"), { recursive: true });
  await cp(join(ROOT, "src/replication/core"), core, { recursive: true });
  for (const name of ["node_modules", "package.json", "src/protocol", "src/error-catalogue.ts"]) {
    await symlink(join(ROOT, name), join(top, name));
  }
  const text = await readFile(join(core, file), "utf8");
  if (text.split(right).length !== 2) throw new Error(`${file} has not once: ${right}`);
  await writeFile(join(core, file), text.replace(right, wrong));
  const load = (name: string) => import(/* @vite-ignore */ pathToFileURL(join(core, name)).href);
  const parts = await Promise.all(["step.ts", "zone.ts", "charge.ts", "replicate.ts"].map(load));
  return {
    decisions: Object.assign({ ...DECISIONS }, ...parts),
    [Symbol.asyncDispose]: () => rm(top, { recursive: true }),
  };
}

/** Decisions with a bug, as long as their files are there. */
export interface Planted extends AsyncDisposable {
  readonly decisions: Decisions;
}
