import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";

/** A node key made with node:crypto, so that the SDK's WebCrypto is checked against another library. */
export interface TestNodeKey {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly publicKeyHex: string;
  readonly nodeId: string;
  sign(content: Uint8Array): Uint8Array;
}

const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** Creates the key of a one-byte pattern. */
export function createTestKey(pattern: number): TestNodeKey {
  return createSeededKey(new Uint8Array(32).fill(pattern));
}

/** Creates the key of a seed of 32 bytes. */
export function createSeededKey(seed: Uint8Array): TestNodeKey {
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const publicKey = toRawPublicKey(privateKey);
  return {
    seed,
    publicKey,
    publicKeyHex: Buffer.from(publicKey).toString("hex"),
    nodeId: `atlas_${createHash("sha256").update(publicKey).digest("hex")}`,
    sign: (content) => new Uint8Array(sign(null, content, privateKey)),
  };
}

function toRawPublicKey(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(-32));
}
