import { once } from "node:events";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import WebSocket from "ws";
import { countMigrations, openEarlier } from "../support/earlier-database.ts";
import { UserShell } from "../support/user-shell.ts";

const EARLIER = 8;
const ADDRESS = `0x${"11".repeat(20)}`;

let shell: UserShell;
let dir: string;
beforeEach(async () => {
  shell = new UserShell();
  await shell.run(["init", "--data", "data"]);
  dir = join(shell.dir, "data");
});
afterEach(() => shell[Symbol.asyncDispose]());

const start = (port: number) =>
  shell.start(["start", "--data", "data"], { env: { STEWARD_HTTP__PORT: String(port) } });

/** A port that nobody listens at now. */
async function findFreePort(): Promise<number> {
  await using server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

test("a start whose port is taken leaves an earlier version's database as it is", async () => {
  const file = join(dir, "steward.sqlite");
  for (const name of readdirSync(dir)) {
    if (name.startsWith("steward.sqlite")) rmSync(join(dir, name));
  }
  openEarlier(file, EARLIER).close();
  await using other = createServer();
  await once(other.listen(0, "127.0.0.1"), "listening");
  const refused = await start((other.address() as AddressInfo).port).ended;
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/Port \d+ of 127\.0\.0\.1 is taken.*http\.port/),
  ]);
  expect(countMigrations(file)).toBe(EARLIER);
  // The same start, with a port: it is the port that kept the database from being changed.
  const started = start(0);
  await started.says(/^wire /m);
  expect(countMigrations(file)).toBeGreaterThan(EARLIER);
  expect(await started.stop()).toMatchObject({ code: 0 });
});

test("while a steward starts, HTTP and wire are answered 503 with a reason, and it is live", async () => {
  const asked: ServerResponse[] = [];
  await using node = createServer((_request, response) => asked.push(response));
  await once(node.listen(0, "127.0.0.1"), "listening");
  const rpcUrl = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
  const entry = { chain_id: 31337, network: "local", usdc: ADDRESS, settlement: ADDRESS };
  const config = { data_dir: ".", chains: [{ ...entry, rpc_urls: [rpcUrl] }] };
  writeFileSync(join(dir, "steward.config.json"), JSON.stringify(config));
  const port = await findFreePort();
  const steward = shell.start(["start", "--data", "data", "--create"], {
    env: { STEWARD_HTTP__PORT: String(port) },
  });
  // It waits for the chain's first answer.
  await once(node, "request");
  const url = `http://127.0.0.1:${port}`;
  for (const path of ["/readyz", "/v1/zones", "/.well-known/atlas.json"]) {
    const answer = await fetch(url + path);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await answer.json()).toMatchObject({
      error: { code: "not_ready", message: expect.stringMatching(/starting/) },
    });
  }
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/wire`);
  const [, refusal] = await once(socket, "unexpected-response");
  expect(refusal.statusCode).toBe(503);
  node.on("request", (_request, response) => response.destroy());
  for (const response of asked) response.destroy();
  await steward.says(/^wire /m);
  expect((await fetch(`${url}/.well-known/atlas.json`)).status).toBe(200);
  expect(await steward.stop()).toMatchObject({ code: 0 });
});
