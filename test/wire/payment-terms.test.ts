import fc from "fast-check";
import { type Hex, hashTypedData, recoverTypedDataAddress } from "viem";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/protocol/json.ts";
import {
  ESCROW_TERMS_TYPEHASH,
  TERMS_TYPEHASH,
  toEscrowId,
  toEscrowTermsNonce,
  toFeeSplit,
  toRequestKey,
  toTaskId,
  toTermsNonce,
  toZoneKey,
} from "../../src/protocol/terms.ts";
import type { TermsJson } from "../../src/wire/zone-replies.ts";
import { hashWords } from "./independent/abi.ts";
import { keccakHex } from "./independent/keccak.ts";
import type { toPaymentVectors } from "./sources/payments.ts";
import { readVectors } from "./vectors.ts";

const vectors = readVectors<Awaited<ReturnType<typeof toPaymentVectors>>>("payments.json");

function toTerms(json: TermsJson) {
  return {
    chainId: BigInt(json.chain_id),
    verifyingContract: json.verifying_contract as Hex,
    token: json.token as Hex,
    zoneKey: json.zone_key as Hex,
    requestKey: json.request_key as Hex,
    recipient: json.recipient as Hex,
    creator: json.creator as Hex,
    creatorFeeBps: json.creator_fee_bps,
    amount: BigInt(json.amount),
    mode: json.mode,
    deadline: BigInt(json.deadline),
    salt: json.salt as Hex,
  };
}

test("zone key", () => {
  expect(toZoneKey(vectors.zone.zone_id)).toBe(vectors.zone.zone_key);
});

test.each(vectors.requests)("request key over $content", (request) => {
  const content = { action: request.action, params: request.params as JsonObject };
  expect(toRequestKey(request.node_id, request.request_id, content)).toBe(request.request_key);
});

test("the order of params' members does not change the request key", () => {
  const key = (params: JsonObject) => toRequestKey("n", "r", { action: "a", params });
  expect(key({ a: 1, b: 2 })).toBe(key({ b: 2, a: 1 }));
  expect(key({ a: 1, b: 2 })).not.toBe(key({ a: 2, b: 1 }));
});

test("direct nonce", () => {
  expect(TERMS_TYPEHASH).toBe(vectors.direct.typehash);
  expect(toTermsNonce(toTerms(vectors.direct.terms))).toBe(vectors.direct.nonce);
});

test("escrow nonce", () => {
  const { terms } = vectors.escrow;
  expect(ESCROW_TERMS_TYPEHASH).toBe(vectors.escrow.typehash);
  const extra = { escrowDeadline: BigInt(terms.escrow_deadline), arbiter: terms.arbiter as Hex };
  expect(toEscrowTermsNonce({ ...toTerms(terms), ...extra })).toBe(vectors.escrow.nonce);
});

test("each term alone changes the nonce", () => {
  const terms = toTerms(vectors.direct.terms);
  const flip = (hex: Hex) => `${hex.slice(0, -1)}${hex.endsWith("0") ? "1" : "0"}` as Hex;
  const nonces = Object.entries(terms).map(([name, value]) =>
    toTermsNonce({
      ...terms,
      [name]:
        typeof value === "string"
          ? flip(value.toLowerCase() as Hex)
          : typeof value === "bigint"
            ? value + 1n
            : value + 1,
    }),
  );
  expect(new Set([toTermsNonce(terms), ...nonces]).size).toBe(13);
});

test("task id and escrow id", () => {
  const { request_id, task_id, depositor, escrow_id } = vectors.escrow_ids;
  expect(toTaskId(request_id)).toBe(task_id);
  expect(toEscrowId(depositor as Hex, task_id as Hex)).toBe(escrow_id);
});

describe("EIP-712", () => {
  const AUTHORIZATION = ["from", "to", "value", "validAfter", "validBefore", "nonce"].map(
    (name, i) => ({ name, type: i < 2 ? "address" : i < 5 ? "uint256" : "bytes32" }),
  );

  test.each(vectors.authorizations)("$authorization.type authorization", async (vector) => {
    const { authorization } = vector;
    const primaryType = vector.type.slice(0, vector.type.indexOf("("));
    const data = {
      domain: { ...vector.domain, verifyingContract: vector.domain.verifyingContract as Hex },
      types: { [primaryType]: AUTHORIZATION },
      primaryType,
      message: {
        from: authorization.from,
        to: authorization.to,
        value: BigInt(authorization.value),
        validAfter: BigInt(authorization.valid_after),
        validBefore: BigInt(authorization.valid_before),
        nonce: authorization.nonce,
      },
    };
    expect(hashTypedData(data)).toBe(vector.digest);
    const { v, r, s } = authorization;
    const signature = `${r}${s.slice(2)}${v.toString(16)}` as Hex;
    expect(await recoverTypedDataAddress({ ...data, signature })).toBe(authorization.from);
  });

  test("escrow release and dispute digests", () => {
    const { escrow_ids: ids, escrow } = vectors;
    const domain = {
      name: "ZoneEscrow",
      version: "1",
      chainId: escrow.terms.chain_id,
      verifyingContract: escrow.terms.verifying_contract as Hex,
    };
    const escrowId = { name: "escrowId", type: "bytes32" };
    const release = {
      domain,
      types: {
        Release: [
          escrowId,
          { name: "recipient", type: "address" },
          { name: "amount", type: "uint256" },
        ],
      },
      primaryType: "Release",
      message: {
        escrowId: ids.escrow_id,
        recipient: ids.release.recipient,
        amount: BigInt(ids.release.amount),
      },
    } as const;
    expect(hashTypedData(release as Parameters<typeof hashTypedData>[0])).toBe(ids.release.digest);
    const dispute = {
      domain,
      types: { Dispute: [escrowId] },
      primaryType: "Dispute",
      message: { escrowId: ids.escrow_id },
    } as const;
    expect(hashTypedData(dispute as Parameters<typeof hashTypedData>[0])).toBe(ids.dispute.digest);
  });

  test.each(vectors.known_domains)(
    "$name on chain $chainId, as the token contract has it",
    (known) => {
      const type =
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
      const words = [keccakHex(type), keccakHex(known.name), keccakHex(known.version)];
      expect(hashWords([...words, BigInt(known.chainId), known.verifyingContract])).toBe(
        known.domain_separator,
      );
    },
  );
});

describe("fee split", () => {
  test.each(vectors.splits)("$amount at $creator_fee_bps bps", (split) => {
    expect(toFeeSplit(BigInt(split.amount), split.creator_fee_bps)).toEqual({
      protocolFee: BigInt(split.protocol_fee),
      creatorFee: BigInt(split.creator_fee),
      recipientAmount: BigInt(split.recipient_amount),
    });
  });

  test("the three shares always sum to the amount and none is negative", () => {
    const amounts = fc.bigInt({ min: 1n, max: 2n ** 128n });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 300 }), (amount, bps) => {
        const { protocolFee, creatorFee, recipientAmount } = toFeeSplit(amount, bps);
        expect(protocolFee + creatorFee + recipientAmount).toBe(amount);
        expect(protocolFee >= 0n && creatorFee >= 0n && recipientAmount >= 0n).toBe(true);
      }),
    );
  });
});
