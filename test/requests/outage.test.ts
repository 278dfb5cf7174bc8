import { afterAll, beforeAll, expect, test } from "vitest";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";
import { createId } from "../../src/protocol/ids.ts";
import { json, Upstream } from "../actions/upstream.ts";
import { type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import type { Reply } from "../support/wire-client.ts";
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

test("an upstream is slow, then dead, then back: every paid request is served once", async () => {
  let nowMs = Date.now();
  await using steward = await paid.start(toConfig(upstream), () => nowMs);
  const zone_id = await createZone(steward);
  await using client = await join(steward, zone_id);
  const buyAll = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const quoted = await quote(client, zone_id, "run");
        return { ...quoted, message: await payFor(client, paid, quoted) };
      }),
    );
  const ask = ({ request_id }: { request_id: string }) =>
    client.ask({ type: "zone.request", request_id, zone_id, action: "run" });
  const purse = () => readBalance(paid.payer.address);
  const before = await purse();

  // Slow, but within the action's time.
  upstream.answer = (response) => setTimeout(() => json(response, 200, "served"), 200);
  const served = await buyAll(4);
  for (const { message } of served) {
    expect(await client.replyTo(message)).toMatchObject({ result: "served" });
  }

  // Dies with three runs under way; two more are paid when it is dead already.
  const quoted = [await quote(client, zone_id, "run"), await quote(client, zone_id, "run")];
  const unquoted = createId("req");
  upstream.answer = () => {};
  const cut = await buyAll(3);
  await upstream.got(served.length + cut.length);
  await upstream.die();
  for (const { request_id } of cut) {
    const waits = await untilState(client, request_id, "undelivered");
    expect(waits).toMatchObject({
      reason: "UPSTREAM_ERROR",
      message: expect.stringContaining("upstream"),
    });
  }
  for (const one of quoted) {
    const failed = await client.replyTo(await payFor(client, paid, one));
    expect(failed).toMatchObject({ code: "internal", reason: "UPSTREAM_UNAVAILABLE" });
  }
  // That were five failures: nobody is quoted any more.
  const refused = await ask({ request_id: unquoted });
  expect(refused).toMatchObject({ code: "internal", reason: "UPSTREAM_UNAVAILABLE" });

  // Back: what failed for certain runs without paying again, what is unknown when the operator says so.
  upstream.answer = (response) => json(response, 200, "back");
  await upstream.listen();
  nowMs += MINUTE_MS;
  for (const one of quoted) expect(await ask(one)).toMatchObject({ result: "back" });
  expect(await ask({ request_id: unquoted })).toMatchObject({ type: "zone.payment_required" });
  const { body: list } = await steward.api("GET", "/v1/payments?state=confirmed");
  expect(list.payments).toHaveLength(cut.length);
  for (const { id } of list.payments) {
    const { body } = await steward.api("GET", `/v1/payments/${id}`);
    const failure = { reason: "UPSTREAM_ERROR" };
    expect(body.request).toMatchObject({ state: "undelivered", failure });
    expect((await steward.api("POST", `/v1/payments/${id}/retry`)).status).toBe(202);
  }
  for (const { request_id } of cut) {
    await client.take(({ fields }) => {
      const { type, request_id: id } = (fields.body ?? {}) as Reply;
      return type === "zone.response" && id === request_id;
    });
    expect(await ask({ request_id })).toMatchObject({ result: "back" });
  }

  const keys = upstream.received.map(({ headers }) => String(headers["idempotency-key"]));
  const runs = [...new Set(keys)].map((key) => keys.filter((one) => one === key).length);
  expect(runs.sort()).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2]);
  const total = BigInt(PRICE.amount) * BigInt(served.length + cut.length + quoted.length);
  expect(before - (await purse())).toBe(total);
});

function readBalance(owner: `0x${string}`): Promise<bigint> {
  return paid.chain.client.readContract({
    address: paid.contracts.usdc,
    abi: testUsdcAbi,
    functionName: "balanceOf",
    args: [owner],
  });
}
