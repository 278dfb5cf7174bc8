import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createId } from "../../src/protocol/ids.ts";
import { createApi, TEST_ZONE } from "../../test/support/steward.ts";
import { NO_LIMITS } from "../../test/support/steward-process.ts";
import { LoadClient } from "../support/load-client.ts";
import {
  end,
  type Member,
  type MemberEvents,
  type RoomServer,
  readLine,
  startPinned,
} from "./room-server.ts";
import { listenForRuns } from "./upstream.ts";

/** A MessageAck is shorter, every reply longer; a delivery of CONTENT is longer than every other frame to its sender. */
const REPLY_BYTES_MIN = 150;
const DELIVERY_BYTES_MIN = 500;

const PAGE_ENTRIES = 500;
const ZONE = {
  ...TEST_ZONE,
  actions: ["echo", "module", "http"].map((name) => ({ ...TEST_ZONE.actions[0], name })),
};

/** Where a steward's code is, and what it is called. */
export interface StewardSource {
  readonly name: string;
  /** The folder of a checkout with its packages, or of the installed package. */
  readonly root: string;
}

/** Starts a steward from a checkout, on a database of its own; everything it acknowledges is durable. */
export async function startStewardServer({ name, root }: StewardSource): Promise<RoomServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "rooms-"));
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, "steward.config.json");
  const module = join(dataDir, "module.mjs");
  writeFileSync(module, "export default ({ params }) => params;\n");
  const upstream = await listenForRuns();
  const handlers = {
    "*": {
      echo: { type: "echo" },
      module: { type: "module", path: module },
      http: { type: "http", url: upstream.url, idempotent: true, allow_private: ["127.0.0.1"] },
    },
  };
  const config = { ...NO_LIMITS, log: { level: "warn" }, http: { port: 0 }, handlers };
  writeFileSync(file, JSON.stringify({ ...config, data_dir: dataDir }));
  const program = resolve(root, "bin/steward.mjs");
  const args = [program, "start", ...(knowsCreate(program) ? ["--create"] : []), "--config", file];
  const child = startPinned(process.execPath, args, { cwd: dataDir });
  const told = { http: "", wire: "", token: "" };
  for (const name of ["http", "wire", "token"] as const) {
    void readLine(child, new RegExp(`^${name}\\s+(\\S+)`)).then((match) => {
      told[name] = match[1] ?? "";
    });
  }
  await readLine(child, /^token\s/);
  const api = createApi(told.http, told.token);
  return {
    name,
    pid: child.pid ?? 0,
    createRoom: async () => (await api("POST", "/v1/zones", ZONE)).body.id as string,
    connect: (on, room) => connect(told.wire, on, room),
    [Symbol.asyncDispose]: async () => {
      await end(child);
      await upstream[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Earlier ones create what is not there without being told. */
function knowsCreate(program: string): boolean {
  return spawnSync(process.execPath, [program, "start", "--help"]).stdout.includes("--create");
}

async function connect(
  wireUrl: string,
  on: MemberEvents,
  room: string | undefined,
): Promise<Member> {
  const client = await LoadClient.connect(wireUrl, room);
  let zone_id = room;
  let expected = on.sent;
  client.count((bytes) => {
    if (bytes >= DELIVERY_BYTES_MIN && expected === on.sent) on.delivery();
    else if (bytes >= REPLY_BYTES_MIN) expected();
  });
  const change = (type: "zone.join" | "zone.leave", then: () => void) => {
    expected = then;
    client.send({ type, zone_id });
  };
  const ask = (text: string, action = "echo") => {
    expected = on.reply;
    const request_id = createId("req");
    client.send({ type: "zone.request", zone_id, request_id, action, params: { text } });
  };
  return {
    ask,
    run: (how, text) => ask(text, how),
    say: (content) => {
      expected = on.sent;
      client.send({ type: "zone.message", zone_id, id: createId("zmsg"), content });
    },
    join: (zone) => {
      zone_id = zone;
      change("zone.join", on.joined);
    },
    leave: () => change("zone.leave", on.left),
    look: () => {
      expected = on.reply;
      client.send({ type: "zone.inspect", zone_id });
    },
    readBack: (after_seq) => {
      expected = on.reply;
      client.send({ type: "zone.history", zone_id, after_seq, limit: PAGE_ENTRIES });
    },
    close: () => client.close(),
  };
}
