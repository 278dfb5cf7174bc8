import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { StewardError } from "../../errors.ts";

/** Where the script is served, to whoever is logged in. */
export const PLAY_SCRIPT_PATH = "/admin/play/playground.js";

/** The playground's script in the package, beside this file; `scripts/build.ts` puts it there. */
export const BUILT_SCRIPT = "playground.js";

const isCheckout = extname(import.meta.url) === ".ts";

/**
 * Creates the reader of the playground's script, which is made once: by `npm run build`, in a checkout at
 * the first request. What failed is tried again.
 */
export function createPlayScript(): () => Promise<string> {
  let made: Promise<string> | undefined;
  return () => {
    made ??= (isCheckout ? bundlePlayScript() : readBuilt()).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/**
 * Bundles the playground and the SDK for a browser; needs the development dependencies.
 * @throws StewardError `not_ready` where they are not installed
 */
export async function bundlePlayScript(): Promise<string> {
  const { build, stop } = await import("esbuild").catch((cause: unknown) => {
    throw new StewardError("not_ready", {
      message: "In a checkout the playground needs the development dependencies: npm install.",
      cause,
    });
  });
  try {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("./browser/main.ts", import.meta.url))],
      bundle: true,
      write: false,
      minify: true,
      platform: "browser",
      format: "esm",
      target: "es2022",
      legalComments: "none",
      logLevel: "silent",
    });
    return outputFiles[0]?.text ?? "";
  } finally {
    await stop();
  }
}

async function readBuilt(): Promise<string> {
  return readFile(new URL(BUILT_SCRIPT, import.meta.url), "utf8");
}
