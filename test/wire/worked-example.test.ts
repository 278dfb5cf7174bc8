import { createPrivateKey, sign } from "node:crypto";
import { type Hex, hashTypedData } from "viem";
import { describe, expect, test } from "vitest";
import { toNodeKey } from "../../src/identity/node-key.ts";
import { SignatureVerifier } from "../../src/identity/verify.ts";
import { findBytesOfHex, toHex } from "../../src/protocol/hex.ts";
import type { JsonObject } from "../../src/protocol/json.ts";
import { toMessageContent, toSignedJson } from "../../src/protocol/signed-content.ts";
import {
  ESCROW_TERMS_TYPEHASH,
  TERMS_TYPEHASH,
  toEscrowId,
  toFeeSplit,
  toRequestKey,
  toTaskId,
  toTermsNonce,
  toZoneKey,
} from "../../src/protocol/terms.ts";
import { encodeEnvelope } from "../../src/wire/envelope.ts";
import type { PaymentRequired } from "../../src/wire/zone-replies.ts";

import { DOC, example, hexBlocks } from "./protocol-doc.ts";

describe("worked example", () => {
  const seeds = new Map(
    [
      ...DOC.matchAll(/^\| (agent|steward|creator) \| `(\w{64})` \| `(\w{64})` \| `(\w+)` \|$/gm),
    ].map(([, who, seed, publicKey, nodeId]) => [who, { seed, publicKey, nodeId }]),
  );

  function getKey(who: string) {
    const row = seeds.get(who);
    const der = Buffer.from(`302e020100300506032b657004220420${row?.seed}`, "hex");
    return { row, key: createPrivateKey({ key: der, format: "der", type: "pkcs8" }) };
  }

  test.each(["agent", "steward", "creator"])("%s: seed, public key, node id", (who) => {
    const { row, key } = getKey(who);
    const nodeKey = toNodeKey(key);
    expect(row?.publicKey).toBe(nodeKey.publicKeyHex);
    expect(row?.nodeId).toBe(nodeKey.nodeId);
  });

  test("Hello's bytes and the plain signature", () => {
    const hello = example("Hello");
    expect(hexBlocks.get("hello")).toBe(toHex(encodeEnvelope("hello", hello)));
    const verify = example("Verify") as unknown as { signature: number[]; challenge: number[] };
    const signature = sign(null, Buffer.from(verify.challenge), getKey("agent").key).toString(
      "hex",
    );
    expect(hexBlocks.get("plain-verify")).toBe(signature);
    expect(toHex(Uint8Array.from(verify.signature))).toBe(signature);
  });

  test("the signed message", () => {
    const message = example("signed-message");
    const { sig, public_key, ...fields } = message;
    const content = toMessageContent(fields as unknown as Parameters<typeof toMessageContent>[0]);
    expect(sign(null, content, getKey("agent").key).toString("hex")).toBe(sig);
    expect(public_key).toBe(seeds.get("agent")?.publicKey);
  });

  const quote = example("zone.payment_required") as unknown as PaymentRequired;
  const { payment_requirement: requirement } = quote;
  const { terms } = requirement;

  test("keys, nonce, quote signature", () => {
    const request = example("zone.request");
    const nodeId = seeds.get("agent")?.nodeId ?? "";
    const content = { action: String(request.action), params: request.params as JsonObject };
    const requestKey = toRequestKey(nodeId, String(request.request_id), content);
    expect(terms.request_key).toBe(requestKey);
    expect(terms.zone_key).toBe(toZoneKey(String(request.zone_id)));
    const nonce = toTermsNonce({
      chainId: BigInt(terms.chain_id),
      verifyingContract: terms.verifying_contract as Hex,
      token: terms.token as Hex,
      zoneKey: terms.zone_key as Hex,
      requestKey,
      recipient: terms.recipient as Hex,
      creator: terms.creator as Hex,
      creatorFeeBps: terms.creator_fee_bps,
      amount: BigInt(terms.amount),
      mode: terms.mode,
      deadline: BigInt(terms.deadline),
      salt: terms.salt as Hex,
    });
    expect(requirement.nonce).toBe(nonce);
    const signature = findBytesOfHex(quote.signature) ?? new Uint8Array();
    const publicKey = findBytesOfHex(seeds.get("steward")?.publicKey ?? "") ?? new Uint8Array();
    const signed = toSignedJson("atlas-quote-v1", requirement);
    expect(new SignatureVerifier().verify(publicKey, signed, signature)).toBe(true);
    for (const value of [
      requestKey,
      nonce,
      TERMS_TYPEHASH,
      ESCROW_TERMS_TYPEHASH,
      quote.signature,
    ]) {
      expect(DOC).toContain(`| \`${value}\` |`);
    }
  });

  test("authorization digest, escrow id, split", () => {
    const { authorization } = example("zone.payment") as unknown as {
      authorization: Record<string, string | number>;
    };
    const digest = hashTypedData({
      domain: {
        name: "USD Coin",
        version: "2",
        chainId: terms.chain_id,
        verifyingContract: terms.token as Hex,
      },
      types: {
        ReceiveWithAuthorization: [
          { name: "from", type: "address" },
          { name: "to", type: "address" },
          { name: "value", type: "uint256" },
          { name: "validAfter", type: "uint256" },
          { name: "validBefore", type: "uint256" },
          { name: "nonce", type: "bytes32" },
        ],
      },
      primaryType: "ReceiveWithAuthorization",
      message: {
        from: authorization.from as Hex,
        to: authorization.to as Hex,
        value: BigInt(authorization.value ?? 0),
        validAfter: BigInt(authorization.valid_after ?? 0),
        validBefore: BigInt(authorization.valid_before ?? 0),
        nonce: authorization.nonce as Hex,
      },
    });
    const taskId = toTaskId(String(example("zone.request").request_id));
    const escrowId = toEscrowId(authorization.from as Hex, taskId);
    for (const value of [digest, taskId, escrowId]) expect(DOC).toContain(`| \`${value}\` |`);
    expect(example("zone.escrow").escrow_id).toBe(escrowId);
    expect(toFeeSplit(2_000_000n, 100)).toEqual({
      protocolFee: 2000n,
      creatorFee: 20_000n,
      recipientAmount: 1_978_000n,
    });
    expect(DOC).toContain("protocol 2,000, creator 20,000, recipient 1,978,000");
  });
});
