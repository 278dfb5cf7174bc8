import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

const SOURCE = fileURLToPath(new URL("./killed-steward.ts", import.meta.url));
/** Load what stands beside their own code. */
const NATIVE = /^(better-sqlite3|tiny-secp256k1)$/;

/**
 * Makes one file of a steward that dies where it is told, and returns its path. It starts with two
 * fifths of the CPU time that its thousand modules take one by one.
 */
export async function bundleSteward(dir: string, source = SOURCE): Promise<string> {
  const outfile = join(dir, "killed-steward.mjs");
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    conditions: ["zone-steward-source"],
    // CommonJS among the modules asks for Node's own in its way.
    banner: {
      js: 'const require = process.getBuiltinModule("module").createRequire(import.meta.url);',
    },
    plugins: [LEFT_WHERE_THEY_ARE],
  });
  return outfile;
}

const LEFT_WHERE_THEY_ARE: Plugin = {
  name: "left-where-they-are",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: NATIVE }, ({ path }) => ({
      path: import.meta.resolve(path),
      external: true,
    }));
    // Migrations, contracts and the version are found from the source file that asks for them.
    onLoad({ filter: /\/(src|test)\/[^:]*\.ts$/ }, ({ path }) => {
      const url = JSON.stringify(pathToFileURL(path).href);
      return {
        loader: "ts",
        contents: readFileSync(path, "utf8").replaceAll("import.meta.url", url),
      };
    });
  },
};
