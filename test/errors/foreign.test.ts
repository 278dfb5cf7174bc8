import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import { createServer as createTlsServer, get as getTls } from "node:https";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { createPublicClient, http } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, expect, test } from "vitest";
import { ANVIL_CHAIN_ID, startAnvil } from "../../src/dev/anvil.ts";
import { FOREIGN_ERRORS, findForeignFailure } from "../../src/foreign-errors.ts";
import { createCertificate } from "../support/certificate.ts";

const dir = mkdtempSync(join(tmpdir(), "foreign-"));
const open: (() => unknown)[] = [() => rmSync(dir, { recursive: true, force: true })];
afterAll(async () => {
  for (const close of open) await close();
});
const met = new Set<object>();

/** What something throws. */
async function thrown(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error("It threw nothing.");
}

/** Expects that a real failure is told by one of these codes, and remembers its row. */
async function expectTold(act: () => unknown, codes: readonly string[], kind: string) {
  const error = await thrown(act);
  const failure = findForeignFailure(error);
  expect(failure, String(error)).toMatchObject({ kind, code: expect.toBeOneOf([...codes]) });
  expect(failure?.hint).toMatch(/^[a-z].* — [a-z].*[^.]$/);
  const row = FOREIGN_ERRORS.find(({ what, todo }) => failure?.hint === `${what} — ${todo}`);
  if (row !== undefined) met.add(row);
}

async function listen(server: Server, host = "127.0.0.1"): Promise<number> {
  server.listen(0, host);
  await once(server, "listening");
  open.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A request that is rejected with the socket's own error. */
function ask(get_: typeof get, url: string, options: object = {}): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  get_(url, { agent: false, ...options } as object, (response) => {
    response.resume();
    resolve();
  }).on("error", reject);
  return promise;
}

/** A name server that answers every question with a code; with none, it keeps silent. */
async function startNameServer(code: number | undefined): Promise<Resolver> {
  const socket = createSocket("udp4");
  socket.on("message", (question, { port, address }) => {
    if (code === undefined) return;
    const answer = Buffer.from(question);
    answer.writeUInt16BE(0x8180 | code, 2);
    socket.send(answer, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  open.push(() => socket.close());
  const resolver = new Resolver({ timeout: 50, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return resolver;
}

test("names: one that is not there, a server that fails, and one that is silent", async () => {
  const resolve = async (code?: number) => {
    const resolver = await startNameServer(code);
    return () => resolver.resolve4("steward.example");
  };
  await expectTold(await resolve(3), ["ENOTFOUND"], "dns");
  await expectTold(await resolve(2), ["ESERVFAIL"], "dns");
  await expectTold(await resolve(), ["ETIMEOUT"], "dns");
});

test("connections: refused, broken off, ended without an answer, a port that is taken, an address of others", async () => {
  const gone = createTcpServer();
  const port = await listen(gone);
  gone.close();
  await once(gone, "close");
  await expectTold(() => fetch(`http://127.0.0.1:${port}`), ["ECONNREFUSED"], "tcp");
  // Both addresses of the name are refused, each with an error of its own.
  await expectTold(() => fetch(`http://localhost:${port}`), ["ECONNREFUSED"], "tcp");
  const resets = await listen(
    createTcpServer((socket) => socket.once("data", () => socket.resetAndDestroy())),
  );
  await expectTold(() => ask(get, `http://127.0.0.1:${resets}`), ["ECONNRESET"], "tcp");
  const ends = await listen(createTcpServer((socket) => socket.once("data", () => socket.end())));
  await expectTold(() => fetch(`http://127.0.0.1:${ends}`), ["UND_ERR_SOCKET"], "tcp");
  const second = createTcpServer();
  await expectTold(
    async () => {
      second.listen(ends, "127.0.0.1");
      await once(second, "listening");
    },
    ["EADDRINUSE"],
    "tcp",
  );
  const elsewhere = createTcpServer();
  await expectTold(
    async () => {
      elsewhere.listen(0, "192.0.2.1");
      await once(elsewhere, "listening");
    },
    ["EADDRNOTAVAIL"],
    "tcp",
  );
});

test("TLS: a certificate of nobody, one that is over, one for another name, and no TLS at all", async () => {
  const start = async (name: string, from: number, until: number) => {
    const made = createCertificate(name, from, until);
    const port = await listen(createTlsServer(made, (_, response) => response.end()));
    return { url: `https://localhost:${port}`, ca: made.cert };
  };
  const own = await start("localhost", 2020, 2090);
  await ask(getTls as typeof get, own.url, { ca: own.ca });
  await expectTold(() => fetch(own.url), ["DEPTH_ZERO_SELF_SIGNED_CERT"], "tls");
  const over = await start("localhost", 2020, 2021);
  await expectTold(
    () => ask(getTls as typeof get, over.url, { ca: over.ca }),
    ["CERT_HAS_EXPIRED"],
    "tls",
  );
  const other = await start("other.example", 2020, 2090);
  await expectTold(
    () => ask(getTls as typeof get, other.url, { ca: other.ca }),
    ["ERR_TLS_CERT_ALTNAME_INVALID"],
    "tls",
  );
  const plain = await listen(createServer((_, response) => response.end()));
  await expectTold(
    () => fetch(`https://127.0.0.1:${plain}`),
    ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "ERR_SSL_WRONG_VERSION_NUMBER", "EPROTO"],
    "tls",
  );
});

test("HTTP: statuses as a client library throws them, and an answer that does not come in time", async () => {
  let status = 0;
  const sockets: Socket[] = [];
  const server = createServer((_, response) => {
    if (status === 0) return;
    response.writeHead(status, { location: "/elsewhere" }).end("no");
  });
  server.on("connection", (socket) => sockets.push(socket));
  const url = `http://127.0.0.1:${await listen(server)}`;
  await expectTold(() => fetch(url, { signal: AbortSignal.timeout(30) }), ["TimeoutError"], "http");
  const client = createPublicClient({
    transport: http(url, { retryCount: 0, fetchOptions: { redirect: "manual" } }),
  });
  for (status of [307, 401, 404, 429, 503])
    await expectTold(() => client.getChainId(), [`HTTP_${status}`], "http");
  for (const socket of sockets) socket.destroy();
});

test("RPC: what a node does not have, does not take, and has enough of", async () => {
  const anvil = await startAnvil();
  open.push(() => anvil[Symbol.asyncDispose]());
  const call = (url: string, method: string, params: unknown[]) =>
    createPublicClient({ transport: http(url, { retryCount: 0 }) }).request({
      ...{ method, params },
    } as never);
  await expectTold(() => call(anvil.rpcUrl, "eth_noSuchMethod", []), ["-32601"], "rpc");
  await expectTold(() => call(anvil.rpcUrl, "eth_getBalance", ["no"]), ["-32602"], "rpc");
  // Of an account that has nothing.
  const raw = await privateKeyToAccount(generatePrivateKey()).signTransaction({
    ...{ chainId: ANVIL_CHAIN_ID, nonce: 0, gas: 21_000n, maxFeePerGas: 10n ** 10n, value: 1n },
    to: `0x${"22".repeat(20)}`,
  });
  await expectTold(
    () => call(anvil.rpcUrl, "eth_sendRawTransaction", [raw]),
    ["-32000", "-32003", "-32603"],
    "rpc",
  );
  // As infura says it (docs/chains.md); no node at hand limits anybody.
  const error = { code: -32_005, message: "daily request count exceeded, request rate limited" };
  const limited = createServer((_, response) =>
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, error })),
  );
  const url = `http://127.0.0.1:${await listen(limited)}`;
  await expectTold(() => call(url, "eth_chainId", []), ["-32005"], "rpc");
});

test("SQLite: held, full, damaged, none at all, read only, and not there", async () => {
  const file = join(dir, "a.sqlite");
  const db = new Database(file);
  open.unshift(() => db.close());
  db.exec("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(50000))");
  const other = new Database(file, { timeout: 0 });
  db.exec("BEGIN IMMEDIATE");
  await expectTold(() => other.exec("INSERT INTO t VALUES (1)"), ["SQLITE_BUSY"], "sqlite");
  db.exec("COMMIT");
  other.pragma(`max_page_count = ${db.pragma("page_count", { simple: true })}`);
  const fill = "INSERT INTO t VALUES (zeroblob(50000))";
  await expectTold(() => other.exec(fill), ["SQLITE_FULL"], "sqlite");
  other.close();
  const reader = new Database(file, { readonly: true });
  await expectTold(() => reader.exec(fill), ["SQLITE_READONLY"], "sqlite");
  reader.close();
  const bytes = readFileSync(file);
  writeFileSync(join(dir, "b.sqlite"), bytes.fill(0xff, 4096, 8192));
  await expectTold(
    () => new Database(join(dir, "b.sqlite")).prepare("SELECT * FROM t").all(),
    ["SQLITE_CORRUPT"],
    "sqlite",
  );
  writeFileSync(join(dir, "c.sqlite"), "this is no database".repeat(100));
  await expectTold(
    () => new Database(join(dir, "c.sqlite")).pragma("user_version"),
    ["SQLITE_NOTADB"],
    "sqlite",
  );
  await expectTold(
    () => new Database(join(dir, "d.sqlite"), { fileMustExist: true }),
    ["SQLITE_CANTOPEN"],
    "sqlite",
  );
});

test("the system: a full disk, what may not be done, what is not there, a disk that fails, too many files", async () => {
  await expectTold(() => writeFileSync("/dev/full", "x"), ["ENOSPC"], "system");
  await expectTold(() => unlinkSync("/proc/self/status"), ["EPERM", "EACCES"], "system");
  await expectTold(() => readFileSync(join(dir, "none")), ["ENOENT"], "system");
  await expectTold(() => readFileSync("/proc/self/mem"), ["EIO"], "system");
  const script = `
    const { openSync } = require("node:fs");
    try { for (;;) openSync("/dev/null", "r"); } catch (error) { console.log(JSON.stringify(error)); }`;
  const node = `ulimit -n 64; exec "${process.execPath}" -e '${script.replaceAll("\n", " ")}'`;
  const { stdout } = spawnSync("bash", ["-c", node], { encoding: "utf8" });
  // The error of another process, with all that it says of itself.
  await expectTold(() => Promise.reject(JSON.parse(stdout)), ["EMFILE"], "system");
});

/** What cannot be provoked on loopback, or without a disk that is broken. */
const NOT_PROVOKED = [
  ["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT"],
  ["EHOSTUNREACH"],
  ["SQLITE_IOERR*"],
];

test("every row was told of a real failure, but for three that nothing here can provoke", () => {
  const missing = FOREIGN_ERRORS.filter((row) => !met.has(row)).map(({ codes }) => codes[0]);
  expect(missing).toEqual(NOT_PROVOKED.map(([first]) => first));
});

test("words alone decide nothing", () => {
  expect(findForeignFailure(new TypeError("connect ECONNREFUSED 127.0.0.1:1"))).toBeUndefined();
  // Nor does a chain of causes without an end.
  const round: Error & { cause?: unknown } = new Error("SQLITE_FULL");
  round.cause = round;
  expect(findForeignFailure(round)).toBeUndefined();
});
