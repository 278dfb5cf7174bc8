import { afterAll, beforeAll, expect, test } from "vitest";
import { honest } from "../../support/shaped-node.ts";
import { type PayWorld, startPayWorld } from "../support/engine.ts";
import { CONDITIONS, type Condition } from "./conditions.ts";
import { type Paid, Scene } from "./support/scene.ts";

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const toEnd = ({ expected }: Condition): string => {
  if (expected === "delivered") return expected;
  return "refused" in expected ? expected.refused : `waits, alarm ${expected.waiting}`;
};

test.concurrent.each(CONDITIONS.map((one) => [one.name, toEnd(one), one] as const))(
  "%s: %s",
  async (_name, _end, condition) => {
    const { shape, from, expected, calls = {}, alarms = [] } = condition;
    const isSecond = alarms.includes("wrong-chain");
    const shapeNow = shape();
    await using scene = await Scene.start(world, {
      ...(from === "start" && { shape: shapeNow }),
      honestUrlFirst: isSecond,
      userInfo: condition.userInfo ?? "",
      ...(condition.payments && { payments: condition.payments }),
    });
    const isWaiting = typeof expected === "object" && "waiting" in expected;
    const isDownAtFirst = isWaiting && from === "start";
    if (isDownAtFirst) {
      await assertWaits(scene, expected.waiting);
      scene.node.shape = honest;
    }
    const sends = await signAll(scene, condition);
    if (!isDownAtFirst) scene.node.shape = shapeNow;
    scene.node.calls.length = 0;
    const paid = await Promise.all(sends.map((send) => send()));
    if (isWaiting && !isDownAtFirst) await assertWaits(scene, expected.waiting, paid);
    else if (typeof expected === "object" && "refused" in expected) {
      const { key } = paid[0] as Paid;
      await scene.until(() => scene.endOf(key) !== undefined);
      expect(scene.endOf(key)).toBe(expected.refused);
    } else await Promise.all(paid.map((one) => scene.deliver(one)));
    for (const [method, most] of Object.entries(calls)) {
      const count = scene.node.calls.filter((call) => call === method).length;
      expect(count, method).toBeLessThanOrEqual(most);
    }
    const wanted = [...alarms, ...(isWaiting ? [expected.waiting] : [])];
    await scene.until(() => wanted.every((id) => scene.alarms.includes(id)));
    expect(scene.alarms).toEqual(wanted);
    scene.node.shape = honest;
    if (isWaiting)
      for (const one of paid) if (scene.endOf(one.key) === undefined) await scene.deliver(one);
    await scene.assertBooks();
  },
  60_000,
);

async function signAll(scene: Scene, { pays }: Condition): Promise<(() => Promise<Paid>)[]> {
  switch (pays) {
    case "escrow":
      return [await scene.sign("escrow")];
    case "behind an escrow":
      return [await scene.sign("escrow"), await scene.sign("direct")];
    case "unfunded":
      return [await scene.sign("direct", 0n)];
    case "twelve":
      return Promise.all(Array.from({ length: 12 }, () => scene.sign("direct")));
    default:
      return [await scene.sign("direct")];
  }
}

/** An alarm says what is wrong, in the node's words without its address, and what to do. */
async function assertWaits(scene: Scene, id: string, paid: readonly Paid[] = []): Promise<void> {
  await scene.until(() => scene.standing.some((alarm) => alarm.id === id));
  const alarm = scene.standing.find((one) => one.id === id);
  expect(alarm).toMatchObject({
    since: expect.any(Number),
    remedy: expect.stringMatching(/\w{3}/),
  });
  expect(alarm?.node_says ?? "").not.toMatch(/:\/\/|abc/);
  if (paid.length > 0) expect(paid.some(({ key }) => scene.endOf(key) === undefined)).toBe(true);
}
