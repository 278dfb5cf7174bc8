import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";

/** A node key made from its 32-byte seed, with node:crypto alone. */
export interface SeedKey {
  readonly seed: string;
  readonly publicKey: string;
  readonly nodeId: string;
  readonly sign: (content: Uint8Array) => string;
}

const PKCS8_PREFIX = "302e020100300506032b657004220420";

/** Derives public key and node id (hex) of a seed (hex). */
export function toSeedKey(seed: string): SeedKey {
  const key: KeyObject = createPrivateKey({
    key: Buffer.from(PKCS8_PREFIX + seed, "hex"),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const publicKey = spki.subarray(-32);
  return {
    seed,
    publicKey: publicKey.toString("hex"),
    nodeId: `atlas_${sha256(publicKey)}`,
    sign: (content) => sign(null, content, key).toString("hex"),
  };
}

/** SHA-256 as lower-case hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
