// Nothing acknowledged is lost where the power fails: agents talk to a steward on a disk that forgets what was not
// synced, it is killed at any moment, and what a machine without power would have is looked at and started from.
// `node bench/power-failure.ts [cuts] [lying]`; "lying": the disk confirms syncs and forgets them, which must be seen.
// It needs Linux and a C compiler (`cc`); loopback only.
import { execFileSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { createId } from "../src/protocol/ids.ts";
import { TEST_ZONE } from "../test/support/steward.ts";
import { NO_LIMITS, StewardProcess } from "../test/support/steward-process.ts";
import { createAgentKey, WireClient } from "../test/support/wire-client.ts";

const CUTS = Number(process.argv[2] ?? 20);
const IS_LYING = process.argv[3] === "lying";
const AGENTS = 20;
const LIFE_MS_MIN = 300;
const LIFE_MS_MAX = 2_000;
/** What a disk writes whole or not at all. */
const SECTOR_BYTES = 512;
/** Of what was not synced, so much is on the disk all the same, any sectors of it. */
const SHARES = [0, 0.5, 0.9];
const FILES = ["steward.sqlite", "steward.sqlite-wal"];
const SOURCE = fileURLToPath(new URL("./power-failure/disk.c", import.meta.url));

/** What agents were told is done, and so must be there. */
interface Told {
  /** Ids of messages by their seq. */
  readonly messages: Map<number, string>;
  readonly requests: Set<string>;
  /** Who joined or left last. */
  readonly members: Map<string, boolean>;
}

const folder = mkdtempSync(join(tmpdir(), "power-"));
const dataDir = join(folder, "data");
const copies = join(folder, "copies");
const disk = join(folder, "disk.so");
const told: Told = { messages: new Map(), requests: new Set(), members: new Map() };
const keys = Array.from({ length: AGENTS }, () => createAgentKey());

function start(): Promise<StewardProcess> {
  rmSync(copies, { recursive: true, force: true });
  mkdirSync(copies);
  // What is there now is on the disk.
  for (const name of FILES) {
    if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(copies, name));
  }
  const config = { ...NO_LIMITS, handlers: { "*": { echo: { type: "echo" } } } };
  const lies = IS_LYING ? { POWER_LIES: "1" } : {};
  const env = { LD_PRELOAD: disk, POWER_COPIES: copies, ...lies };
  return StewardProcess.start({ dataDir, config, env });
}

/** Talks until the connection ends, one thing after another, and notes what was answered. */
async function talk(steward: StewardProcess, zoneId: string, who: number): Promise<void> {
  const key = keys[who];
  if (key === undefined) return;
  const client = await WireClient.connect(steward.wireUrl, { key });
  const join = async (): Promise<void> => {
    told.members.delete(key.nodeId);
    const { type } = await client.ask({ type: "zone.join", zone_id: zoneId });
    if (type === "zone.joined") told.members.set(key.nodeId, true);
  };
  await join();
  for (let i = 0; ; i++) {
    if (i % 10 === 9) {
      told.members.delete(key.nodeId);
      await client.ask({ type: "zone.leave", zone_id: zoneId });
      told.members.set(key.nodeId, false);
      await join();
    } else if (i % 2 === 0) {
      const id = createId("zmsg");
      const body = { type: "zone.message", zone_id: zoneId, id, content: "x".repeat(200) };
      const { seq } = await client.ask(body);
      if (seq !== undefined) told.messages.set(seq, id);
    } else {
      const request_id = createId("req");
      const body = { type: "zone.request", zone_id: zoneId, request_id, action: "echo" };
      const { type } = await client.ask({ ...body, params: { text: "hello" } });
      if (type === "zone.response") told.requests.add(request_id);
    }
  }
}

/** Leaves of the database what a machine has whose power failed, and returns how much that took. */
function fail(share: number): number {
  let forgotten = 0;
  for (const name of readdirSync(copies)) {
    const [synced, written] = [join(copies, name), join(dataDir, name)];
    const before = readFileSync(synced);
    const after = existsSync(written) ? readFileSync(written) : before;
    const file = openSync(synced, "r+");
    for (let at = 0; at < after.length; at += SECTOR_BYTES) {
      const sector = after.subarray(at, at + SECTOR_BYTES);
      if (sector.equals(before.subarray(at, at + SECTOR_BYTES))) continue;
      if (Math.random() < share) writeSync(file, sector, 0, sector.length, at);
      else forgotten += sector.length;
    }
    closeSync(file);
    copyFileSync(synced, written);
  }
  rmSync(join(dataDir, "steward.sqlite-shm"), { force: true });
  return forgotten;
}

/** Counts what was told and is not there, in a copy: the steward itself is to find the files as they are. */
function countLost(zoneId: string): number {
  const look = join(folder, "look");
  rmSync(look, { recursive: true, force: true });
  mkdirSync(look);
  for (const name of FILES) {
    if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(look, name));
  }
  const db = new Database(join(look, "steward.sqlite"));
  try {
    const message = db
      .prepare("SELECT message_id FROM zone_log WHERE zone_id = ? AND seq = ?")
      .pluck();
    const request = db.prepare("SELECT state FROM requests WHERE request_id = ?").pluck();
    const member = db.prepare("SELECT 1 FROM members WHERE zone_id = ? AND node_id = ?").pluck();
    const state = db.pragma("integrity_check(1)", { simple: true });
    if (state !== "ok") throw new Error(String(state));
    let lost = 0;
    for (const [seq, id] of told.messages) if (message.get(zoneId, seq) !== id) lost++;
    for (const id of told.requests) if (request.get(id) !== "answered") lost++;
    for (const [nodeId, isMember] of told.members) {
      if ((member.get(zoneId, nodeId) !== undefined) !== isMember) lost++;
    }
    return lost;
  } catch (error) {
    console.log(`the database cannot be read: ${(error as Error).message}`);
    return told.messages.size + told.requests.size;
  } finally {
    db.close();
  }
}

execFileSync("cc", ["-shared", "-fPIC", "-O2", "-o", disk, SOURCE, "-ldl", "-lpthread"]);
process.on("unhandledRejection", () => {});
let lost = 0;
let zoneId = "";
try {
  for (let cut = 1; cut <= CUTS; cut++) {
    const steward = await start();
    if (cut === 1) {
      zoneId = (await steward.api("POST", "/v1/zones", TEST_ZONE)).body.id as string;
    }
    for (let i = 0; i < AGENTS; i++) void talk(steward, zoneId, i).catch(() => {});
    const lifeMs = LIFE_MS_MIN + Math.random() * (LIFE_MS_MAX - LIFE_MS_MIN);
    await new Promise((resolve) => setTimeout(resolve, lifeMs));
    await steward.kill();
    const share = SHARES[cut % SHARES.length] ?? 0;
    const forgotten = fail(share);
    const missing = countLost(zoneId);
    lost += missing;
    console.log(
      `cut ${cut}: ${Math.round(forgotten / 1024)} KiB forgotten (${share * 100} % of what was not synced stayed), ` +
        `${told.messages.size} messages, ${told.requests.size} requests told, ${missing} lost`,
    );
    if (missing > 0) break;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  `${lost === 0 ? "nothing that was acknowledged is lost" : `${lost} acknowledged things are lost`}` +
    `${IS_LYING ? " (on a disk that lies something must be)" : ""}`,
);
process.exit(lost > 0 === IS_LYING ? 0 : 1);
