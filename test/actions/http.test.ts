import { createHmac } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import type { Reply } from "../support/wire-client.ts";
import { json, startRig, Upstream } from "./upstream.ts";

const LOOPBACK = ["127.0.0.0/8"];
const MINUTE_MS = 60_000;

function toHandler(upstream: Upstream, more: Record<string, unknown> = {}) {
  return { type: "http", url: upstream.url, allow_private: LOOPBACK, ...more };
}

function expectFailure(reply: Reply, reason: string, message?: string): void {
  expect(reply).toMatchObject({ type: "zone.error", code: "internal", reason });
  if (message !== undefined) expect(reply.message).toContain(message);
}

/** Ends each connection at its second run. */
function answerOncePerConnection(upstream: Upstream): void {
  const served = new Set<Socket>();
  upstream.answer = (response) => {
    const { socket } = response;
    if (socket === null || served.has(socket)) return response.destroy();
    served.add(socket);
    setTimeout(() => json(response, 200, "done"), 5);
  };
}

test("an http action posts the invocation, signed, and answers with the upstream's JSON", async () => {
  await using upstream = await Upstream.start();
  const secret = "a secret";
  await using rig = await startRig({ run: toHandler(upstream, { secret }) });
  upstream.answer = (response, { body }) => json(response, 200, { got: body.params });
  const reply = await rig.ask("run", { text: "ü" });
  expect(reply).toMatchObject({ type: "zone.response", result: { got: { text: "ü" } } });
  const [received] = upstream.received;
  if (received === undefined) throw new Error("nothing came");
  const { method, headers, text, body } = received;
  expect(method).toBe("POST");
  expect(body).toEqual({
    request_id: headers["idempotency-key"],
    zone_id: rig.zoneId,
    action: "run",
    requester: rig.client.nodeId,
    params: { text: "ü" },
  });
  const timestamp = headers["x-steward-timestamp"];
  const signature = createHmac("sha256", secret).update(`${timestamp}.${text}`).digest("hex");
  expect(headers["x-steward-signature"]).toBe(`sha256=${signature}`);
  expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(5);
});

test("an application-level error in a 2xx answer is a delivered result, an empty one is null", async () => {
  await using upstream = await Upstream.start();
  await using rig = await startRig({ run: toHandler(upstream) });
  upstream.answer = (response) => json(response, 200, { error: { message: "no such city" } });
  expect(await rig.ask("run")).toMatchObject({
    type: "zone.response",
    result: { error: { message: "no such city" } },
  });
  upstream.answer = (response) => response.writeHead(204).end();
  expect(await rig.ask("run")).toMatchObject({ type: "zone.response", result: null });
});

test("upstream refusals are UPSTREAM_ERROR, their text cleaned and cut to 200 characters", async () => {
  await using upstream = await Upstream.start();
  await using rig = await startRig({ run: toHandler(upstream) });
  const text = `<b>bad</b> at /srv/app/index.js, see http://inner.example/x ${"y".repeat(500)}`;
  upstream.answer = (response) => response.writeHead(422).end(text);
  const reply = await rig.ask("run");
  expectFailure(reply, "UPSTREAM_ERROR", "answered 422: bad at [path], see [url] yyy");
  expect(reply.message.length).toBeLessThanOrEqual(200);
  upstream.answer = (response) => response.writeHead(500).end();
  expectFailure(await rig.ask("run"), "UPSTREAM_ERROR", "answered 500.");
  upstream.answer = (response) => response.writeHead(302, { location: upstream.url }).end();
  expectFailure(await rig.ask("run"), "UPSTREAM_ERROR", "answered 302.");
  expect(upstream.received).toHaveLength(3);
});

test("what is no answer says what it is: no JSON, no body, too large, cut off", async () => {
  await using upstream = await Upstream.start();
  await using rig = await startRig({ run: toHandler(upstream, { response_bytes_max: 1000 }) });
  upstream.answer = (response) => response.end("<html>");
  expectFailure(await rig.ask("run"), "UPSTREAM_ERROR", "no valid JSON");
  upstream.answer = (response) => response.end('{"a":1,"a":2}');
  expectFailure(await rig.ask("run"), "RESULT_INVALID", "nothing a message can carry");
  upstream.answer = (response) => response.end(JSON.stringify("x".repeat(998)));
  expect((await rig.ask("run")).type).toBe("zone.response");
  upstream.answer = (response) => response.end(JSON.stringify("x".repeat(999)));
  expectFailure(await rig.ask("run"), "RESULT_TOO_LARGE", "too large");
  upstream.answer = (response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("[1,", () => response.destroy());
  };
  expectFailure(await rig.ask("run"), "UPSTREAM_ERROR", "ended before");
});

test("an endless answer is cut at the limit and leaves no connection", async () => {
  await using upstream = await Upstream.start();
  await using rig = await startRig({ run: toHandler(upstream) });
  let written = 0;
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  upstream.answer = (response) => {
    response.on("close", resolve);
    const chunk = Buffer.alloc(65_536, "x");
    const write = (): void => {
      if (response.destroyed) return;
      written += chunk.length;
      response.write(chunk, write);
    };
    write();
  };
  expectFailure(await rig.ask("run"), "RESULT_TOO_LARGE", "too large");
  await closed;
  expect(written).toBeLessThan(16 * 1_048_576);
});

test("slow, then dead, then back: the right codes, and one probe after a minute", async () => {
  await using upstream = await Upstream.start();
  let nowMs = Date.now();
  const handlers = { run: toHandler(upstream, { timeout_ms: 300 }) };
  await using rig = await startRig(handlers, { nowMs: () => nowMs });
  expect((await rig.ask("run")).type).toBe("zone.response");

  upstream.answer = () => {};
  expectFailure(await rig.ask("run"), "UPSTREAM_TIMEOUT");
  expectFailure(await rig.ask("run"), "UPSTREAM_TIMEOUT");
  await upstream.die();
  for (let i = 0; i < 3; i++) {
    expectFailure(await rig.ask("run"), "UPSTREAM_UNAVAILABLE", "cannot be reached");
  }
  const asked = upstream.received.length;
  await upstream.listen();
  upstream.answer = () => {};
  const refused = await rig.ask("run");
  expectFailure(refused, "UPSTREAM_UNAVAILABLE", "known to be down");
  expect(refused.retry_after_ms).toBe(MINUTE_MS);

  nowMs += MINUTE_MS - 1;
  expectFailure(await rig.ask("run"), "UPSTREAM_UNAVAILABLE", "known to be down");
  expect(upstream.received).toHaveLength(asked);
  nowMs += 1;
  const probing = rig.ask("run");
  await upstream.got(asked + 1);
  // While the probe is under way nobody else is let through.
  expectFailure(await rig.ask("run"), "UPSTREAM_UNAVAILABLE", "known to be down");
  expectFailure(await probing, "UPSTREAM_TIMEOUT");
  expectFailure(await rig.ask("run"), "UPSTREAM_UNAVAILABLE", "known to be down");
  expect(upstream.received).toHaveLength(asked + 1);

  nowMs += MINUTE_MS;
  upstream.answer = (response) => json(response, 200, "back");
  expect(await rig.ask("run")).toMatchObject({ type: "zone.response", result: "back" });
  expect(await rig.ask("run")).toMatchObject({ type: "zone.response", result: "back" });
});

test("a breaker belongs to the host: answers below 500 keep it closed, actions share it", async () => {
  await using upstream = await Upstream.start();
  const handlers = { one: toHandler(upstream), two: toHandler(upstream) };
  await using rig = await startRig(handlers);
  upstream.answer = (response) => json(response, 400, {});
  for (let i = 0; i < 6; i++) expectFailure(await rig.ask("one"), "UPSTREAM_ERROR");
  upstream.answer = (response) => json(response, 503, {});
  for (let i = 0; i < 4; i++) expectFailure(await rig.ask("one"), "UPSTREAM_ERROR");
  upstream.answer = (response) => json(response, 200, {});
  expect((await rig.ask("two")).type).toBe("zone.response");
  upstream.answer = (response) => json(response, 503, {});
  for (let i = 0; i < 5; i++) expectFailure(await rig.ask("one"), "UPSTREAM_ERROR");
  expectFailure(await rig.ask("two"), "UPSTREAM_UNAVAILABLE", "known to be down");
});

test("a failed request asked again runs again, and an answered one does not", async () => {
  await using upstream = await Upstream.start();
  await using rig = await startRig({ run: toHandler(upstream) });
  const body = { type: "zone.request", request_id: "again", zone_id: rig.zoneId, action: "run" };
  upstream.answer = (response) => json(response, 500, {});
  expectFailure(await rig.client.ask(body), "UPSTREAM_ERROR");
  upstream.answer = (response) => json(response, 200, "done");
  expect(await rig.client.ask(body)).toMatchObject({ result: "done" });
  expect(await rig.client.ask(body)).toMatchObject({ result: "done" });
  const keys = upstream.received.map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
});

test("only an idempotent action is repeated by itself, with the same key, and not after a 500", async () => {
  await using upstream = await Upstream.start();
  await using rig = await startRig({
    once: toHandler(upstream),
    often: toHandler(upstream, { idempotent: true }),
  });
  let failures = 2;
  upstream.answer = (response) => {
    if (failures-- > 0) response.destroy();
    else json(response, 200, "done");
  };
  expect(await rig.ask("often")).toMatchObject({ result: "done" });
  expect(new Set(upstream.received.map(({ body }) => body.request_id)).size).toBe(1);
  expect(upstream.received).toHaveLength(3);
  failures = 1;
  expectFailure(await rig.ask("once"), "UPSTREAM_ERROR", "ended before");
  expect(upstream.received).toHaveLength(4);
  upstream.answer = (response) => json(response, 500, {});
  expectFailure(await rig.ask("often"), "UPSTREAM_ERROR");
  expect(upstream.received).toHaveLength(5);
});

test("every run of an action that may not be repeated has a connection of its own, however many come at once", async () => {
  const RUNS = 200;
  await using upstream = await Upstream.start();
  await using rig = await startRig({ run: toHandler(upstream) });
  answerOncePerConnection(upstream);
  const replies = await Promise.all(Array.from({ length: RUNS }, () => rig.ask("run")));
  expect(replies.filter(({ type }) => type !== "zone.response")).toEqual([]);
  expect(upstream.received).toHaveLength(RUNS);
  expect(upstream.connections).toBe(RUNS);
  expect(new Set(upstream.received.map(({ headers }) => headers.connection))).toEqual(
    new Set(["close"]),
  );
});

test("an idempotent action keeps its connections, and one that ended meanwhile harms no run", async () => {
  await using upstream = await Upstream.start();
  const handlers = { run: toHandler(upstream, { idempotent: true }) };
  await using rig = await startRig(handlers);
  for (let i = 0; i < 5; i++) expect((await rig.ask("run")).type).toBe("zone.response");
  expect(upstream.connections).toBe(1);
  // The upstream takes the run on the kept connection, and ends that in the place of an answer.
  let isCut = false;
  upstream.answer = (response) => {
    if (isCut) return json(response, 200, "done");
    isCut = true;
    response.destroy();
  };
  expect(await rig.ask("run")).toMatchObject({ type: "zone.response", result: "done" });
  expect(upstream.connections).toBe(2);
  const keys = upstream.received.slice(-2).map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(keys).size).toBe(1);
  await upstream.die();
  await upstream.listen();
  // Those that wait for a connection get one that others had.
  answerOncePerConnection(upstream);
  const replies = await Promise.all(Array.from({ length: 200 }, () => rig.ask("run")));
  expect(replies.filter(({ type }) => type !== "zone.response")).toEqual([]);
});

test("an idempotent action is repeated when Retry-After says, and not where that is past its time", async () => {
  await using upstream = await Upstream.start();
  await using rig = await startRig({
    run: toHandler(upstream, { idempotent: true, timeout_ms: 10_000 }),
  });
  const answers = ["1", "86400", new Date(Date.now() + 3_600_000).toUTCString()];
  const atMs: number[] = [];
  upstream.answer = (response) => {
    atMs.push(performance.now());
    const asked = answers.shift();
    if (asked === undefined) return json(response, 200, "done");
    response.writeHead(503, { "retry-after": asked }).end();
  };
  expectFailure(await rig.ask("run"), "UPSTREAM_ERROR");
  expect(atMs).toHaveLength(2);
  expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeGreaterThan(990);
  expectFailure(await rig.ask("run"), "UPSTREAM_ERROR");
  expect(atMs).toHaveLength(3);
  expect(await rig.ask("run")).toMatchObject({ result: "done" });
});

test("a secret comes from a file of mode 0600 or the environment, else the start is refused", async () => {
  await using upstream = await Upstream.start();
  const dir = mkdtempSync(join(tmpdir(), "secret-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "secret");
  writeFileSync(file, "from file\n", { mode: 0o600 });
  process.env.UPSTREAM_TEST_SECRET = "from environment";
  onTestFinished(() => void delete process.env.UPSTREAM_TEST_SECRET);
  await using rig = await startRig({
    file: toHandler(upstream, { secret_file: file }),
    env: toHandler(upstream, { secret_env: "UPSTREAM_TEST_SECRET" }),
  });
  for (const [action, secret] of [
    ["file", "from file"],
    ["env", "from environment"],
  ] as const) {
    await rig.ask(action);
    const received = upstream.received.at(-1);
    if (received === undefined) throw new Error("nothing came");
    const { headers, text } = received;
    const signed = `${headers["x-steward-timestamp"]}.${text}`;
    const expected = createHmac("sha256", secret).update(signed).digest("hex");
    expect(headers["x-steward-signature"]).toBe(`sha256=${expected}`);
  }
  const start = (handler: Record<string, unknown>) =>
    startSteward({ config: { handlers: { "*": { run: toHandler(upstream, handler) } } } });
  chmodSync(file, 0o644);
  await expect(start({ secret_file: file })).rejects.toThrow("may be read by others");
  await expect(start({ secret_file: `${file}-none` })).rejects.toThrow("is missing");
  await expect(start({ secret_env: "UPSTREAM_TEST_NONE" })).rejects.toThrow("is missing");
  await expect(start({ secret: "a", secret_file: file })).rejects.toThrow("at most one of");
  await expect(start({ url: "http://user:pass@127.0.0.1/" })).rejects.toThrow(
    "without credentials",
  );
  await expect(start({ url: "ftp://127.0.0.1/" })).rejects.toThrow("http or https");
});
