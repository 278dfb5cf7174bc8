import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  end,
  type Member,
  type MemberEvents,
  type RoomServer,
  readLine,
  startPinned,
} from "./room-server.ts";

const FOLDER = fileURLToPath(new URL("./peers/", import.meta.url));

/** Peers whose server is a file of `peers/`, and one that is a program of its own. */
export type PeerName = "ws" | "socketio" | "colyseus" | "nats";

interface PeerLoad {
  connect(port: number, on: MemberEvents): Promise<Member>;
}

/** Installs the peers' packages as their lock file says, where they are not there. @throws Error */
export function installPeers(): void {
  if (existsSync(join(FOLDER, "node_modules"))) return;
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const run = spawnSync("npm", args, { cwd: FOLDER, stdio: ["ignore", "ignore", "inherit"] });
  if (run.status !== 0) throw new Error(`npm ci failed in ${FOLDER}`);
}

/** Whether the peer can be run here: NATS only where its server is installed. */
export function isThere(peer: PeerName): boolean {
  return peer !== "nats" || spawnSync("nats-server", ["--version"]).status === 0;
}

/** Starts a peer. */
export async function startPeer(name: PeerName): Promise<RoomServer> {
  const port = await findPort();
  const child =
    name === "nats"
      ? startPinned("nats-server", ["-a", "127.0.0.1", "-p", `${port}`])
      : startPinned(process.execPath, [join(FOLDER, `${name}.mjs`), `${port}`]);
  // What NATS says goes to stderr.
  const taken =
    name === "nats" ? await untilOpen(port) : Number((await readLine(child, /^port (\d+)/))[1]);
  const load = (await import(pathToFileURL(join(FOLDER, `${name}.mjs`)).href)) as PeerLoad;
  let rooms = 0;
  return {
    name,
    pid: child.pid ?? 0,
    createRoom: async () => `room${rooms++}`,
    connect: async (on, room) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      let joined: () => void = resolve;
      const member = await load.connect(taken, { ...on, joined: () => joined() });
      if (room !== undefined) {
        member.join(room);
        await promise;
      }
      joined = () => on.joined();
      return member;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

async function findPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("There is no port.");
  return address.port;
}

async function untilOpen(port: number): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).once("error", () =>
        resolve(false),
      );
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return port;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("nats-server does not listen.");
}
