import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, test } from "vitest";
import { parseConfig } from "../../src/config/config.ts";
import { isExpected, StewardError } from "../../src/errors.ts";
import { createSteward } from "../../src/steward.ts";

const ERROR_LEVEL = 50;

test("a client that goes away in the middle of its request is no error of the steward's", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-log-"));
  const lines: { level: number; msg: string }[] = [];
  const log = pino(
    { level: "debug" },
    new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(JSON.parse(String(chunk)) as (typeof lines)[number]);
        done();
      },
    }),
  );
  const config = parseConfig({ data_dir: dataDir, http: { port: 0 } }, dataDir);
  {
    await using steward = await createSteward(config, { log });
    const { hostname, port } = new URL(steward.httpUrl);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    const head = [
      "POST /v1/zones HTTP/1.1",
      `Host: ${hostname}`,
      `Authorization: Bearer ${steward.firstToken}`,
      "Content-Type: application/json",
      "Content-Length: 1000",
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n{"name":`);
    // Another request on its own socket is answered when the steward has read the first one's head.
    expect((await fetch(`${steward.httpUrl}/livez`)).status).toBe(200);
    socket.destroy();
    await once(socket, "close");
    expect((await fetch(`${steward.httpUrl}/livez`)).status).toBe(200);
  }
  rmSync(dataDir, { recursive: true, force: true });
  expect(lines.filter(({ level }) => level >= ERROR_LEVEL)).toEqual([]);
});

test("refusals are expected, whatever caused them; faults without a reason are not", () => {
  const cause = new Error("found out by a library");
  expect(isExpected(new StewardError("rate_limited"))).toBe(true);
  expect(isExpected(new StewardError("internal", { reason: "OVERLOADED", cause }))).toBe(true);
  expect(isExpected(new StewardError("internal", { cause }))).toBe(false);
  expect(isExpected(new StewardError(5001))).toBe(false);
  expect(isExpected(cause)).toBe(false);
});
