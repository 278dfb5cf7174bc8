import { afterAll, beforeAll, expect, test } from "vitest";
import { type ProviderRig, sendResult, startProviderRig, startWork } from "./provider-rig.ts";

let rig: ProviderRig;

beforeAll(async () => {
  rig = await startProviderRig({ idempotent: true, timeout_ms: 500 });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

test("a provider that vanishes mid-call is replaced by another, under the same invoke_id", async () => {
  await using one = await rig.provide();
  await using member = await rig.join();
  const answer = startWork(member, rig.zoneId);
  const first = await one.nextBody("zone.invoke");
  await using two = await rig.provide();
  one.socket.terminate();
  const second = await two.nextBody("zone.invoke");
  expect(second).toEqual(first);
  await sendResult(two, { invoke_id: second.invoke_id, result: "two" });
  expect((await answer).result).toBe("two");
});

test("a provider that does not answer in time is replaced; its late result still counts if first", async () => {
  await using slow = await rig.provide();
  await using member = await rig.join();
  const answer = startWork(member, rig.zoneId);
  const { invoke_id } = await slow.nextBody("zone.invoke");
  await using two = await rig.provide();
  expect((await two.nextBody("zone.invoke")).invoke_id).toBe(invoke_id);
  await sendResult(slow, { invoke_id, result: "slow" });
  expect((await answer).result).toBe("slow");
  await sendResult(two, { invoke_id, result: "two" });
});

test("when nobody is left, the answer says what became of the last one", async () => {
  await using one = await rig.provide();
  await using member = await rig.join();
  const vanished = startWork(member, rig.zoneId);
  await one.nextBody("zone.invoke");
  one.socket.terminate();
  expect(await vanished).toMatchObject({ code: "internal", reason: "UPSTREAM_UNAVAILABLE" });
  await using mute = await rig.provide();
  const late = startWork(member, rig.zoneId);
  await mute.nextBody("zone.invoke");
  expect(await late).toMatchObject({ code: "internal", reason: "UPSTREAM_TIMEOUT" });
});
