import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { retryRequest } from "../../src/requests/operator-requests.ts";
import { prepareRequestQueries } from "../../src/store/zones/requests.ts";
import { approveProvider } from "../../src/zones/members/providers.ts";
import { sendResult } from "../actions/provider-rig.ts";
import { json, Upstream } from "../actions/upstream.ts";
import { NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { startSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";
import { createZone, join, PRICE, payFor, quote, toConfig, untilState } from "./paid-rig.ts";

const MINUTE_MS = 60_000;

let paid: PaidSteward;
let upstream: Upstream;

beforeAll(async () => {
  upstream = await Upstream.start();
  paid = await startPaidSteward({});
});
afterAll(async () => {
  await paid[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

/** Asks for an action and pays; resolves with the ids of both messages. */
async function buy(client: WireClient, zone_id: string, action: string): Promise<[string, string]> {
  const quoted = await quote(client, zone_id, action);
  return [quoted.request_id, await payFor(client, paid, quoted)];
}

test("a paid run that fails for certain is run again when asked again, without paying", async () => {
  const steward = await paid.start(toConfig(upstream));
  await using _steward = steward;
  const zone_id = await createZone(steward);
  await using client = await join(steward, zone_id);
  upstream.answer = (response) => json(response, 500, {});
  const [request_id, payment] = await buy(client, zone_id, "run");
  const failed = await client.replyTo(payment);
  expect(failed).toMatchObject({ code: "internal", reason: "UPSTREAM_ERROR" });
  upstream.answer = (response) => json(response, 200, "served");
  const again = await client.ask({ type: "zone.request", request_id, zone_id, action: "run" });
  expect(again).toMatchObject({ type: "zone.response", result: "served" });
  expect(again.settlement.amount).toBe(PRICE.amount);
});

test("a paid run that times out stays open and is not repeated", async () => {
  const steward = await paid.start(toConfig(upstream));
  await using _steward = steward;
  const zone_id = await createZone(steward);
  await using client = await join(steward, zone_id);
  const before = upstream.received.length;
  upstream.answer = () => {};
  const [request_id] = await buy(client, zone_id, "run");
  await upstream.got(before + 1);
  await untilState(client, request_id, "undelivered");
  const again = await client.ask({ type: "zone.request", request_id, zone_id, action: "run" });
  expect(again).toMatchObject({ type: "zone.pending", state: "undelivered" });
  expect(upstream.received).toHaveLength(before + 1);
});

test("what a steward that nobody can ask may have run is paid for, and run when the operator says so", async () => {
  const steward = await paid.start(toConfig(upstream));
  await using _steward = steward;
  const zone_id = await createZone(steward);
  await using client = await join(steward, zone_id);
  const before = upstream.received.length;
  upstream.answer = (response) => json(response, 200, "run at last");
  const quoted = await quote(client, zone_id, "run");
  const { request_id } = quoted;
  const { zones } = steward.steward;
  const { store } = zones;
  store.write((write) => prepareRequestQueries(store).doubtRequests(write, zone_id));
  await payFor(client, paid, quoted);
  await untilState(client, request_id, "undelivered");
  expect(upstream.received).toHaveLength(before);
  const key = { zoneId: zone_id, nodeId: client.nodeId, requestId: request_id };
  store.write((write) => retryRequest(write, zones, key));
  expect(await client.nextBody("zone.response")).toMatchObject({ result: "run at last" });
  expect(upstream.received).toHaveLength(before + 1);
});

test.each([
  ["no JSON", "<html>"],
  ["cut JSON", '{"a":1'],
])("a paid run whose result is lost (%s) is not run again by asking", async (_name, text) => {
  const steward = await paid.start(toConfig(upstream));
  await using _steward = steward;
  const zone_id = await createZone(steward);
  await using client = await join(steward, zone_id);
  const before = upstream.received.length;
  upstream.answer = (response) => response.end(text);
  const [request_id] = await buy(client, zone_id, "run");
  await upstream.got(before + 1);
  await untilState(client, request_id, "undelivered");
  const again = await client.ask({ type: "zone.request", request_id, zone_id, action: "run" });
  expect(again).toMatchObject({ type: "zone.pending", state: "undelivered" });
  expect(upstream.received).toHaveLength(before + 1);
});

test("nobody is quoted while the breaker is open, and again once its minute is over", async () => {
  let nowMs = Date.now();
  const steward = await paid.start(toConfig(upstream), () => nowMs);
  await using _steward = steward;
  const zone_id = await createZone(steward);
  await using client = await join(steward, zone_id);
  const ask = (action: string) =>
    client.ask({ type: "zone.request", request_id: createId("req"), zone_id, action });
  const known = { type: "zone.request", request_id: createId("req"), zone_id, action: "run" };
  expect((await client.ask(known)).type).toBe("zone.payment_required");
  upstream.answer = (response) => json(response, 503, {});
  for (let i = 0; i < 5; i++) expect((await ask("free")).reason).toBe("UPSTREAM_ERROR");
  for (const refused of [await ask("run"), await client.ask(known)]) {
    expect(refused).toMatchObject({ code: "internal", reason: "UPSTREAM_UNAVAILABLE" });
    expect(refused.retry_after_ms).toBe(MINUTE_MS);
  }
  upstream.answer = (response) => json(response, 200, "back");
  nowMs += MINUTE_MS;
  expect((await ask("run")).type).toBe("zone.payment_required");
  expect((await ask("free")).result).toBe("back");
});

test("a paid run whose provider vanished waits, and is completed by the provider's late result", async () => {
  const config = toConfig(upstream);
  const first = await paid.start(config);
  const zone_id = await createZone(first);
  const keys = { provider: createAgentKey(), member: createAgentKey() };
  const approval = { zoneId: zone_id, nodeId: keys.provider.nodeId, actions: ["work"] };
  const { zones } = first.steward;
  zones.store.write((write) =>
    approveProvider(write, zones, { ...approval, approvedBy: "operator" }),
  );

  const provider = await join(first, zone_id, keys.provider);
  const member = await join(first, zone_id, keys.member);
  const work = { type: "zone.request", request_id: createId("req"), zone_id, action: "work" };
  expect(await member.ask(work)).toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });
  await provider.ask({ type: "zone.provide", zone_id, actions: ["work"] });
  const [request_id] = await buy(member, zone_id, "work");
  const { invoke_id } = await provider.nextBody("zone.invoke");
  await provider[Symbol.asyncDispose]();
  await untilState(member, request_id, "undelivered");
  await member[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();

  // Approval, membership and whom the run was sent to are known to the next process, too.
  const { chain, contracts } = paid;
  const chains = [
    { chain_id: chain.chainId, network: NETWORK, rpc_urls: [chain.rpcUrl], ...contracts },
  ];
  await using second = await startSteward({
    dataDir: first.dataDir,
    config: { chains, ...config },
  });
  await using payer = await WireClient.connect(second.wireUrl, { key: keys.member });
  await untilState(payer, request_id, "undelivered");
  await using stranger = await join(second, zone_id);
  const forged = stranger.sendBody({ type: "zone.result", invoke_id, result: "forged" });
  const refusal = await stranger.take((e) => e.type === "error");
  expect(refusal.fields).toMatchObject({ code: 2003, reason: "NOT_ALLOWED", ref_msg_id: forged });
  await using back = await WireClient.connect(second.wireUrl, { key: keys.provider });
  await sendResult(back, { invoke_id, result: "late" });
  const pushed = await payer.nextBody("zone.response");
  expect(pushed).toMatchObject({ request_id, result: "late" });
  expect(pushed.settlement.amount).toBe(PRICE.amount);
  await sendResult(back, { invoke_id, result: "later" });
  const again = { type: "zone.request", request_id, zone_id, action: "work" };
  expect(await payer.ask(again)).toMatchObject({ type: "zone.response", result: "late" });
  expect(await payer.ask({ type: "zone.receipt", request_id })).toEqual(pushed);
});
