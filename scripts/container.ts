import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import type { ImageConfig } from "./dockerfile.ts";

/** The official image's own user. */
const USERS = { root: 0, node: 1000 } as const;
const HOST_FOLDERS = ["usr", "etc/ssl", "dev", "proc"];
const LINKS = ["bin", "sbin", "lib", "lib64"];
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** How a process is started in a root folder. */
export interface Start {
  readonly root: string;
  readonly config: ImageConfig;
  /** Folder in there → folder of this machine. */
  readonly volumes?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** It has a network of its own, with nothing but loopback. */
  readonly isAlone?: boolean;
}

/** Says why this machine cannot do it; undefined where it can. */
export function whyNoContainers(): string | undefined {
  if (process.platform !== "linux") return "it needs Linux";
  if (process.getuid?.() !== 0) return "it needs root, for mount namespaces and another user's id";
  const { status } = spawnSync("unshare", ["-m", "-n", "sh", "-c", "ip link set lo up"]);
  return status === 0 ? undefined : "it needs unshare(1), ip(8) and the right to use namespaces";
}

/**
 * Makes what a base image of Node is here: this machine's programs, read only, Node as
 * `/usr/local/bin/node`, npm, the user `node`, and nothing else.
 */
export function createBase(root: string): void {
  const local = join(root, ".local");
  for (const folder of [...HOST_FOLDERS, "tmp", "root", "home/node", ".local/bin", ".local/lib"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const name of LINKS) {
    if (existsSync(`/${name}`)) symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const file of ["resolv.conf", "hosts", "nsswitch.conf"]) {
    if (existsSync(`/etc/${file}`))
      cpSync(`/etc/${file}`, join(root, "etc", file), { dereference: true });
  }
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n",
  );
  writeFileSync(join(root, "etc/group"), "root:x:0:\nnode:x:1000:\n");
  const npm = resolve(realpathSync(findProgram("npm")), "../..");
  cpSync(npm, join(local, "lib/npm"), { recursive: true });
  symlinkSync("/usr/local/lib/npm/bin/npm-cli.js", join(local, "bin/npm"));
  placeNode(join(local, "bin/node"));
}

/** Starts a command in a root folder, as the image's user, in its folder, with its environment. */
export function startIn(start: Start, argv: readonly string[]): ChildProcess {
  const { root, config, isAlone } = start;
  const mounts = [
    ...HOST_FOLDERS.map((folder) => `mount --rbind /${folder} ${root}/${folder}`),
    `mount --bind ${root}/.local ${root}/usr/local`,
    ...Object.entries(start.volumes ?? {}).map(
      ([inside, outside]) =>
        `mkdir -p ${root}${inside} && mount --bind ${outside} ${root}${inside}`,
    ),
    ...(isAlone ? ["ip link set lo up"] : []),
  ];
  const id = USERS[config.user as keyof typeof USERS];
  const env = { PATH, HOME: id === 0 ? "/root" : "/home/node", ...config.env, ...start.env };
  const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const line = `${mounts.join(" && ")} && exec chroot --userspec=${id}:${id} ${root} /usr/bin/env -i -C "$DIR" "$@"`;
  const flags = ["-m", ...(isAlone ? ["-n"] : [])];
  return spawn("unshare", [...flags, "sh", "-c", line, "sh", ...pairs, ...argv], {
    env: { PATH: process.env.PATH, DIR: config.workdir },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs a command beside one that runs, in the same root and network; returns its exit code. */
export function runBeside(child: ChildProcess, start: Start, argv: readonly string[]): number {
  const pairs = Object.entries({ PATH, ...start.config.env, ...start.env });
  const { status } = spawnSync("nsenter", [
    ...["-t", String(child.pid), "-m", "-n", "chroot", start.root, "/usr/bin/env", "-i"],
    ...pairs.map(([name, value]) => `${name}=${value}`),
    ...argv,
  ]);
  return status ?? 1;
}

/** Waits until a command has ended; returns its code and what it said. */
export async function ended(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      said = (said + chunk).slice(-20_000);
    });
  }
  const [code] = await once(child, "close");
  return { code, said };
}

/** A copy where the disk lets no file have two names there. */
function placeNode(target: string): void {
  const node = realpathSync(process.execPath);
  try {
    linkSync(node, target);
  } catch {
    cpSync(node, target);
  }
}

function findProgram(name: string): string {
  return spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
}
