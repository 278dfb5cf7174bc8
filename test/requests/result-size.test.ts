import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONTENT_BYTES_MAX, PAYLOAD_BYTES_MAX } from "../../src/wire/envelope.ts";
import { sendResult, startProviderRig, startWork } from "../actions/provider-rig.ts";
import { Upstream } from "../actions/upstream.ts";
import { type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import type { Reply, WireClient } from "../support/wire-client.ts";
import { join, PRICE, payFor, quote } from "./paid-rig.ts";

/** Texts of results by name: what is in front of each is MessagePack's head of a long string. */
const LONGEST = CONTENT_BYTES_MAX - 5;
const RESULTS: Readonly<Record<string, string>> = {
  chinese: JSON.stringify("\u6f22".repeat(1_450_000)),
  over: JSON.stringify("x".repeat(LONGEST + 1)),
  wide: `[${"0,".repeat(10_000)}0]`,
  surrogate: '"\\ud800"',
  beyond: "9007199254740993e1",
  deep: `${"[".repeat(40)}${"]".repeat(40)}`,
  longest: JSON.stringify("x".repeat(LONGEST)),
};
const MODULE = `
export default ({ params }) => {
  if (params.mode === "chinese") return "\\u6f22".repeat(1_450_000);
  if (params.mode === "over") return "x".repeat(${LONGEST + 1});
  if (params.mode === "huge") return "x".repeat(9 * 1_048_576);
  if (params.mode === "surrogate") return "\\ud800";
  if (params.mode === "longest") return "x".repeat(${LONGEST});
};
`;

const dir = mkdtempSync(joinPath(tmpdir(), "results-"));
let paid: PaidSteward;
let upstream: Upstream;
let zoneId: string;

beforeAll(async () => {
  upstream = await Upstream.start();
  upstream.answer = (response, { body }) =>
    response.end(RESULTS[(body.params as Reply).mode as string]);
  const path = joinPath(dir, "module.mjs");
  writeFileSync(path, MODULE);
  const http = {
    type: "http",
    url: upstream.url,
    allow_private: ["127.0.0.1"],
    response_bytes_max: 4 * 1_048_576,
  };
  paid = await startPaidSteward({
    handlers: {
      "*": { http, small: { ...http, response_bytes_max: 1000 }, module: { type: "module", path } },
    },
    payments: { head_age_max_secs: 0 },
  });
  zoneId = await paid.steward.createZone({
    actions: ["http", "small", "module"].map((name) => ({
      name,
      description: "Answers with much.",
      price: PRICE,
    })),
  });
});
afterAll(async () => {
  await paid[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

/** Pays for a run in a mode; returns its answer and the request's id. */
async function buy(client: WireClient, action: string, mode: string): Promise<[string, Reply]> {
  const quoted = await quote(client, zoneId, action, { mode });
  return [quoted.request_id, await client.replyTo(await payFor(client, paid, quoted))];
}

test.each([
  ["http", "chinese", "RESULT_TOO_LARGE"],
  ["http", "over", "RESULT_TOO_LARGE"],
  ["http", "wide", "RESULT_INVALID"],
  ["small", "chinese", "RESULT_TOO_LARGE"],
  ["http", "surrogate", "RESULT_INVALID"],
  ["http", "beyond", "RESULT_INVALID"],
  ["http", "deep", "RESULT_INVALID"],
  ["module", "chinese", "RESULT_TOO_LARGE"],
  ["module", "over", "RESULT_TOO_LARGE"],
  ["module", "huge", "RESULT_TOO_LARGE"],
  ["module", "surrogate", "RESULT_INVALID"],
])(
  "a paid result that no message carries (%s, %s) is a failure with its reason, to payer and operator",
  async (action, mode, reason) => {
    await using client = await join(paid.steward, zoneId);
    const [request_id, answer] = await buy(client, action, mode);
    const failure = { type: "zone.error", code: "internal", reason, recovery: "operator" };
    expect(answer).toMatchObject({ ...failure, request_id });
    expect(await client.ask({ type: "zone.receipt", request_id })).toMatchObject(failure);
    expect(client.received.filter(({ type }) => type === "error")).toEqual([]);
    const { body } = await paid.steward.api("GET", "/v1/payments?limit=1");
    const { body: shown } = await paid.steward.api("GET", `/v1/payments/${body.payments[0].id}`);
    expect(shown).toMatchObject({
      request_id,
      state: "confirmed",
      request: { state: "failed", failure: { reason } },
    });
  },
);

test.each(["http", "module"])(
  "the longest paid result that is taken (%s) is delivered with its receipt, and again by receipt",
  async (action) => {
    await using client = await join(paid.steward, zoneId);
    const [request_id, answer] = await buy(client, action, "longest");
    expect(answer.type).toBe("zone.response");
    expect(answer.result).toHaveLength(LONGEST);
    expect(answer.settlement.amount).toBe(PRICE.amount);
    const again = await client.ask({ type: "zone.receipt", request_id });
    expect(again.result).toHaveLength(LONGEST);
    expect(again.settlement).toEqual(answer.settlement);
  },
);

test("a provider's result that fits its own envelope and not the answer's is RESULT_TOO_LARGE", async () => {
  await using rig = await startProviderRig();
  const provider = await rig.provide();
  const member = await rig.join();
  const answer = startWork(member, rig.zoneId);
  const { invoke_id } = await provider.nextBody("zone.invoke");
  await sendResult(provider, { invoke_id, result: "y".repeat(PAYLOAD_BYTES_MAX - 500) });
  expect(await answer).toMatchObject({ code: "internal", reason: "RESULT_TOO_LARGE" });
});
