import { readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { resolve } from "node:path";
import { createContext, Script } from "node:vm";
import { build, type Plugin } from "esbuild";
import { expect, test } from "vitest";
import { createTestKey } from "./keys.ts";
import { startScriptedSteward } from "./scripted-steward.ts";

const root = resolve(import.meta.dirname, "../..");
const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

/** Bundles the SDK as a page would; every import of a Node module is noted and fails the build. */
async function bundle() {
  const nodeImports: string[] = [];
  const noNode: Plugin = {
    name: "no-node",
    setup: ({ onResolve }) => {
      onResolve({ filter: /^[a-z@]/ }, ({ path, importer }) => {
        if (!path.startsWith("node:") && !builtins.has(path)) return undefined;
        nodeImports.push(`${path} from ${importer}`);
        return { errors: [{ text: `${path} is Node's` }] };
      });
    },
  };
  const result = await build({
    entryPoints: [resolve(root, "src/client/agent.ts")],
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "iife",
    globalName: "sdk",
    target: "es2022",
    logLevel: "silent",
    plugins: [noNode],
  }).catch((error: unknown) => error);
  expect(nodeImports).toEqual([]);
  if (result instanceof Error) throw result;
  return result as {
    outputFiles: { text: string }[];
    metafile: { inputs: Record<string, unknown> };
  };
}

const bundled = bundle();

test("the SDK bundles for the browser without any Node module", async () => {
  const { metafile } = await bundled;
  const own = Object.keys(metafile.inputs).filter((path) => path.includes("src/"));
  expect(own.some((path) => path.endsWith("src/client/agent.ts"))).toBe(true);
});

test("no file of ours in the bundle names a Node global", async () => {
  const { metafile } = await bundled;
  const own = Object.keys(metafile.inputs).filter(
    (path) => /(^|\/)src\//.test(path) && !path.includes("node_modules"),
  );
  expect(own.length).toBeGreaterThan(20);
  for (const path of own) {
    const source = (await readFile(resolve(root, path), "utf8")).replace(
      /\/\*[\s\S]*?\*\/|\/\/.*$/gm,
      "",
    );
    expect([
      path,
      /\b(Buffer|process|require|__dirname|setImmediate|global)\b(?!["'])/.exec(source)?.[0],
    ]).toEqual([path, undefined]);
  }
});

test("the bundle runs and connects where only a browser's globals exist", async () => {
  const peer = await startScriptedSteward({
    onMessage: (socket, _body, message) =>
      socket.reply(message, { type: "zone.directory", zones: [] }),
  });
  const [file] = (await bundled).outputFiles;
  const page = createContext({
    AbortController,
    AbortSignal,
    TextDecoder,
    TextEncoder,
    URL,
    WebSocket,
    atob,
    btoa,
    clearInterval,
    clearTimeout,
    console,
    crypto,
    fetch,
    performance,
    queueMicrotask,
    setInterval,
    setTimeout,
    ArrayBuffer,
    Uint8Array,
  });
  new Script(`${file?.text}\nglobalThis.sdk = sdk;`).runInContext(page);
  const { Agent } = page.sdk as typeof import("../../src/client/agent.ts");
  const agent = await Agent.connect(peer.wireUrl, { key: createTestKey(5).seed, name: "page" });
  expect((await agent.discover()).zones).toEqual([]);
  expect(agent.nodeId).toBe(createTestKey(5).nodeId);
  await agent.close();
});
