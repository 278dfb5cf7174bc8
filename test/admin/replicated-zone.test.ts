import { afterAll, beforeAll, expect, test } from "vitest";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { createNodeId, expectError, ZONE_INPUT } from "./support.ts";

let steward: TestSteward;

beforeAll(async () => {
  steward = await startSteward({ config: { replication: { allow: ["*"] } } });
});
afterAll(() => steward[Symbol.asyncDispose]());

const replica = { node_id: createNodeId(), entrypoint: "ws://127.0.0.1:9/wire", role: "replica" };
const withSet = (...others: object[]) => [
  { node_id: steward.nodeId, entrypoint: steward.wireUrl, role: "primary" },
  ...others,
];
const create = (fields: object) => steward.api("POST", "/v1/zones", { ...ZONE_INPUT, ...fields });

test("a create-input names replicas that vote, and how many of them acknowledge", async () => {
  const steward_set = withSet({ ...replica, voter: true });
  const replication = { min_acks: 1, lease_ms: 5_000 };
  const { status, body } = await create({ steward_set, replication });
  expect(status).toBe(201);
  expect(body.envelope).toMatchObject({ manifest: { steward_set }, replication });
});

test("numbers that would not count as they stand are refused before anything is signed", async () => {
  const steward_set = withSet({ ...replica, voter: true });
  const refused = (replication: object, more: object = { steward_set }) =>
    create({ ...more, replication }).then((answer) => expectError(answer, 400, "invalid_request"));
  await refused({ min_acks: 2, lease_ms: 5_000 });
  await refused({ min_acks: 1, lease_ms: 999 });
  await refused({ min_acks: 1 });
  await refused({ lease_ms: 5_000 });
  await refused({ min_acks: 1, lease_ms: 5_000 }, { steward_set: withSet(replica) });
  await refused({ min_acks: 0, lease_ms: 5_000, term: 1 });
  const primaryVotes = [{ ...withSet()[0], voter: true }];
  expectError(await create({ steward_set: primaryVotes }), 400, "invalid_request");
});

test("an update keeps what is said of acknowledgements, as far as there are voters for it", async () => {
  const other = { ...replica, node_id: createNodeId(), voter: true };
  const { body } = await create({
    steward_set: withSet({ ...replica, voter: true }, other),
    replication: { min_acks: 2, lease_ms: 5_000 },
  });
  const update = (input: object) =>
    steward.api("PUT", `/v1/zones/${body.id}`, { ...ZONE_INPUT, ...input }, { "If-Match": "*" });
  const smaller = await update({ steward_set: withSet(other) });
  expect(smaller.body).toMatchObject({
    epoch: 2,
    envelope: { replication: { min_acks: 1, lease_ms: 5_000 } },
  });
  const changed = await update({ replication: { min_acks: 0, lease_ms: 2_000 } });
  expect(changed.body).toMatchObject({
    epoch: 3,
    envelope: { manifest: smaller.body.envelope.manifest, replication: { min_acks: 0 } },
  });
});
