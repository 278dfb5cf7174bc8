import fc from "fast-check";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ANVIL_KEYS } from "../../src/dev/anvil.ts";
import { BINDING_FAULTS, type BindingFault } from "../../src/protocol/operator-binding.ts";
import { assertSigned, BindingError, readBinding } from "../../src/trust/binding.ts";
import { startRpcProxy } from "../support/rpc-proxy.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";
import {
  alice,
  type BindingInput,
  bob,
  DOMAIN,
  FID,
  showBinding,
  signBinding,
  startRegistry,
} from "./support.ts";

const DAY_MS = 86_400_000;
const carol = privateKeyToAccount(ANVIL_KEYS[5]);

let registry: Awaited<ReturnType<typeof startRegistry>>;
let steward: TestSteward;
/** What the steward's clock is ahead by. */
let aheadMs = 0;

const toTrust = (fields: object = {}) => ({
  domain: DOMAIN,
  fid_registry: { chain_id: 31_337, address: registry.address, rpc_urls: [registry.chain.rpcUrl] },
  ...fields,
});

beforeAll(async () => {
  registry = await startRegistry();
  await registry.set(alice.address, FID);
  const trust = toTrust({ allowed: [{ fid: 99, custody_address: bob.address }] });
  const wire = { max_clock_drift_secs: 100 * 86_400 };
  steward = await startSteward({ config: { trust, wire }, nowMs: () => Date.now() + aheadMs });
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

/** The tier and reason that a node gets for a binding of its own. */
async function judge(input: Partial<BindingInput> = {}, at = steward) {
  const key = createAgentKey();
  const binding = await signBinding({ nodeId: key.nodeId, ...input });
  await using shown = await showBinding(at.wireUrl, { key, binding });
  const { status, trust, reason, hint } = shown.ack;
  return { status, trust, reason, hint };
}

const toRefused = (reason: BindingFault) => ({
  ...{ status: "ok", trust: "unknown", reason },
  hint: BINDING_FAULTS[reason],
});

test("a binding of the account that owns the fid makes a node verified, and the operator sees whose it is", async () => {
  const key = createAgentKey();
  const binding = await signBinding({ nodeId: key.nodeId });
  await using shown = await showBinding(steward.wireUrl, { key, binding });
  expect(shown.ack).toEqual({ status: "ok", trust: "verified" });
  const { sessions } = (await steward.api("GET", "/v1/sessions")).body;
  const own = sessions.find((one: { node_id: string }) => one.node_id === key.nodeId);
  expect(own).toMatchObject({
    trust: "verified",
    operator: { fid: FID, username: "alice", custody_address: alice.address },
  });
});

test("an operator whom the configuration lists needs no registry", async () => {
  const listed = { fid: 99, custodyAddress: bob.address, signer: bob };
  expect(await judge(listed)).toMatchObject({ trust: "verified" });
  expect(await judge({ ...listed, fid: 98 })).toEqual(toRefused("OPERATOR_UNCONFIRMED"));
});

const FAULTS: readonly (readonly [string, BindingFault, Partial<BindingInput>])[] = [
  ["of another domain", "OPERATOR_DOMAIN", { domain: "other.example" }],
  ["for another node", "OPERATOR_NODE", { nodeId: createAgentKey().nodeId }],
  ["whose time is over", "OPERATOR_TIME", { expirationTime: new Date(Date.now() - 1000) }],
  ["that is not valid yet", "OPERATOR_TIME", { issuedAt: new Date(Date.now() + 200 * DAY_MS) }],
  ["that somebody else signed", "OPERATOR_SIGNATURE", { signer: carol }],
  [
    "of a fid that another account owns",
    "OPERATOR_UNCONFIRMED",
    { custodyAddress: carol.address, signer: carol },
  ],
  ["of another fid than the account's", "OPERATOR_UNCONFIRMED", { fid: FID + 1 }],
  [
    "of another statement",
    "OPERATOR_MALFORMED",
    { edit: (text) => text.replace("Farcaster Auth", "Hello") },
  ],
  [
    "of another chain",
    "OPERATOR_MALFORMED",
    { edit: (text) => text.replace("Chain ID: 10", "Chain ID: 1") },
  ],
  [
    "of another version",
    "OPERATOR_MALFORMED",
    { edit: (text) => text.replace("Version: 1", "Version: 2") },
  ],
  [
    "without the fid",
    "OPERATOR_MALFORMED",
    { edit: (text) => text.replace(/\n- farcaster:.*/, "") },
  ],
  ["with a line too many", "OPERATOR_MALFORMED", { edit: (text) => `${text}\nmore` }],
  [
    "whose node stands in its statement alone",
    "OPERATOR_MALFORMED",
    { edit: (text) => text.replace("Farcaster Auth", "Farcaster Auth\n- x") },
  ],
];

test.each(FAULTS)("a binding %s leaves a node unknown: %s", async (_name, reason, input) => {
  expect(await judge(input)).toEqual(toRefused(reason));
});

test("what is no binding leaves a node unknown and is no reason to refuse it", async () => {
  for (const binding of [{ fid: FID }, { fid: "7", message: 1 }, {}]) {
    await using shown = await showBinding(steward.wireUrl, { key: createAgentKey(), binding });
    expect(shown.ack).toMatchObject(toRefused("OPERATOR_MALFORMED"));
  }
});

test("the chain of the registry may stand in the message, and the resource as clients write it", async () => {
  const edit = (text: string) =>
    text.replace("Chain ID: 10", "Chain ID: 31337").replace("//fids/", "//fid/");
  expect(await judge({ edit })).toMatchObject({ trust: "verified" });
});

test("another node that shows a node's binding is not verified by it", async () => {
  const key = createAgentKey();
  const binding = await signBinding({ nodeId: key.nodeId });
  await using own = await showBinding(steward.wireUrl, { key, binding });
  expect(own.ack.trust).toBe("verified");
  await using thief = await showBinding(steward.wireUrl, { key: createAgentKey(), binding });
  expect(thief.ack).toMatchObject(toRefused("OPERATOR_NODE"));
});

test("a binding that was seen in time holds for 30 days, and not a day longer", async () => {
  const key = createAgentKey();
  const binding = await signBinding({ nodeId: key.nodeId });
  const show = async (days: number) => {
    aheadMs = days * DAY_MS;
    await using shown = await showBinding(steward.wireUrl, { key, binding });
    return shown.ack;
  };
  try {
    expect(await show(0)).toMatchObject({ trust: "verified" });
    expect(await show(29)).toMatchObject({ trust: "verified" });
    expect(await show(31)).toMatchObject(toRefused("OPERATOR_TIME"));
  } finally {
    aheadMs = 0;
  }
});

test("the wire's limits are those of the tier", async () => {
  const limits = {
    unknown: { messages_per_second: 2 },
    verified: { messages_per_second: 30, messages_per_minute: 1000 },
    violations: 1000,
  };
  const clock = Date.now();
  await using other = await startSteward({
    config: { trust: toTrust(), limits },
    monotonicMs: () => clock,
  });
  const key = createAgentKey();
  const binding = await signBinding({ nodeId: key.nodeId });
  await using verified = await showBinding(other.wireUrl, { key, binding });
  await using unknown = await WireClient.connect(other.wireUrl);
  const countTaken = async (client: WireClient) => {
    const ids = Array.from({ length: 31 }, () => client.sendBody({ type: "zone.discover" }));
    const answers = await Promise.all(
      ids.map((id) =>
        client.take(({ type, fields }) =>
          type === "error"
            ? fields.ref_msg_id === id
            : type === "message_ack" && fields.msg_id === id,
        ),
      ),
    );
    return answers.filter(({ type }) => type === "message_ack").length;
  };
  expect(await countTaken(verified.client)).toBe(30);
  expect(await countTaken(unknown)).toBe(2);
});

test("a fid that moves to another account takes the tier away at the next look", async () => {
  await using other = await startSteward({ config: { trust: toTrust({ recheck_secs: 1 }) } });
  const owner = { fid: 5005, custodyAddress: carol.address, signer: carol };
  await registry.set(carol.address, owner.fid);
  const key = createAgentKey();
  const binding = await signBinding({ nodeId: key.nodeId, ...owner });
  await using before = await showBinding(other.wireUrl, { key, binding });
  expect(before.ack.trust).toBe("verified");
  await registry.set(carol.address, 0);
  const { fields } = await before.client.next("disconnect");
  expect(fields).toMatchObject({ reason: "normal", message: expect.stringContaining("operator") });
  await using after = await showBinding(other.wireUrl, { key, binding });
  expect(after.ack).toMatchObject(toRefused("OPERATOR_UNCONFIRMED"));
});

test("while the registry does not answer a node is unknown for now, in bounded time, and verified once it does", async () => {
  await using proxy = await startRpcProxy(registry.chain.rpcUrl);
  const fid_registry = { chain_id: 31_337, address: registry.address, rpc_urls: [proxy.url] };
  const trust = toTrust({ fid_registry, lookup_timeout_ms: 300, recheck_secs: 3600 });
  let monotonicMs = 0;
  await using other = await startSteward({ config: { trust }, monotonicMs: () => monotonicMs });
  proxy.fail("*", "hang");
  const startedMs = performance.now();
  expect(await judge({}, other)).toEqual(toRefused("OPERATOR_UNCHECKED"));
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  proxy.heal();
  await expect.poll(() => judge({}, other)).toMatchObject({ trust: "verified" });
  // What it said last is good for as long as `stale_secs` says.
  proxy.fail("*", "http-500");
  monotonicMs += 1000 * 3_599;
  expect(await judge({}, other)).toMatchObject({ trust: "verified" });
  monotonicMs += 1000 * 7_200;
  expect(await judge({}, other)).toEqual(toRefused("OPERATOR_UNCHECKED"));
});

test("strangers cannot have the registry asked without end", async () => {
  await using proxy = await startRpcProxy(registry.chain.rpcUrl);
  const fid_registry = { chain_id: 31_337, address: registry.address, rpc_urls: [proxy.url] };
  const clock = 0;
  const trust = toTrust({ fid_registry, lookups_per_minute: 2 });
  await using other = await startSteward({ config: { trust }, monotonicMs: () => clock });
  for (const reason of ["UNCONFIRMED", "UNCONFIRMED", "UNCHECKED"] as const) {
    const stranger = privateKeyToAccount(generatePrivateKey());
    const input = { custodyAddress: stranger.address, signer: stranger };
    expect(await judge(input, other)).toEqual(toRefused(`OPERATOR_${reason}`));
  }
  expect(proxy.calls.filter((method) => method === "eth_call")).toHaveLength(2);
});

test("an address without a registry confirms nobody", async () => {
  const fid_registry = {
    ...{ chain_id: 31_337, address: bob.address },
    rpc_urls: [registry.chain.rpcUrl],
  };
  await using other = await startSteward({ config: { trust: toTrust({ fid_registry }) } });
  expect(await judge({}, other)).toEqual(toRefused("OPERATOR_UNCHECKED"));
});

test("a steward that confirms nobody says so; a plain name claims nothing", async () => {
  await using other = await startSteward();
  expect(await judge({}, other)).toEqual(toRefused("OPERATOR_NOT_TAKEN"));
  await using named = await WireClient.open(other.wireUrl);
  const ack = await named.handshake({ hello: { operator: "alice" } });
  expect(ack).toEqual({ status: "ok", trust: "unknown" });
});

test("without trust.domain and public_url the message is for the authority that was dialled", async () => {
  const { domain: _, ...trust } = toTrust();
  await using other = await startSteward({ config: { trust } });
  const { host } = new URL(other.wireUrl);
  const key = createAgentKey();
  const binding = await signBinding({ nodeId: key.nodeId, domain: host });
  const client = await WireClient.open(other.wireUrl, key);
  const ack = await client.handshake({ hello: { operator: binding, authority: host } });
  expect(ack).toMatchObject({ trust: "verified" });
  await client[Symbol.asyncDispose]();
});

test("whatever is changed in a signed message or in its fields, it is worth nothing", async () => {
  const { nodeId } = createAgentKey();
  const binding = await signBinding({ nodeId });
  const place = { nodeId, domain: DOMAIN, chainId: 31_337 };
  const whole = readBinding(binding, place);
  await assertSigned(whole);
  const text = fc.constantFrom("message", "signature", "custody_address");
  const edit = fc.tuple(
    text,
    fc.nat(1000),
    fc.string({ minLength: 1, maxLength: 2, unit: "binary" }),
  );
  await fc.assert(
    fc.asyncProperty(edit, async ([field, place_, insert]) => {
      const old = binding[field as "message"];
      const at = place_ % old.length;
      const changed = old.slice(0, at) + insert + old.slice(at + insert.length);
      fc.pre(changed.toLowerCase() !== old.toLowerCase());
      const run = async () => assertSigned(readBinding({ ...binding, [field]: changed }, place));
      await expect(run()).rejects.toBeInstanceOf(BindingError);
    }),
    { numRuns: 300 },
  );
});
