import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SignatureVerifier } from "../../src/identity/verify.ts";
import { createId } from "../../src/protocol/ids.ts";
import { verifyEnvelope } from "../../src/zones/hosting/signed-envelope.ts";
import { createApi, startSteward, type TestSteward } from "../support/steward.ts";
import {
  createNodeId,
  createRemoteZone,
  createTempDir,
  expectError,
  ZONE_INPUT,
} from "./support.ts";

let steward: TestSteward;

beforeAll(async () => {
  steward = await startSteward();
});
afterAll(() => steward[Symbol.asyncDispose]());

const create = (fields: object = {}) =>
  steward.api("POST", "/v1/zones", { ...ZONE_INPUT, ...fields });
const verify = (envelope: Parameters<typeof verifyEnvelope>[1]) =>
  verifyEnvelope(new SignatureVerifier(), envelope);

describe("POST /v1/zones", () => {
  test("the steward fills in what the input leaves out, and signs as creator", async () => {
    const answer = await create({
      creator: { wallet: `0x${"ab".repeat(20)}` },
      creator_fee_bps: 30,
    });
    const { id, envelope } = answer.body;
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({ id, epoch: 1, state: "active", members: 0, envelope });
    expect(answer.headers.get("etag")).toBe('"1"');
    expect(answer.headers.get("location")).toBe(`/v1/zones/${id}`);
    expect(verify(envelope).manifest).toMatchObject({
      ...ZONE_INPUT,
      version: "1",
      id,
      creator: { node_id: steward.steward.creatorKey.nodeId, wallet: `0x${"ab".repeat(20)}` },
      creator_fee_bps: 30,
      steward_set: [{ node_id: steward.nodeId, entrypoint: steward.wireUrl, role: "primary" }],
      entrypoints: [steward.wireUrl],
      chain_id: 8453,
      rules: { open: true, skills_required: [] },
    });
    expect(envelope).toMatchObject({ epoch: 1, prev: null, state: "active" });
    const read = await steward.api("GET", `/v1/zones/${id}`);
    expect(read.body).toEqual(answer.body);
    expect(read.headers.get("etag")).toBe('"1"');
  });

  test.each([
    ["name", { name: undefined }],
    ["name", { name: "ä".repeat(33) }],
    ["description", { description: "" }],
    ["type", { type: "club" }],
    ["", { nmae: "x" }],
    ["", { id: createId("zone") }],
    ["rules", { rules: { max_member: 3 } }],
    ["creator", { creator: { node_id: createNodeId() } }],
    ["creator_fee_bps", { creator_fee_bps: 30 }],
    ["actions.0.price", { actions: [{ name: "a", description: "b", price: { amonut: "1" } }] }],
    [
      "actions.0.price.amount",
      {
        actions: [
          { name: "a", description: "b", price: { amount: 1, asset: "USDC", network: "x" } },
        ],
      },
    ],
    ["chain_id", { chain_id: -1 }],
  ])("a wrong field %j is 400 and named: %j", async (path, fields) => {
    const answer = await create(fields);
    expectError(answer, 400, "invalid_request");
    expect(answer.body.error.details.issues[0].path).toBe(path);
  });

  test("an empty steward_set and an absent one mean the same; another's zone is not hosted", async () => {
    const own = (await create({ steward_set: [], entrypoints: [] })).body.envelope.manifest;
    expect(own.steward_set[0].node_id).toBe(steward.nodeId);
    expect(own.entrypoints).toEqual([steward.wireUrl]);
    const set = [{ node_id: createNodeId(), role: "primary" }];
    expectError(await create({ steward_set: set }), 421, "not_steward");
  });

  test("a manifest agents could not be sent, or larger than 256 KiB, is refused", async () => {
    const params = JSON.parse(`${'{"a":'.repeat(28)}1${"}".repeat(28)}`);
    const action = { name: "a", description: "b", params };
    expectError(await create({ actions: [action] }), 400, "invalid_request");
    const large = { ...action, params: { text: "x".repeat(262_144) } };
    expectError(await create({ actions: [large] }), 400, "invalid_params");
  });

  test("a remote creator's envelope is hosted unchanged; a forged one is refused", async () => {
    const remote = createRemoteZone(steward);
    const envelope = remote.sign({ epoch: 1, prev: null });
    const answer = await steward.api("POST", "/v1/zones", { envelope });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ id: remote.id, epoch: 1, envelope });
    const forged = { ...envelope, signature: "0".repeat(128) };
    expectError(
      await steward.api("POST", "/v1/zones", { envelope: forged }),
      400,
      "invalid_params",
    );
    const other = remote.sign({ epoch: 1, prev: null, fields: { name: "other" } });
    expectError(await steward.api("POST", "/v1/zones", { envelope: other }), 409, "stale_manifest");
    expectError(await steward.api("POST", "/v1/zones", { envelope, x: 1 }), 400, "invalid_request");
  });

  test("an Idempotency-Key repeats its answer and makes one zone", async () => {
    await using own = await startSteward();
    const ask = (body: object, key = "key-1") =>
      own.api("POST", "/v1/zones", body, { "Idempotency-Key": key });
    const [one, two] = await Promise.all([ask(ZONE_INPUT), ask(ZONE_INPUT)]);
    expect(one.status).toBe(201);
    expect([two.status, two.body]).toEqual([201, one.body]);
    expect(two.headers.get("etag")).toBe('"1"');
    const reordered = Object.fromEntries(Object.entries(ZONE_INPUT).reverse());
    expect((await ask(reordered)).body).toEqual(one.body);
    expectError(await ask({ ...ZONE_INPUT, name: "other" }), 409, "conflict");
    expectError(await ask({ ...ZONE_INPUT, name: "" }, "key-2"), 400, "invalid_request");
    expect((await ask(ZONE_INPUT, "key-2")).status).toBe(201);
    expectError(await ask(ZONE_INPUT, "with space"), 400, "invalid_request");
    expect((await own.api("GET", "/v1/zones")).body.zones).toHaveLength(2);
  });

  test("zones, bans and Idempotency-Keys survive a restart", async () => {
    using directory = createTempDir();
    const dataDir = directory.path;
    const headers = { "Idempotency-Key": "k" };
    const nodeId = createNodeId();
    const before = await startSteward({ dataDir });
    const made = await before.api("POST", "/v1/zones", ZONE_INPUT, headers);
    const bans = `/v1/zones/${made.body.id}/bans`;
    const ban = await before.api("PUT", `${bans}/${nodeId}`, { reason: "spam" });
    await before[Symbol.asyncDispose]();
    await using after = await startSteward({ dataDir });
    const api = createApi(after.httpUrl, before.token);
    expect((await api("POST", "/v1/zones", ZONE_INPUT, headers)).body).toEqual(made.body);
    expect((await api("GET", "/v1/zones")).body.zones).toEqual([made.body]);
    expect((await api("GET", bans)).body.bans).toEqual([ban.body]);
  });

  test("an Idempotency-Key is forgotten after a day", async () => {
    let nowMs = Date.now();
    await using own = await startSteward({ nowMs: () => nowMs });
    const ask = () => own.api("POST", "/v1/zones", ZONE_INPUT, { "Idempotency-Key": "k" });
    const { id } = (await ask()).body;
    nowMs += 86_399_000;
    expect((await ask()).body.id).toBe(id);
    nowMs += 2_000;
    expect((await ask()).body.id).not.toBe(id);
  });
});

describe("GET /v1/zones", () => {
  test("pages hold every zone once, stopped ones too; filters narrow", async () => {
    await using own = await startSteward();
    const ids: string[] = [];
    for (const type of ["open", "service", "open"]) ids.push(await own.createZone({ type }));
    await own.api("POST", `/v1/zones/${ids[0]}/stop`);
    const seen: string[] = [];
    let next: string | undefined = "";
    while (next !== undefined) {
      const page: { body: { zones: { id: string }[]; next?: string } } = await own.api(
        "GET",
        `/v1/zones?limit=2&after=${next}`,
      );
      seen.push(...page.body.zones.map((zone) => zone.id));
      next = page.body.next;
    }
    expect(seen).toEqual([...ids].sort());
    const services = await own.api("GET", "/v1/zones?type=service");
    expect(services.body.zones.map((zone: { id: string }) => zone.id)).toEqual([ids[1]]);
  });

  test("an unknown zone is 404, and so is what can be no zone's id", async () => {
    expectError(await steward.api("GET", `/v1/zones/${createId("zone")}`), 404, "zone_not_found");
    expectError(await steward.api("GET", "/v1/zones/zone_1"), 404, "zone_not_found");
  });
});
