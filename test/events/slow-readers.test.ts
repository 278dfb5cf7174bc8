import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { readCount } from "../support/counts.ts";
import { EventReader } from "../support/event-reader.ts";
import { createApi, TEST_ZONE } from "../support/steward.ts";
import { NO_LIMITS, StewardProcess } from "../support/steward-process.ts";

const READERS = readCount("FEED_READERS");
const EVENTS = 1500;
/** More in all than what the system holds for a socket that nobody reads. */
const EVENT_BYTES = 4000;
/** Of each reader: what it was handed last, and what belongs to its connection. */
const GROWTH_BYTES_MAX = 200_000 * READERS;

test("readers that never read cost the steward no memory, and one that does then gets every event in its order", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-slow-"));
  const config = { ...NO_LIMITS, http: { port: 0 } };
  const sockets: Socket[] = [];
  try {
    const first = await StewardProcess.start({ dataDir, config });
    const { token } = first;
    await first[Symbol.asyncDispose]();
    fillLog(join(dataDir, "steward.sqlite"));
    await using steward = await StewardProcess.start({ dataDir, config, measured: true });
    const api = createApi(steward.httpUrl, token);
    const source = { httpUrl: steward.httpUrl, token };
    await readAll(source);
    const before = await steward.measure();
    for (let count = 0; count < READERS; count++) sockets.push(await openUnread(source));
    const after = await readAll(source);
    await api("POST", "/v1/zones", TEST_ZONE);
    const grown = await steward.measure();
    const bytes = grown.heapUsed + grown.external - before.heapUsed - before.external;
    expect(bytes).toBeLessThan(GROWTH_BYTES_MAX);
    expect(after).toEqual([...after].sort((a, b) => a - b));
    // Reads only now what was begun before.
    const [late] = sockets;
    const text = await readUntil(late as Socket, "zone.created");
    const ids = [...text.matchAll(/^id: (\d+)\nevent/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual([...after, Number(after.at(-1)) + 1]);
  } finally {
    for (const socket of sockets) socket.destroy();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

/** Puts events into a log, as many and as long as a steward would write in days. */
function fillLog(file: string): void {
  const db = new Database(file, { fileMustExist: true });
  db.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO events (at, type, data)
     SELECT ?, 'alarm.raised', json_object('what', hex(zeroblob(?))) FROM n`,
  ).run(EVENTS, Date.now(), EVENT_BYTES / 2);
  db.close();
}

async function readAll(source: { httpUrl: string; token: string }): Promise<number[]> {
  await using reader = await EventReader.open(source, "?after=0");
  await reader.find("present");
  return reader.ids;
}

/** Asks for the feed and never looks at what comes. */
async function openUnread({ httpUrl, token }: { httpUrl: string; token: string }): Promise<Socket> {
  const { hostname, port } = new URL(httpUrl);
  const socket = connect(Number(port), hostname);
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  socket.pause();
  const lines = ["GET /v1/events?after=0 HTTP/1.1", "Host: x", `Authorization: Bearer ${token}`];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  return socket;
}

/** The body as far as a text, its chunks put together. */
async function readUntil(socket: Socket, end: string): Promise<string> {
  const parts: Buffer[] = [];
  let tail = "";
  for await (const part of socket) {
    parts.push(part);
    tail = (tail + part).slice(-2 * end.length - part.length);
    if (tail.includes(end)) break;
  }
  return Buffer.concat(parts)
    .toString()
    .replaceAll(/\r\n[0-9a-f]+\r\n/g, "");
}
