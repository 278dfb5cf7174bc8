import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSteward, type TestSteward } from "../support/steward.ts";

let steward: TestSteward;

beforeAll(async () => {
  steward = await startSteward();
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
});

/** Sends bytes, never ends its own side, and returns what came until the steward closed it. */
async function sendRaw(text: string): Promise<string> {
  const { hostname, port } = new URL(steward.httpUrl);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(text);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  // Half open it stays until the steward destroys it: a write is then answered by a reset.
  const probe = setInterval(() => socket.write("x"), 200);
  await closed;
  clearInterval(probe);
  return received;
}

const request = (line: string, ...headers: string[]): string =>
  `${[line, "Host: steward", ...headers].join("\r\n")}\r\n\r\n`;

const UPGRADE = ["Connection: Upgrade", "Upgrade: websocket"];
const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
const VERSION = "Sec-WebSocket-Version: 13";

test.each([
  ["an upgrade on another path", 404, request("GET /other HTTP/1.1", ...UPGRADE, KEY, VERSION)],
  ["an upgrade on the admin API", 404, request("GET /v1/zones HTTP/1.1", ...UPGRADE, KEY, VERSION)],
  [
    "an upgrade to h2c",
    426,
    request("GET /wire HTTP/1.1", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"),
  ],
  ["a WebSocket upgrade without a key", 400, request("GET /wire HTTP/1.1", ...UPGRADE, VERSION)],
  [
    "a WebSocket version of the future",
    400,
    request("GET /wire HTTP/1.1", ...UPGRADE, KEY, "Sec-WebSocket-Version: 99"),
  ],
  ["a WebSocket upgrade by POST", 405, request("POST /wire HTTP/1.1", ...UPGRADE, KEY, VERSION)],
  ["CONNECT", 405, request("CONNECT example.com:443 HTTP/1.1")],
  ["what is no HTTP", 400, "\u0016\u0003\u0001 hello\r\n\r\n"],
  [
    "a length that is none",
    400,
    request("POST /v1/zones HTTP/1.1", "Content-Length: -1", "Connection: close"),
  ],
])("%s is answered %i and its socket destroyed", async (_name, status, text) => {
  expect(await sendRaw(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

test("an expectation other than 100-continue is answered 417", async () => {
  const answer = await sendRaw(
    request("GET /livez HTTP/1.1", "Expect: magic", "Connection: close"),
  );
  expect(answer).toMatch(/^HTTP\/1.1 417 /);
});

test("an admin request that is too long is answered 413 before its body has come, and closed", async () => {
  const head = request(
    "POST /v1/zones HTTP/1.1",
    `Authorization: Bearer ${steward.token}`,
    "Content-Type: application/json",
    "Content-Length: 100000000",
  );
  expect(await sendRaw(head)).toMatch(/^HTTP\/1.1 413 /);
});
