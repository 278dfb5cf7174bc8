import { afterAll, beforeAll, expect, test } from "vitest";
import { approveProvider, revokeProvider } from "../../src/zones/members/providers.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { type ProviderRig, sendResult, startProviderRig, startWork } from "./provider-rig.ts";

let rig: ProviderRig;

beforeAll(async () => {
  rig = await startProviderRig({ timeout_ms: 5000, outstanding_max: 2 });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

async function nextError(client: WireClient, messageId: string): Promise<Reply> {
  const found = await client.take((e) => e.type === "error" && e.fields.ref_msg_id === messageId);
  return found.fields;
}

const roleOf = async (client: WireClient, nodeId: string): Promise<string> => {
  const list = await client.ask({ type: "zone.members", zone_id: rig.zoneId, limit: 500 });
  return list.members.find((member: Reply) => member.node_id === nodeId)?.role;
};

test("an approved member provides, is sent the run, and its result is the answer", async () => {
  await using provider = await rig.provide();
  await using member = await rig.join();
  expect(await roleOf(member, provider.nodeId)).toBe("provider");
  const answer = startWork(member, rig.zoneId, { text: "ü" });
  const invoke = await provider.nextBody("zone.invoke");
  expect(invoke).toEqual({
    type: "zone.invoke",
    invoke_id: expect.stringMatching(/^req_/),
    zone_id: rig.zoneId,
    action: "work",
    params: { text: "ü" },
    requester: member.nodeId,
  });
  await sendResult(provider, { invoke_id: invoke.invoke_id, result: { done: true } });
  expect(await answer).toMatchObject({ type: "zone.response", result: { done: true } });
  // The same again, and for a run nobody knows, is acknowledged and changes nothing.
  await sendResult(provider, { invoke_id: invoke.invoke_id, result: { done: false } });
  await sendResult(provider, { invoke_id: "req_unknown", result: 1 });
});

test("a provider's error is a definite failure, cleaned; a missing result is null", async () => {
  await using provider = await rig.provide();
  await using member = await rig.join();
  const failing = startWork(member, rig.zoneId);
  const { invoke_id } = await provider.nextBody("zone.invoke");
  const error = { message: "no luck at http://inner.example/a" };
  await sendResult(provider, { invoke_id, error });
  expect(await failing).toMatchObject({
    code: "internal",
    reason: "HANDLER_FAILED",
    message: "no luck at [url]",
  });
  const empty = startWork(member, rig.zoneId);
  const next = await provider.nextBody("zone.invoke");
  await sendResult(provider, { invoke_id: next.invoke_id });
  expect(await empty).toMatchObject({ type: "zone.response", result: null });
});

test("to provide needs a bound session, membership, a known action and the approval for it", async () => {
  const zone_id = rig.zoneId;
  const offer = { type: "zone.provide", zone_id, actions: ["work"] };
  await using plain = await WireClient.connect(rig.steward.wireUrl, { bound: false });
  const unbound = await nextError(plain, plain.sendBody(offer));
  expect(unbound).toMatchObject({ code: 2001, reason: "BOUND_REQUIRED" });
  await using stranger = await WireClient.connect(rig.steward.wireUrl);
  expect((await stranger.ask(offer)).code).toBe("not_member");
  await using member = await rig.join();
  expect((await member.ask({ ...offer, actions: ["nothing"] })).code).toBe("action_not_found");
  const refused = await nextError(member, member.sendBody(offer));
  expect(refused).toMatchObject({ code: 2003, reason: "NOT_ALLOWED" });
  await rig.approve(member.nodeId, ["other"]);
  const other = await nextError(member, member.sendBody(offer));
  expect(other).toMatchObject({ code: 2003, reason: "NOT_ALLOWED" });
  const both = { ...offer, actions: ["work", "other"] };
  expect((await nextError(member, member.sendBody(both))).code).toBe(2003);
});

test("only the creator approves, only what the zone has; an empty list ends it", async () => {
  await using member = await rig.join();
  const body = { type: "zone.approve", zone_id: rig.zoneId, node_id: member.nodeId };
  const approval = { ...body, actions: ["work"] };
  const refused = await nextError(member, member.sendBody(approval));
  expect(refused).toMatchObject({ code: 2003, reason: "NOT_ALLOWED" });
  const unknown = await rig.creator.ask({ ...body, actions: ["work", "nothing"] });
  expect(unknown.code).toBe("action_not_found");
  const done = await rig.creator.ask({ ...approval, request_id: "approve-1" });
  expect(done).toEqual({ type: "zone.done", request_id: "approve-1", zone_id: rig.zoneId });
  expect(await roleOf(member, member.nodeId)).toBe("provider");
  expect((await rig.creator.ask({ ...body, actions: [] })).type).toBe("zone.done");
  expect(await roleOf(member, member.nodeId)).toBe("member");
  const offer = { type: "zone.provide", zone_id: rig.zoneId, actions: ["work"] };
  expect((await nextError(member, member.sendBody(offer))).code).toBe(2003);
});

test("who was approved before it joined is a provider once it provides; approvals outlive leaving", async () => {
  const key = createAgentKey();
  await rig.approve(key.nodeId);
  await using provider = await rig.join(key);
  const offer = { type: "zone.provide", zone_id: rig.zoneId, actions: ["work", "work"] };
  expect(await provider.ask(offer)).toMatchObject({ type: "zone.providing", actions: ["work"] });
  expect(await roleOf(provider, key.nodeId)).toBe("provider");
});

test("without a connected, approved provider an action is refused before anything is stored", async () => {
  await using member = await rig.join();
  const absent = await startWork(member, rig.zoneId);
  expect(absent).toMatchObject({ code: "internal", reason: "UPSTREAM_UNAVAILABLE" });
  expect(absent.retry_after_ms).toBeGreaterThan(0);
  await using provider = await rig.provide();
  const { zones } = rig.steward.steward;
  const target = { zoneId: rig.zoneId, nodeId: provider.nodeId };
  expect(zones.store.write((write) => revokeProvider(write, zones, target))).toBe(true);
  expect(zones.store.write((write) => revokeProvider(write, zones, target))).toBe(false);
  expect((await startWork(member, rig.zoneId)).reason).toBe("UPSTREAM_UNAVAILABLE");
  zones.store.write((write) =>
    approveProvider(write, zones, { ...target, actions: ["work"], approvedBy: "operator" }),
  );
  const answer = startWork(member, rig.zoneId);
  const { invoke_id } = await provider.nextBody("zone.invoke");
  await sendResult(provider, { invoke_id, result: 1 });
  expect((await answer).result).toBe(1);
  await provider.ask({ type: "zone.leave", zone_id: rig.zoneId });
  expect((await startWork(member, rig.zoneId)).reason).toBe("UPSTREAM_UNAVAILABLE");
});

test("only the node a run was sent to may answer it", async () => {
  await using provider = await rig.provide();
  await using member = await rig.join();
  const answer = startWork(member, rig.zoneId);
  const { invoke_id } = await provider.nextBody("zone.invoke");
  const body = { type: "zone.result", invoke_id, result: "forged" };
  expect(await nextError(member, member.sendBody(body))).toMatchObject({
    code: 2003,
    reason: "NOT_ALLOWED",
  });
  await sendResult(provider, { invoke_id, result: "real" });
  expect((await answer).result).toBe("real");
  expect((await nextError(member, member.sendBody(body))).code).toBe(2003);
});

test("providers share the load, the least busy first, up to their limit", async () => {
  await using one = await rig.provide();
  await using two = await rig.provide();
  await using member = await rig.join();
  const answers = [1, 2, 3, 4].map((n) => startWork(member, rig.zoneId, { n }));
  const invokes = [];
  for (const provider of [one, two, one, two]) invokes.push(await provider.nextBody("zone.invoke"));
  expect(new Set(invokes.map(({ params }) => params.n))).toEqual(new Set([1, 2, 3, 4]));
  const busy = await startWork(member, rig.zoneId);
  expect(busy).toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });
  expect(busy.message).toContain("busy");
  for (const [index, provider] of [one, two, one, two].entries()) {
    await sendResult(provider, { invoke_id: invokes[index]?.invoke_id, result: index });
  }
  const results = (await Promise.all(answers)).map((answer) => answer.result);
  expect(new Set(results)).toEqual(new Set([0, 1, 2, 3]));
  // Of two that are equally busy it is the other one's turn.
  for (const provider of [two, one, two, one]) {
    const answer = startWork(member, rig.zoneId);
    const { invoke_id } = await provider.nextBody("zone.invoke");
    await sendResult(provider, { invoke_id, result: "turn" });
    expect((await answer).result).toBe("turn");
  }
});

test("a provider that vanishes is not replaced where that could run the action twice", async () => {
  await using one = await rig.provide();
  await using member = await rig.join();
  const answer = startWork(member, rig.zoneId);
  await one.nextBody("zone.invoke");
  await using two = await rig.provide();
  one.socket.terminate();
  expect(await answer).toMatchObject({ code: "internal", reason: "UPSTREAM_UNAVAILABLE" });
  const next = startWork(member, rig.zoneId);
  const { invoke_id } = await two.nextBody("zone.invoke");
  await sendResult(two, { invoke_id, result: "two" });
  expect((await next).result).toBe("two");
  expect(two.received.filter((e) => e.type === "message")).toHaveLength(0);
});
