import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SignatureVerifier } from "../../src/identity/verify.ts";
import { createId } from "../../src/protocol/ids.ts";
import { verifyEnvelope } from "../../src/zones/hosting/signed-envelope.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { createNodeId, createRemoteZone, expectError, ZONE_INPUT } from "./support.ts";

let steward: TestSteward;

beforeAll(async () => {
  steward = await startSteward();
});
afterAll(() => steward[Symbol.asyncDispose]());

const create = (fields: object = {}) =>
  steward.api("POST", "/v1/zones", { ...ZONE_INPUT, ...fields });
const put = (id: string, body: unknown, etag: string) =>
  steward.api("PUT", `/v1/zones/${id}`, body, { "If-Match": etag });
const verify = (envelope: Parameters<typeof verifyEnvelope>[1]) =>
  verifyEnvelope(new SignatureVerifier(), envelope);

describe("PUT /v1/zones/{id}", () => {
  test("needs the current epoch: 428 without, 412 with another", async () => {
    const { id } = (await create()).body;
    expectError(
      await steward.api("PUT", `/v1/zones/${id}`, ZONE_INPUT),
      428,
      "precondition_required",
    );
    const stale = await put(id, ZONE_INPUT, '"2"');
    expectError(stale, 412, "precondition_failed");
    expect(stale.body.error.details.epoch).toBe(1);
    expectError(await put(id, ZONE_INPUT, 'W/"1"'), 412, "precondition_failed");
    expectError(await put(createId("zone"), ZONE_INPUT, "*"), 404, "zone_not_found");
  });

  test("replaces what the input says, keeps what the steward filled in, chains by prev", async () => {
    const wallet = `0x${"ab".repeat(20)}`;
    const before = (await create({ topic: "cats", creator: { wallet }, chain_id: 5 })).body;
    const answer = await put(before.id, { ...ZONE_INPUT, name: "renamed" }, '"1"');
    expect(answer.status).toBe(200);
    expect(answer.headers.get("etag")).toBe('"2"');
    const { manifest, ...signed } = answer.body.envelope;
    const { topic: _, ...kept } = before.envelope.manifest;
    expect(manifest).toEqual({ ...kept, name: "renamed" });
    expect(signed).toMatchObject({ epoch: 2, state: "active", prev: verify(before.envelope).hash });
    verify(answer.body.envelope);
    const without = await put(before.id, { ...ZONE_INPUT, creator: {} }, '"2"');
    expect(without.body.envelope.manifest.creator).toEqual({ node_id: kept.creator.node_id });
    expect((await steward.api("GET", `/v1/zones/${before.id}`)).body).toEqual(without.body);
  });

  test("the same fields again make no epoch; of two changes at once one is 412", async () => {
    const { id } = (await create()).body;
    expect((await put(id, ZONE_INPUT, '"1"')).body.epoch).toBe(1);
    const both = await Promise.all(
      ["one", "two"].map((name) => put(id, { ...ZONE_INPUT, name }, '"1"')),
    );
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 412]);
  });

  test("members hear of the change", async () => {
    const { id } = (await create()).body;
    await using agent = await WireClient.connect(steward.wireUrl);
    await agent.ask({ type: "zone.join", zone_id: id });
    await put(id, { ...ZONE_INPUT, name: "renamed" }, '"1"');
    expect(await agent.nextBody("zone.event")).toMatchObject({ event: "updated", epoch: 2 });
  });

  test("a remote creator's zone changes only by its own envelope", async () => {
    const remote = createRemoteZone(steward);
    const first = remote.sign({ epoch: 1, prev: null });
    await steward.api("POST", "/v1/zones", { envelope: first });
    const refused = await put(remote.id, ZONE_INPUT, '"1"');
    expectError(refused, 409, "conflict");
    expect(refused.body.error.details.creator).toBe(remote.key.nodeId);
    const prev = verify(first).hash;
    const next = remote.sign({ epoch: 2, prev, fields: { name: "renamed" } });
    const { id: otherId } = (await create()).body;
    expectError(await put(otherId, { envelope: next }, '"1"'), 400, "invalid_request");
    const gap = remote.sign({ epoch: 3, prev });
    expectError(await put(remote.id, { envelope: gap }, '"1"'), 400, "invalid_params");
    expect((await put(remote.id, { envelope: next }, '"1"')).body).toMatchObject({ epoch: 2 });
    expectError(await put(remote.id, { envelope: first }, '"2"'), 409, "stale_manifest");
  });
});

describe("stop and resume", () => {
  test("the steward's own zone ends by a signed epoch, once and for good", async () => {
    const { id } = (await create()).body;
    const stop = (headers = {}) => steward.api("POST", `/v1/zones/${id}/stop`, undefined, headers);
    expectError(await stop({ "If-Match": '"7"' }), 412, "precondition_failed");
    const stopped = await stop({ "If-Match": '"1"' });
    expect(stopped.body).toMatchObject({
      epoch: 2,
      state: "stopped",
      envelope: { state: "stopped" },
    });
    verify(stopped.body.envelope);
    expect((await stop()).body).toEqual(stopped.body);
    expectError(await put(id, ZONE_INPUT, '"2"'), 409, "stopped");
    expectError(await steward.api("POST", `/v1/zones/${id}/resume`), 409, "stopped");
    const bans = `/v1/zones/${id}/bans/${createNodeId()}`;
    expectError(await steward.api("PUT", bans), 409, "stopped");
  });

  test("hosting a remote creator's zone is suspended, which can be undone", async () => {
    const remote = createRemoteZone(steward);
    const envelope = remote.sign({ epoch: 1, prev: null });
    await steward.api("POST", "/v1/zones", { envelope });
    await using agent = await WireClient.connect(steward.wireUrl);
    const join = { type: "zone.join", zone_id: remote.id };
    for (let round = 0; round < 2; round++) {
      const answer = await steward.api("POST", `/v1/zones/${remote.id}/stop`);
      expect(answer.body).toMatchObject({ epoch: 1, state: "suspended", envelope });
    }
    expect(await agent.ask(join)).toMatchObject({ type: "zone.error", code: "stopped" });
    for (let round = 0; round < 2; round++) {
      const answer = await steward.api("POST", `/v1/zones/${remote.id}/resume`);
      expect(answer.body).toMatchObject({ epoch: 1, state: "active" });
    }
    expect(await agent.ask(join)).toMatchObject({ type: "zone.joined" });
  });
});
