import { recoverTypedDataAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { expect, test } from "vitest";
import {
  parseWallet,
  signAuthorization,
  toAuthorizationDocument,
} from "../../src/client/requests/authorization.ts";
import { parseChains } from "../../src/client/requests/chain-settings.ts";
import { checkQuote, type QuoteContext } from "../../src/client/requests/quote-check.ts";
import { verifyZoneEnvelope } from "../../src/client/zones/envelope.ts";
import { createTestKey } from "./keys.ts";
import {
  createQuote,
  ESCROW,
  type QuoteInput,
  RECIPIENT,
  SETTLEMENT,
  TOKEN,
  ZERO,
} from "./quote-fixture.ts";
import { CHAIN_ID, createZoneEnvelope, toJson, ZONE_ID } from "./zone-fixture.ts";

const NOW = 1_800_000_000;
const WALLET_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const OTHER = "0x1111111111111111111111111111111111111111";
const creator = createTestKey(1);
const steward = createTestKey(2);
const agent = createTestKey(5);
const params = { text: "Guten Tag", target_lang: "en" };
const zone = await verifyZoneEnvelope(toJson(createZoneEnvelope(creator, steward)), ZONE_ID);
const chains = parseChains({
  [CHAIN_ID]: { token: TOKEN, settlement: SETTLEMENT, escrow: ESCROW },
});

function createContext(changes: Partial<QuoteContext> = {}): QuoteContext {
  return {
    nodeId: agent.nodeId,
    requestId: "req_1",
    zone,
    zoneId: ZONE_ID,
    action: "translate",
    params,
    stewardKeys: [steward.publicKey],
    chains,
    maxAmount: 5_000_000n,
    now: NOW,
    ...changes,
  };
}

const makeQuote = (changes: Partial<QuoteInput> = {}, signer = steward) =>
  createQuote(signer, {
    nodeId: agent.nodeId,
    requestId: "req_1",
    params,
    deadline: NOW + 300,
    ...changes,
  });

test("a true quote passes, and its authorization is exactly what it says", async () => {
  const quote = await checkQuote(makeQuote(), createContext());
  expect(quote).toMatchObject({ amount: 2_000_000n, deadline: NOW + 300, mode: "direct" });
  expect(quote.contract.toLowerCase()).toBe(SETTLEMENT);
  const wallet = privateKeyToAccount(WALLET_KEY);
  const signed = await signAuthorization(quote, wallet);
  expect(signed).toMatchObject({
    type: "receive",
    from: wallet.address,
    value: "2000000",
    valid_after: 0,
    valid_before: NOW + 300,
    nonce: quote.nonce,
  });
  const recovered = await recoverTypedDataAddress({
    ...toAuthorizationDocument(quote, wallet.address),
    signature: {
      r: signed.r as `0x${string}`,
      s: signed.s as `0x${string}`,
      v: BigInt(signed.v as number),
    },
  });
  expect(recovered).toBe(wallet.address);
  expect(Object.keys(signed)).not.toContain("signature");
});

test("the signed document is the token's: its domain, its ReceiveWithAuthorization", async () => {
  const own = { token: TOKEN, settlement: SETTLEMENT, tokenName: "USDC", tokenVersion: "3" };
  const quote = await checkQuote(
    makeQuote(),
    createContext({ chains: parseChains({ [CHAIN_ID]: own }) }),
  );
  const document = toAuthorizationDocument(quote, privateKeyToAccount(WALLET_KEY).address);
  expect(document.domain).toMatchObject({ name: "USDC", version: "3", chainId: CHAIN_ID });
  expect(document.domain.verifyingContract.toLowerCase()).toBe(TOKEN);
  expect(document.primaryType).toBe("ReceiveWithAuthorization");
  const usual = await checkQuote(makeQuote(), createContext());
  expect(toAuthorizationDocument(usual, quote.contract).domain).toMatchObject({
    name: "USD Coin",
    version: "2",
  });
});

test("an escrow quote passes with the escrow contract, deadline and arbiter of the manifest", async () => {
  const context = createContext({ action: "audit" });
  const quote = await checkQuote(makeQuote({ escrow: true }), context);
  expect(quote).toMatchObject({ amount: 5_000_000n, mode: "escrow" });
  expect(quote.contract.toLowerCase()).toBe(ESCROW);
  for (const terms of [{ escrowDeadline: BigInt(NOW + 300 + 7200) }, { arbiter: OTHER } as const]) {
    await expect(checkQuote(makeQuote({ escrow: true, terms }), context)).rejects.toMatchObject({
      code: "quote_invalid",
      reason: "NONCE_MISMATCH",
    });
  }
});

const lies: [string, Partial<QuoteInput>, string, string][] = [
  ["a higher price", { terms: { amount: 2_000_001n } }, "quote_invalid", "PRICE"],
  ["a lower price", { terms: { amount: 1n } }, "quote_invalid", "PRICE"],
  [
    "a price only the terms commit to",
    { terms: { amount: 9n }, requirement: { amount: "2000000" } },
    "quote_invalid",
    "NONCE_MISMATCH",
  ],
  ["another asset", { requirement: { asset: "EURC" } }, "quote_invalid", "PRICE"],
  ["another mode", { requirement: { settlement_mode: "escrow" } }, "quote_invalid", "PRICE"],
  ["another creator", { terms: { creator: OTHER } }, "quote_invalid", "NONCE_MISMATCH"],
  ["another fee", { terms: { creatorFeeBps: 300 } }, "quote_invalid", "NONCE_MISMATCH"],
  [
    "another zone key",
    { terms: { zoneKey: `0x${"00".repeat(32)}` } },
    "quote_invalid",
    "NONCE_MISMATCH",
  ],
  ["another sender's request", { nodeId: steward.nodeId }, "quote_invalid", "NONCE_MISMATCH"],
  ["other params", { params: { text: "other" } }, "quote_invalid", "NONCE_MISMATCH"],
  [
    "a recipient the terms do not name",
    { requirement: { recipient: OTHER } },
    "quote_invalid",
    "NONCE_MISMATCH",
  ],
  ["no recipient", { terms: { recipient: ZERO } }, "quote_invalid", "RECIPIENT"],
  [
    "another deadline in the terms",
    { terms: { deadline: BigInt(NOW + 299) }, requirement: { deadline: NOW + 300 } },
    "quote_invalid",
    "NONCE_MISMATCH",
  ],
  ["a deadline beyond an hour", { deadline: NOW + 3901 }, "quote_invalid", "DEADLINE"],
  ["a deadline long past", { deadline: NOW - 301 }, "quote_invalid", "DEADLINE"],
  ["another chain", { terms: { chainId: 1n } }, "quote_invalid", "CHAIN"],
  ["another token", { terms: { token: OTHER } }, "chain_not_allowed", ""],
  ["another contract", { terms: { verifyingContract: OTHER } }, "chain_not_allowed", ""],
  [
    "the escrow for a direct payment",
    { terms: { verifyingContract: ESCROW } },
    "chain_not_allowed",
    "",
  ],
  [
    "only transfer authorizations",
    { requirement: { authorization_types: ["transfer"] } },
    "quote_invalid",
    "AUTHORIZATION_TYPE",
  ],
  ["another request id", { quote: { request_id: "req_2" } }, "quote_invalid", "REQUEST"],
  ["another action", { requirement: { action: "audit" } }, "quote_invalid", "REQUEST"],
  ["another zone", { requirement: { zone_id: "zone_x" } }, "quote_invalid", "REQUEST"],
  [
    "a made-up nonce",
    { requirement: { nonce: `0x${"11".repeat(32)}` } },
    "quote_invalid",
    "NONCE_MISMATCH",
  ],
  ["no salt", { requirement: { terms: {} } }, "quote_invalid", "MALFORMED"],
  ["another steward's name", { quote: { steward: creator.nodeId } }, "quote_invalid", "STEWARD"],
  [
    "a broken signature",
    { quote: { signature: "00".repeat(64) } },
    "quote_invalid",
    "SIGNATURE_INVALID",
  ],
];

test.each(lies)(
  "a quote with %s is refused before anything is signed",
  async (_name, lie, code, reason) => {
    await expect(checkQuote(makeQuote(lie), createContext())).rejects.toMatchObject({
      code,
      ...(reason !== "" && { reason }),
    });
  },
);

test("a quote signed by a node that is not the primary is refused, whatever it calls itself", async () => {
  const stranger = createTestKey(9);
  const forged = makeQuote({ quote: { steward: steward.nodeId } }, stranger);
  for (const stewardKeys of [[stranger.publicKey], [steward.publicKey], []]) {
    await expect(checkQuote(forged, createContext({ stewardKeys }))).rejects.toMatchObject({
      code: "quote_invalid",
    });
  }
});

test("behind a replica the primary's key may come with the quote", async () => {
  const replica = createTestKey(8);
  const stewardKeys = [replica.publicKey, steward.publicKey];
  await expect(checkQuote(makeQuote(), createContext({ stewardKeys }))).resolves.toBeDefined();
});

test("maxAmount is a bound that equality still meets", async () => {
  await expect(
    checkQuote(makeQuote(), createContext({ maxAmount: 2_000_000n })),
  ).resolves.toBeDefined();
  await expect(
    checkQuote(makeQuote(), createContext({ maxAmount: 1_999_999n })),
  ).rejects.toMatchObject({ code: "price_too_high" });
});

test("a chain that the agent's own settings do not name is never paid on", async () => {
  await expect(checkQuote(makeQuote(), createContext({ chains: new Map() }))).rejects.toMatchObject(
    {
      code: "chain_not_allowed",
    },
  );
  const noEscrow = parseChains({ [CHAIN_ID]: { usdc: TOKEN, settlement: SETTLEMENT } });
  await expect(
    checkQuote(makeQuote({ escrow: true }), createContext({ action: "audit", chains: noEscrow })),
  ).rejects.toMatchObject({ code: "chain_not_allowed" });
});

test("an action that the manifest gives away is never paid for", async () => {
  const lie = makeQuote({ requirement: { action: "echo" } });
  await expect(checkQuote(lie, createContext({ action: "echo" }))).rejects.toMatchObject({
    code: "quote_invalid",
    reason: "PRICE",
  });
});

test("a zone without creator.wallet commits to the zero address", async () => {
  const manifest = { creator: { node_id: creator.nodeId }, creator_fee_bps: 0 };
  const envelope = createZoneEnvelope(creator, steward, { manifest });
  const own = await verifyZoneEnvelope(toJson(envelope), ZONE_ID);
  const terms = { creator: ZERO, creatorFeeBps: 0 } as const;
  await expect(
    checkQuote(makeQuote({ terms }), createContext({ zone: own })),
  ).resolves.toBeDefined();
  await expect(checkQuote(makeQuote(), createContext({ zone: own }))).rejects.toMatchObject({
    reason: "NONCE_MISMATCH",
  });
});

test("addresses compare without regard to case", async () => {
  const requirement = {
    to: SETTLEMENT.toUpperCase().replace("0X", "0x"),
    recipient: RECIPIENT.toUpperCase().replace("0X", "0x"),
  };
  await expect(checkQuote(makeQuote({ requirement }), createContext())).resolves.toBeDefined();
});

test("a wallet that is no key is refused without quoting it", () => {
  const secret = `${WALLET_KEY.slice(0, -1)}g` as `0x${string}`;
  for (const wallet of [
    secret,
    WALLET_KEY.slice(0, 64) as `0x${string}`,
    `0x${"00".repeat(32)}` as const,
  ]) {
    let thrown: unknown;
    try {
      parseWallet(wallet);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "invalid_input" });
    const text =
      JSON.stringify(thrown, Object.getOwnPropertyNames(thrown)) + String((thrown as Error).stack);
    expect(text).not.toContain(wallet.slice(2, 40));
  }
});
