import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { toShownConfig } from "../../src/admin/shown-config.ts";
import { loadConfig } from "../../src/config/config.ts";
import { UserShell } from "../support/user-shell.ts";

const SECRET = "hunter2secret";
const COLLECTOR = "http://127.0.0.1:1/v1/traces";

function toEnvironment(otlpUrl: string, headers?: string) {
  return {
    STEWARD_HTTP__PORT: "0",
    STEWARD_TRACING__OTLP_URL: otlpUrl,
    STEWARD_TRACING__INTERVAL_MS: "10",
    ...(headers !== undefined && { STEWARD_TRACING__HEADERS_ENV: "HEADERS", HEADERS: headers }),
  };
}

const NO_CHARACTER = "has a line break or another character that no header may have";
const NO_NAME = "entry 2 of the headers does not begin with a header's name and =";

test.each([
  ["a line break in a header", `x-scope=a,Authorization=b\n${SECRET}`, "authorization"],
  ["a control character in one", `x-key=\u0001${SECRET}`, "x-key"],
  ["a character beyond Latin letters in one", `x-key=${SECRET}\u2026`, "x-key"],
  ["a value with a comma", `x-key=a,${SECRET}`, NO_NAME],
  ["a name that is none", `x-key=a,${SECRET} b=c`, NO_NAME],
  ["an empty name", `x-key=a,=${SECRET}`, NO_NAME],
  [
    "a header that is steward's own",
    `Content-Length=${SECRET}`,
    "the header content-length is set by steward itself",
  ],
  ["a header twice", `x-key=a,X-Key=${SECRET}`, "the header x-key stands there twice"],
])("%s is a problem that names it and says no value", (_what, headers, says) => {
  const load = () => loadConfig({ environment: toEnvironment(COLLECTOR, headers) });
  const problem = says.includes(" ") ? says : `the header ${says} ${NO_CHARACTER}`;
  expect(load).toThrow(`- tracing.headers_env: ${problem}`);
  expect(load).not.toThrow(SECRET);
});

test("a user name alone is none of an address either, and a key in its query is told to nobody", () => {
  const load = (url: string) => loadConfig({ environment: toEnvironment(url) });
  const named = () => load(`https://${SECRET}@127.0.0.1:1/v1/traces`);
  expect(named).toThrow("- tracing.otlp_url: expected no user name or password in the address");
  expect(named).not.toThrow(SECRET);
  const { config } = load(`${COLLECTOR}?key=${SECRET}`);
  expect(JSON.stringify(toShownConfig(config))).not.toContain(SECRET);
});

test.each([
  [
    "a password in the address",
    toEnvironment(`http://someone:${SECRET}@127.0.0.1:1/v1/traces`),
    /tracing\.otlp_url: expected no user name or password .*tracing\.headers_env/,
  ],
  [
    "a header that cannot be sent",
    toEnvironment(COLLECTOR, `Authorization=Bearer top\n${SECRET}`),
    /tracing\.headers_env: the header authorization has a line break .*the variable HEADERS/,
  ],
])("nothing starts with %s, and no secret is told", async (_what, environment, says) => {
  await using shell = new UserShell(environment);
  const { code, stdout, stderr } = await shell.run(["start", "--create"]);
  expect(stdout + stderr).toMatch(says);
  expect(code).toBe(2);
  expect(stdout + stderr).not.toContain(SECRET);
});

/** A collector that answers the next post as it is told, and others well. */
async function startCollector() {
  const posts: IncomingHttpHeaders[] = [];
  const told: (number | "cut")[] = [];
  const server = createServer((request, response) => {
    posts.push(request.headers);
    const next = told.shift() ?? 200;
    if (next === "cut") request.socket.destroy();
    else response.writeHead(next, { location: `http://x:${SECRET}@127.0.0.1/` }).end(SECRET);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => server.close().closeAllConnections();
  return { posts, told, url: `http://127.0.0.1:${port}/v1/traces`, [Symbol.dispose]: close };
}

test("of a post that fails the log has the code alone, and what to do, whoever failed", async () => {
  using collector = await startCollector();
  const headers = `Authorization=Bearer ${SECRET}, x-scope=a,`;
  await using shell = new UserShell(toEnvironment(`${collector.url}?key=${SECRET}`, headers));
  const steward = shell.start(["start", "--create"]);
  const [, http = ""] = await steward.says(/^http {3}(\S+)$/m);
  const { posts, told } = collector;
  const failures = { HTTP_401: 401, HTTP_307: 307, UND_ERR_SOCKET: "cut" } as const;
  for (const [code, answer] of Object.entries(failures)) {
    told.push(answer);
    expect((await fetch(`${http}/livez`)).status).toBe(200);
    const [line] = await steward.says(new RegExp(`^.*"failure":"${code}".*$`, "m"), "stderr");
    const { help, err, lost, msg } = JSON.parse(line);
    expect([help.code, help.hint, err]).toEqual([code, expect.stringMatching(/ — /), undefined]);
    expect([lost, msg]).toEqual([1, "spans could not be posted; see tracing.otlp_url"]);
    // Told again only after one that was taken.
    const count = posts.length;
    await fetch(`${http}/livez`);
    await vi.waitFor(() => expect(posts.length).toBeGreaterThan(count), { timeout: 10_000 });
  }
  const { code, stdout, stderr } = await steward.stop();
  expect(code).toBe(0);
  expect(stdout + stderr).not.toContain(SECRET);
  for (const { authorization, "x-scope": scope } of posts) {
    expect([authorization, scope]).toEqual([`Bearer ${SECRET}`, "a"]);
  }
});
