import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Agent } from "../../src/client/agent.ts";
import { createId } from "../../src/protocol/ids.ts";
import { json, Upstream } from "../actions/upstream.ts";
import { openShell } from "../cli/support.ts";
import { type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import type { Reply } from "../support/wire-client.ts";
import { PRICE } from "./paid-rig.ts";

const HANDLER_MS = 700;
const dir = mkdtempSync(join(tmpdir(), "waiting-"));
const pidFile = join(dir, "pid");
const MODULE = `
import { writeFileSync } from "node:fs";
export default () => {
  writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
  return new Promise(() => {});
};
`;

let paid: PaidSteward;
let upstream: Upstream;
let zoneId: string;

beforeAll(async () => {
  upstream = await Upstream.start();
  const path = join(dir, "module.mjs");
  writeFileSync(path, MODULE);
  const http = { type: "http", url: upstream.url, allow_private: ["127.0.0.1"] };
  paid = await startPaidSteward({
    handlers: {
      "*": {
        run: { ...http, timeout_ms: HANDLER_MS },
        module: { type: "module", path, timeout_ms: 60_000 },
      },
    },
    // Who pays is told that it is pending first, and why there is no answer later.
    zones: { payment_wait_ms: 200 },
    payments: { head_age_max_secs: 0 },
  });
  zoneId = await paid.steward.createZone({
    actions: [
      { name: "run", description: "By HTTP.", price: PRICE },
      { name: "module", description: "By a module.", price: PRICE },
    ],
  });
});
afterAll(async () => {
  await paid[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

async function connect(): Promise<Agent> {
  const { usdc, settlement, escrow } = paid.contracts;
  const agent = await Agent.connect(paid.steward.wireUrl, {
    key: crypto.getRandomValues(new Uint8Array(32)),
    name: "payer",
    wallet: paid.payer,
    chains: { [paid.chain.chainId]: { usdc, settlement, escrow } },
  });
  onTestFinished(() => agent.close());
  await agent.join(zoneId);
  return agent;
}

/** Pays for an action and returns how that failed, and after how many milliseconds. */
async function failToBuy(agent: Agent, action: string, requestId: string) {
  const startedMs = performance.now();
  const options = { pay: { maxAmount: PRICE.amount }, requestId, timeoutMs: 50_000 };
  const error = await agent.request(zoneId, action, {}, options).then(
    (outcome) => Promise.reject(new Error(JSON.stringify(outcome))),
    (thrown: unknown) => thrown as Reply,
  );
  return { error, ms: performance.now() - startedMs };
}

/** What waits for the operator, by request id. */
async function listWaiting(): Promise<Map<string, Reply>> {
  const { body } = await paid.steward.api("GET", "/v1/payments?waiting=operator");
  return new Map(body.payments.map((payment: Reply) => [payment.request_id, payment]));
}

test.each([
  ["hangs", "UPSTREAM_TIMEOUT", () => {}],
  [
    "resets the connection after it got the request",
    "UPSTREAM_ERROR",
    (response: { socket: { resetAndDestroy(): void } | null }) =>
      response.socket?.resetAndDestroy(),
  ],
])(
  "where a paid action's upstream %s, the payer soon gets a typed error, and the operator sees it",
  async (_name, reason, answer) => {
    const agent = await connect();
    const requestId = createId("req");
    upstream.answer = answer as typeof upstream.answer;
    const before = upstream.received.length;
    const { error, ms } = await failToBuy(agent, "run", requestId);
    expect(error).toMatchObject({
      code: "undelivered",
      reason,
      recovery: "reconcile",
      hint: expect.stringContaining("receipt"),
      retryAfterMs: expect.any(Number),
      details: { request_id: requestId, state: "undelivered" },
    });
    expect(ms).toBeLessThan(HANDLER_MS + 10_000);
    expect(await agent.receipt(requestId)).toBeUndefined();
    const again = await failToBuy(agent, "run", requestId);
    expect(again.error).toMatchObject({ code: "undelivered", reason });
    expect(upstream.received).toHaveLength(before + 1);

    const waiting = (await listWaiting()).get(requestId);
    expect(waiting).toMatchObject({
      state: "confirmed",
      waiting: "operator",
      request: { state: "undelivered", failure: { reason } },
    });
    expect(waiting?.hint).toContain(`steward settlement retry ${waiting?.id}`);
    expect(waiting?.hint).toContain(`steward settlement refund ${waiting?.id}`);

    // The operator has it run again: the payer gets its result, and nothing waits any more.
    upstream.answer = (response) => json(response, 200, "served");
    await paid.steward.api("POST", `/v1/payments/${waiting?.id}/retry`, {});
    await expect.poll(() => agent.receipt(requestId)).toMatchObject({ result: "served" });
    expect((await listWaiting()).has(requestId)).toBe(false);
  },
);

/** Ends the module's process each time it says that it runs, twice. */
async function killTwice(): Promise<void> {
  const seen = new Set<string>();
  const watcher = watch(dir);
  onTestFinished(() => watcher.close());
  const look = (): string => {
    try {
      return readFileSync(pidFile, "utf8");
    } catch {
      return "";
    }
  };
  await new Promise<void>((resolve) => {
    watcher.on("change", () => {
      const pid = look();
      if (pid === "" || seen.has(pid)) return;
      seen.add(pid);
      process.kill(Number(pid), "SIGKILL");
      if (seen.size === 2) resolve();
    });
  });
}

test("where a module is killed while a paid run is in it, the payer soon gets the failure, and the operator sees it", async () => {
  const agent = await connect();
  const requestId = createId("req");
  const killed = killTwice();
  const { error, ms } = await failToBuy(agent, "module", requestId);
  await killed;
  expect(error).toMatchObject({ code: "internal", reason: "HANDLER_FAILED" });
  expect(error.message).toContain("ended while it ran");
  expect(ms).toBeLessThan(10_000);
  expect((await listWaiting()).get(requestId)).toMatchObject({
    waiting: "operator",
    request: { state: "failed", failure: { reason: "HANDLER_FAILED" } },
  });
});

test("settlement list shows what waits for the operator, and the command lines that end it", async () => {
  const agent = await connect();
  upstream.answer = (response) => json(response, 200, "served");
  const served = createId("req");
  await agent.request(zoneId, "run", {}, { pay: { maxAmount: PRICE.amount }, requestId: served });
  upstream.answer = () => {};
  const requestId = createId("req");
  await failToBuy(agent, "run", requestId);
  const id = (await listWaiting()).get(requestId)?.id as string;

  const { httpUrl, token } = paid.steward;
  using shell = openShell({ STEWARD_URL: httpUrl, STEWARD_TOKEN: token });
  const list = ["settlement", "list"];
  const [waiting, text, all] = await Promise.all([
    shell.json([...list, "--waiting", "operator"]),
    shell.run([...list, "--waiting", "operator"]),
    shell.json(list),
  ]);
  const find = (page: Reply, request: string) =>
    page.payments.find((payment: Reply) => payment.request_id === request);
  expect(find(waiting, requestId)).toMatchObject({ id, request: { state: "undelivered" } });
  expect(find(waiting, served)).toBeUndefined();
  expect(find(all, served)).toMatchObject({ state: "delivered", request: { state: "answered" } });
  expect(text.stdout).toMatch(new RegExp(`${id} +confirmed +undelivered +UPSTREAM_TIMEOUT`));
  const [retry] = text.stdout.match(new RegExp(`steward (settlement retry ${id})`))?.slice(1) ?? [];
  expect(text.stdout).toContain(`steward settlement refund ${id}`);
  const wrong = await shell.run([...list, "--waiting", "payer"]);
  expect(wrong.code).toBe(2);

  upstream.answer = (response) => json(response, 200, "late");
  const pushed = agent.request(zoneId, "run", {}, { requestId });
  await expect(pushed).rejects.toMatchObject({ code: "undelivered" });
  expect((await shell.run((retry ?? "").split(" "))).code).toBe(0);
  await expect.poll(() => agent.receipt(requestId)).toMatchObject({ result: "late" });
  const left = await shell.json([...list, "--waiting", "operator"]);
  expect(find(left, requestId)).toBeUndefined();
});

test("an agent pays for the same request id in two zones at once, and gets each zone's own answer", async () => {
  const agent = await connect();
  const other = await paid.steward.createZone({
    actions: [{ name: "run", description: "By HTTP.", price: PRICE }],
  });
  await agent.join(other);
  const held: (() => void)[] = [];
  upstream.answer = (response, { body }) => {
    held.push(() => json(response, 200, body.params.text));
    // Whoever was asked last is answered first.
    if (held.length === 2) for (const answer of held.reverse()) answer();
  };
  const options = { pay: { maxAmount: PRICE.amount }, requestId: "order-1" };
  const buy = (zone: string, text: string) => agent.request(zone, "run", { text }, options);
  const outcomes = await Promise.all([buy(zoneId, "one"), buy(other, "two")]);
  expect(outcomes.map(({ result }) => result)).toEqual(["one", "two"]);
  expect(new Set(outcomes.map(({ settlement }) => settlement?.tx_hash)).has(undefined)).toBe(false);
  for (const [zone, result] of [
    [zoneId, "one"],
    [other, "two"],
  ] as const) {
    expect(await agent.receipt("order-1", { zoneId: zone })).toMatchObject({ result });
  }
});
