import type { Hex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StewardError } from "../../src/errors.ts";
import {
  type AuthorizationJson,
  askQuote,
  type Engine,
  fundPayer,
  type Payer,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";

let world: PayWorld;
let engine: Engine;
let payer: Payer;
beforeAll(async () => {
  world = await startPayWorld();
  engine = await startEngine(world);
  payer = await fundPayer(world);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

async function refusal(run: Promise<unknown>): Promise<{ code: unknown; reason: unknown }> {
  const thrown = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof StewardError)) throw new Error(`no refusal: ${thrown}`);
  return { code: thrown.code, reason: thrown.reason };
}

/** Sends an authorization changed before or after signing, and says how it is refused. */
async function refusalOf(
  change: Parameters<typeof pay>[2],
  edit: (authorization: AuthorizationJson) => unknown = (authorization) => authorization,
) {
  const { key, quote } = await askQuote(engine, world);
  const authorization = await pay(payer, quote.payment_requirement, change);
  const answer = await refusal(engine.payments.accept(key, edit(authorization)));
  expect(engine.hooks.of(key.requestId)).toEqual([]);
  return answer;
}

const invalid = (reason: string) => ({ code: "payment_invalid", reason });

describe("an authorization is refused with the reason of the first rule it breaks", () => {
  test("another amount", async () => {
    expect(await refusalOf({ value: 1_999_999n })).toEqual(invalid("AMOUNT_MISMATCH"));
    expect(await refusalOf({ value: 2_000_001n })).toEqual(invalid("AMOUNT_MISMATCH"));
  });

  test("another nonce", async () => {
    expect(await refusalOf({ nonce: `0x${"11".repeat(32)}` })).toEqual(invalid("NONCE_MISMATCH"));
  });

  test("another recipient", async () => {
    expect(await refusalOf({ to: world.recipient })).toEqual(invalid("RECIPIENT_MISMATCH"));
  });

  test("another validity window", async () => {
    const now = BigInt(Math.floor(Date.now() / 1000));
    expect(await refusalOf({ validBefore: now + 10_000n })).toEqual(invalid("VALIDITY_WINDOW"));
    expect(await refusalOf({ validAfter: now + 100n })).toEqual(invalid("VALIDITY_WINDOW"));
  });

  test("another payer's signature, a changed field, or another kind than signed", async () => {
    const stranger = await fundPayer(world, 0n);
    expect(await refusalOf({}, (one) => ({ ...one, from: stranger.address }))).toEqual(
      invalid("SIGNATURE_INVALID"),
    );
    expect(await refusalOf({}, (one) => ({ ...one, type: "transfer" }))).toEqual(
      invalid("SIGNATURE_INVALID"),
    );
    expect(await refusalOf({}, (one) => ({ ...one, r: `0x${"00".repeat(32)}` }))).toEqual(
      invalid("SIGNATURE_INVALID"),
    );
    expect(await refusalOf({}, (one) => ({ ...one, v: 29 }))).toEqual(invalid("SIGNATURE_INVALID"));
  });

  test.each([
    ["a missing field", (one: AuthorizationJson) => ({ ...one, nonce: undefined })],
    ["a number as value", (one: AuthorizationJson) => ({ ...one, value: 2_000_000 })],
    ["a negative value", (one: AuthorizationJson) => ({ ...one, value: "-1" })],
    ["hex as value", (one: AuthorizationJson) => ({ ...one, value: "0x10" })],
    ["a wrong checksum", (one: AuthorizationJson) => ({ ...one, to: flipCase(String(one.to)) })],
    ["no signature", (one: AuthorizationJson) => ({ ...one, s: undefined })],
    ["text", () => "pay me"],
    ["a list", () => []],
  ])("%s", async (_, edit) => {
    expect(await refusalOf({}, edit)).toEqual(invalid("MALFORMED_AUTHORIZATION"));
  });

  test("no authorization at all, or a request without requirement: payment_required", async () => {
    const { key, quote } = await askQuote(engine, world);
    const authorization = await pay(payer, quote.payment_requirement);
    const required = { code: "payment_required", reason: undefined };
    expect(await refusal(engine.payments.accept(key, undefined))).toEqual(required);
    expect(await refusal(engine.payments.accept(key, null))).toEqual(required);
    const unknown = { ...key, requestId: "req_unknown" };
    expect(await refusal(engine.payments.accept(unknown, authorization))).toEqual(required);
    const stranger = { ...key, nodeId: `atlas_${"ef".repeat(32)}` };
    expect(await refusal(engine.payments.accept(stranger, authorization))).toEqual(required);
  });

  test("used under another request", async () => {
    const first = await askQuote(engine, world);
    const authorization = await pay(payer, first.quote.payment_requirement);
    await engine.payments.accept(first.key, authorization);
    const second = await askQuote(engine, world);
    expect(await refusal(engine.payments.accept(second.key, authorization))).toEqual(
      invalid("AUTHORIZATION_USED"),
    );
  });

  test("another payer while one is paying, and after he has paid", async () => {
    const { key, quote } = await askQuote(engine, world);
    const other = await fundPayer(world);
    const mine = await pay(payer, quote.payment_requirement);
    const his = await pay(other, quote.payment_requirement);
    await engine.payments.accept(key, mine);
    expect(await refusal(engine.payments.accept(key, his))).toEqual(invalid("PAYMENT_IN_PROGRESS"));
    await engine.hooks.until("settled", key.requestId);
    expect(await refusal(engine.payments.accept(key, his))).toEqual(invalid("PAYMENT_IN_PROGRESS"));
    expect(await engine.payments.accept(key, mine)).toBe("settled");
    expect(await world.balanceOf(other.address)).toBe(100_000_000n);
  });
});

test("a passed deadline is refused, and the same request gets a fresh requirement", async () => {
  let ahead = 0;
  const now = () => Math.floor(Date.now() / 1000) + ahead;
  await using late = await startEngine(world, { now, payments: { quote_ttl_secs: 30 } });
  const { key, quote } = await askQuote(late, world);
  const again = await askQuote(late, world, key);
  expect(again.quote).toEqual(quote);
  ahead = 25;
  const authorization = await pay(payer, quote.payment_requirement);
  expect(await refusal(late.payments.accept(key, authorization))).toEqual(
    invalid("DEADLINE_PASSED"),
  );
  const fresh = await askQuote(late, world, key);
  expect(fresh.quote.payment_requirement.nonce).not.toBe(quote.payment_requirement.nonce);
});

test("v 0/1, high s and numbers as strings are the same authorization", async () => {
  const { key, quote } = await askQuote(engine, world);
  const one = await pay(payer, quote.payment_requirement);
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const highS = `0x${(order - BigInt(one.s as Hex)).toString(16).padStart(64, "0")}`;
  const same = {
    ...one,
    valid_after: "0",
    valid_before: String(one.valid_before),
    s: highS,
    v: String(1 - (Number(one.v) - 27)),
    from: String(one.from).toLowerCase(),
  };
  expect(await engine.payments.accept(key, same)).toBe("accepted");
  expect(["joined", "settled"]).toContain(await engine.payments.accept(key, one));
  await engine.hooks.until("settled", key.requestId);
});

function flipCase(address: string): string {
  return address.replace(/[a-f]/i, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}
