// Rooms, side by side in one run: this steward, where every message is durable before it is answered, and servers that
// keep nothing: raw ws, Socket.IO, Colyseus, and NATS where it is installed. `node bench/rooms.ts --help`.
// Server and load have a core each; peers' packages are installed into bench/rooms/peers.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installPeers, isThere, type PeerName, startPeer } from "./rooms/peer-servers.ts";
import { untilQuiet } from "./rooms/quiet.ts";
import { formatCell, formatRatios, type Row } from "./rooms/report.ts";
import { LOAD_CORE, pin, type RoomServer } from "./rooms/room-server.ts";
import { startStewardServer } from "./rooms/steward-server.ts";
import { WORKS, type Work } from "./rooms/works.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PEERS: readonly PeerName[] = ["ws", "socketio", "colyseus", "nats"];
const USAGE = `node bench/rooms.ts [options]
  --seconds N       how long each cell is measured (default 4)
  --works a,b       of ${WORKS.map(({ name }) => name).join(", ")} (default all)
  --servers a,b     of steward, before, ${PEERS.join(", ")} (default all that are there)
  --before COMMIT   a steward of an earlier commit, too: "before"
  --rounds N        all of it so many times, in turns (default 1)`;

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly works: readonly Work[];
  readonly isWanted: (server: string) => boolean;
  readonly before: string | undefined;
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "4" },
      rounds: { type: "string", default: "1" },
      works: { type: "string" },
      servers: { type: "string" },
      before: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const [works, servers] = [values.works?.split(","), values.servers?.split(",")];
  return {
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    works: WORKS.filter(({ name }) => works?.includes(name) ?? true),
    isWanted: (server) => servers?.includes(server) ?? true,
    before: values.before,
  };
}

/** Checks an earlier commit out, with this checkout's packages. */
function checkOut(commit: string): string {
  const root = join(mkdtempSync(join(tmpdir(), "rooms-before-")), "steward");
  execFileSync("git", ["worktree", "add", "--detach", root, commit], {
    cwd: ROOT,
    stdio: "ignore",
  });
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  return root;
}

function removeCheckout(root: string): void {
  rmSync(join(root, "node_modules"));
  execFileSync("git", ["worktree", "remove", "--force", root], { cwd: ROOT, stdio: "ignore" });
  rmSync(join(root, ".."), { recursive: true, force: true });
}

const isPeer = (name: string) => (PEERS as readonly string[]).includes(name);

type Start = () => Promise<RoomServer>;

function listServers({ isWanted }: Options, before: string | undefined): [string, Start][] {
  const all: [string, Start][] = [
    ["steward", () => startStewardServer({ name: "steward", root: ROOT })],
  ];
  if (before !== undefined) {
    all.push(["before", () => startStewardServer({ name: "before", root: before })]);
  }
  const peers = PEERS.filter((name) => isWanted(name) && isThere(name));
  if (peers.length > 0) installPeers();
  all.push(...peers.map((name): [string, Start] => [name, () => startPeer(name)]));
  return all.filter(([name]) => isWanted(name));
}

const options = parseOptions();
const before = options.before === undefined ? undefined : checkOut(options.before);
try {
  const servers = listServers(options, before);
  console.log(
    `${cpus()[0]?.model}, Node ${process.version}; server on one core, load on another; ${options.seconds} s a cell`,
  );
  console.log(
    "µs: the server's CPU time a unit. Of these only the steward stores what it acknowledges.\n",
  );
  pin(process.pid, LOAD_CORE);
  for (const work of options.works) {
    console.log(`${work.name}: ${work.unit}`);
    const rows: Row[] = [];
    for (let round = 0; round < options.rounds; round++) {
      for (const [name, start] of servers) {
        if (work.ofStewards && isPeer(name)) continue;
        await untilQuiet();
        await using server = await start();
        const measured = await work.run(server, options.seconds);
        rows.push({ name, measured });
        console.log(formatCell(name, measured, loadavg()[0] ?? 0));
      }
    }
    console.log(formatRatios(rows));
  }
} finally {
  if (before !== undefined) removeCheckout(before);
}
process.exit();
