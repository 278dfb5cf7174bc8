import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test, vi } from "vitest";
import { TEST_ZONE } from "../support/steward.ts";
import { StewardProcess } from "../support/steward-process.ts";
import { WireClient } from "../support/wire-client.ts";

/** A steward process whose action waits until the test lets it answer. */
async function startWaiting(wire: object = {}) {
  await using stack = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), "steward-stopping-"));
  stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  const asked = Promise.withResolvers<ServerResponse>();
  const upstream = createServer((_request, response) => asked.resolve(response));
  await once(upstream.listen(0, "127.0.0.1"), "listening");
  stack.defer(() => {
    upstream.close();
    upstream.closeAllConnections();
  });
  const { port } = upstream.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  const wait = { type: "http", url, allow_private: ["127.0.0.1"] };
  const dataDir = join(dir, "data");
  const config = { http: { port: 0 }, wire, handlers: { "*": { wait } } };
  const steward = stack.use(await StewardProcess.start({ dataDir, config }));
  const actions = [{ name: "wait", description: "Waits." }];
  const { body } = await steward.api("POST", "/v1/zones", { ...TEST_ZONE, actions });
  const agent = stack.use(await WireClient.connect(steward.wireUrl));
  await agent.ask({ type: "zone.join", zone_id: body.id });
  const ask = (id: string) =>
    agent.sendBody({ type: "zone.request", request_id: id, zone_id: body.id, action: "wait" });
  ask("first");
  const response = await asked.promise;
  const owned = stack.move();
  const world = { steward, agent, ask, response, dataDir };
  return { ...world, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Begins a request whose body is not complete; returns what completes it. */
function beginRequest({ httpUrl, token }: StewardProcess) {
  const body = JSON.stringify(TEST_ZONE);
  const begun = request(`${httpUrl}/v1/zones`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-length": body.length,
      // Answered only by who has begun to read the request.
      expect: "100-continue",
    },
  });
  begun.flushHeaders();
  const answered = once(begun, "response");
  return {
    isRead: once(begun, "continue"),
    complete: async () => {
      begun.end(body);
      const [answer] = await answered;
      return { status: answer.statusCode as number, body: await text(answer) };
    },
  };
}

test("on SIGTERM readiness fails first, what is under way is answered, nothing new begins, and the log is checkpointed", async () => {
  await using world = await startWaiting();
  const { steward, agent, ask, response, dataDir } = world;
  const slow = beginRequest(steward);
  await slow.isRead;
  const beganMs = performance.now();
  process.kill(steward.pid, "SIGTERM");
  await vi.waitFor(async () => {
    const { status, body } = await steward.api("GET", "/readyz");
    expect([status, body.error?.details.failing]).toEqual([503, ["draining"]]);
  });
  expect((await steward.api("GET", "/livez")).status).toBe(200);
  ask("second");
  const refused = await agent.nextBody("zone.error");
  expect(refused).toMatchObject({ request_id: "second", code: "internal", reason: "STOPPING" });
  expect((await slow.complete()).status).toBe(201);
  response.end('"done"');
  expect(await agent.nextBody("zone.response")).toMatchObject({
    ...{ request_id: "first", result: "done" },
  });
  const end = await agent.next("disconnect");
  expect(end.fields.reason).toBe("server_shutdown");
  expect(await steward.ended).toBe(0);
  expect(performance.now() - beganMs).toBeLessThan(10_000);
  expect(existsSync(join(dataDir, "steward.sqlite"))).toBe(true);
  expect(existsSync(join(dataDir, "steward.sqlite-wal"))).toBe(false);
});

test("a second signal leaves at once, and the next start has everything", async () => {
  await using world = await startWaiting();
  const { steward, dataDir } = world;
  process.kill(steward.pid, "SIGTERM");
  await vi.waitFor(async () => expect((await steward.api("GET", "/readyz")).status).toBe(503));
  process.kill(steward.pid, "SIGTERM");
  expect(await steward.ended).toBe(130);
  writeFileSync(join(dataDir, "token"), steward.token);
  await using again = await StewardProcess.start({ dataDir, config: { http: { port: 0 } } });
  const listed = await fetch(`${again.httpUrl}/v1/zones`, {
    headers: { authorization: `Bearer ${steward.token}` },
  });
  expect(((await listed.json()) as { zones: unknown[] }).zones).toHaveLength(1);
});

test("a run that does not end is given up on after wire.shutdown_timeout_ms", async () => {
  await using world = await startWaiting({ shutdown_timeout_ms: 200 });
  const { steward, agent } = world;
  process.kill(steward.pid, "SIGTERM");
  expect((await agent.next("disconnect")).fields.reason).toBe("server_shutdown");
  expect(await steward.ended).toBe(0);
});
