import { generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "vitest";
import { AgentError } from "../../src/client/agent-error.ts";
import { createNodeIdentity, isSignedBy } from "../../src/client/link/node-identity.ts";
import { createTestKey } from "./keys.ts";

const RFC8032_SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const RFC8032_PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const RFC8032_SIGNATURE =
  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

test("a seed gives the public key and signature of RFC 8032, test 1", async () => {
  const identity = await createNodeIdentity(Buffer.from(RFC8032_SEED, "hex"));
  expect(Buffer.from(identity.publicKey).toString("hex")).toBe(RFC8032_PUBLIC);
  const signature = await identity.sign(new Uint8Array());
  expect(Buffer.from(signature).toString("hex")).toBe(RFC8032_SIGNATURE);
});

test("the node id is that which node:crypto derives", async () => {
  const key = createTestKey(7);
  expect((await createNodeIdentity(key.seed)).nodeId).toBe(key.nodeId);
});

test("a CryptoKeyPair signs what others verify, its private key not exportable", async () => {
  const pair = (await crypto.subtle.generateKey("Ed25519", false, [
    "sign",
    "verify",
  ])) as CryptoKeyPair;
  const identity = await createNodeIdentity(pair);
  const content = new TextEncoder().encode("content longer than thirty-two bytes, as ours all are");
  expect(await isSignedBy(identity.publicKey, content, await identity.sign(content))).toBe(true);
});

test("a key that is no seed of 32 bytes or no Ed25519 pair is invalid_input", async () => {
  await expect(createNodeIdentity(new Uint8Array(31))).rejects.toMatchObject({
    code: "invalid_input",
  });
  const other = (await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ])) as CryptoKeyPair;
  await expect(createNodeIdentity(other)).rejects.toBeInstanceOf(AgentError);
});

test("isSignedBy refuses another content, another key, wrong lengths and small-order keys", async () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const key = createTestKey(3);
  const content = new TextEncoder().encode("one");
  const signature = key.sign(content);
  expect(await isSignedBy(key.publicKey, content, signature)).toBe(true);
  expect(await isSignedBy(key.publicKey, new TextEncoder().encode("two"), signature)).toBe(false);
  expect(await isSignedBy(createTestKey(4).publicKey, content, signature)).toBe(false);
  expect(await isSignedBy(key.publicKey, content, sign(null, content, privateKey))).toBe(false);
  expect(await isSignedBy(key.publicKey.subarray(1), content, signature)).toBe(false);
  expect(await isSignedBy(key.publicKey, content, signature.subarray(1))).toBe(false);
  // The identity point verifies this one signature for every message where small orders pass.
  const identityPoint = new Uint8Array(32);
  identityPoint[0] = 1;
  const universal = new Uint8Array(64);
  universal[0] = 1;
  expect(await isSignedBy(identityPoint, content, universal)).toBe(false);
  expect(await isSignedBy(new Uint8Array(32).fill(0xff), content, signature)).toBe(false);
});
