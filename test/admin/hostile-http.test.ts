import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSteward, type TestSteward } from "../support/steward.ts";

const config = { http: { port: 0, headers_timeout_ms: 400, request_timeout_ms: 800 } };
let steward: TestSteward;
beforeAll(async () => {
  steward = await startSteward({ config });
});
afterAll(() => steward[Symbol.asyncDispose]());

/** Sends bytes as they are, and reads until the other side ends. */
async function sendRaw(...parts: string[]): Promise<string> {
  const { hostname, port } = new URL(steward.httpUrl);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    answer += text;
  });
  socket.on("error", () => {});
  for (const part of parts) socket.write(part, "latin1");
  await once(socket, "close");
  return answer;
}

const head = (line: string, ...headers: string[]) =>
  [line, "Host: x", "Connection: close", ...headers, "", ""].join("\r\n");
const auth = () => `Authorization: Bearer ${steward.token}`;
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

test("a request that does not arrive in time is ended, while others are answered", async () => {
  const json = "Content-Type: application/json";
  const slow = [
    sendRaw("POST /v1/zones HTTP/1.1\r\nHost: x\r\n"),
    sendRaw(head("POST /v1/zones HTTP/1.1", auth(), json, "Content-Length: 100"), '{"name":'),
    sendRaw(head("POST /v1/zones HTTP/1.1", auth(), json, "Transfer-Encoding: chunked"), "5\r\n{"),
  ];
  expect((await steward.api("GET", "/v1/zones")).status).toBe(200);
  for (const answer of await Promise.all(slow)) expect([408, 400]).toContain(statusOf(answer));
  expect((await steward.api("GET", "/v1/zones")).body.zones).toEqual([]);
});

test("paths and headers that are to be taken for others lead nowhere else", async () => {
  const get = async (path: string, ...headers: string[]) =>
    statusOf(await sendRaw(head(`GET ${path} HTTP/1.1`, ...headers)));
  for (const path of [
    "/livez/../v1/tokens",
    "/livez/%2e%2e/v1/tokens",
    "//v1/tokens",
    "/v1//tokens",
    "/V1/tokens",
    "/v1/tokens/",
    "/v1/tokens;x",
    "/v1/tokens%00",
    "/%76%31/tokens",
    "/docs/../v1/audit",
    "http://other/v1/tokens",
  ]) {
    expect([path, [401, 404, 400].includes(await get(path))]).toEqual([path, true]);
  }
  // What a client says of itself neither opens anything nor comes back.
  const claims = ["X-Original-URL: /livez", "X-Rewrite-Url: /livez", "X-HTTP-Method-Override: GET"];
  expect(await get("/v1/tokens", ...claims)).toBe(401);
  const answer = await sendRaw(
    head("GET /livez HTTP/1.1", "X-Request-Id: mine", "Origin: http://e"),
  );
  expect(answer).not.toMatch(/mine|access-control/i);
});

test("no header of an answer holds what a client chose, and none can be added to it", async () => {
  const injected = "x%0d%0aSet-Cookie:%20a=1";
  for (const path of [`/v1/zones/${injected}`, `/v1/tokens/${injected}`, `/${injected}`]) {
    const answer = await sendRaw(head(`DELETE ${path} HTTP/1.1`, auth()));
    expect(answer.split("\r\n\r\n")[0]).not.toMatch(/set-cookie/i);
  }
  const twice = await sendRaw(
    head("POST /v1/zones HTTP/1.1", auth(), "Content-Length: 2", "Content-Length: 4"),
    "{}{}",
  );
  expect(statusOf(twice)).toBe(400);
  const both = await sendRaw(
    head("POST /v1/zones HTTP/1.1", auth(), "Content-Length: 2", "Transfer-Encoding: chunked"),
    "0\r\n\r\n",
  );
  expect(statusOf(both)).toBe(400);
});

test("whoever names another address in X-Forwarded-For is not believed without a trusted proxy", async () => {
  await sendRaw(
    head("GET /v1/zones HTTP/1.1", "Authorization: Bearer wrong", "X-Forwarded-For: 203.0.113.9"),
  );
  const { entries } = (await steward.api("GET", "/v1/audit?order=desc&limit=1")).body;
  expect(entries).toMatchObject([{ kind: "refused", address: "127.0.0.1" }]);
});
