import { expect, test } from "vitest";
import { type Manifest, manifestSchema } from "../../src/protocol/manifest.ts";
import { toStewardSet } from "../../src/protocol/steward-set.ts";
import { AGENT, CREATOR, MANIFEST, STEWARD } from "../wire/sources/cast.ts";

const primary = { node_id: STEWARD.nodeId, role: "primary" };
const replica = (node_id: string, voter?: boolean) => ({ node_id, role: "replica", voter });
const withSet = (...steward_set: readonly object[]): Manifest =>
  manifestSchema.parse({ ...MANIFEST, steward_set });
const one = withSet(primary, replica(AGENT.nodeId, true), replica(CREATOR.nodeId, false));
const two = withSet(primary, replica(AGENT.nodeId, true), replica(CREATOR.nodeId, true));
const none = withSet(primary, replica(AGENT.nodeId, false));

test("voters are counted, learners follow, and a zone without either is not replicated", () => {
  expect(toStewardSet(one, undefined)).toMatchObject({
    isReplicated: true,
    primary: STEWARD.nodeId,
    voters: [AGENT.nodeId],
    learners: [CREATOR.nodeId],
    n: 1,
    acceptsLoss: false,
  });
  expect(toStewardSet(none, undefined)).toMatchObject({ isReplicated: true, n: 0 });
  const named = withSet(primary, replica(AGENT.nodeId));
  expect(toStewardSet(named, undefined)).toMatchObject({ isReplicated: false, voters: [], n: 0 });
});

test.each([
  [one, 0, { otherAcks: 0, moneyAcks: 1 }],
  [one, 1, { otherAcks: 1, moneyAcks: 1 }],
  [one, 9, { otherAcks: 1, moneyAcks: 1 }],
  [two, 0, { otherAcks: 0, moneyAcks: 1 }],
  [two, 2, { otherAcks: 2, moneyAcks: 2 }],
  [none, 3, { otherAcks: 0, moneyAcks: 0 }],
])(
  "money needs one voter where there is one, and nothing more than there are (%#)",
  (manifest, min_acks, acks) => {
    expect(toStewardSet(manifest, { min_acks, lease_ms: 10_000 })).toMatchObject(acks);
  },
);

test("a lease lasts ten seconds where nothing is said, and never less than one", () => {
  const lease = (lease_ms: number) => toStewardSet(one, { min_acks: 0, lease_ms }).leaseMs;
  expect(toStewardSet(one, undefined)).toMatchObject({ leaseMs: 10_000, otherAcks: 0 });
  expect([lease(100), lease(999), lease(1_000), lease(60_000)]).toEqual([
    1_000, 1_000, 1_000, 60_000,
  ]);
});

test("loss is accepted by the primary's mark", () => {
  const manifest = withSet({ ...primary, accept_loss: true }, replica(AGENT.nodeId, true));
  expect(toStewardSet(manifest, undefined).acceptsLoss).toBe(true);
});
