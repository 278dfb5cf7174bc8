import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { writeFileSync } from "node:fs";
import { toNodeId } from "../protocol/node-id.ts";
import { toHex } from "../protocol/public-key.ts";
import { readSecretFile, SecretFileError } from "./secret-file.ts";

/** A node's Ed25519 key and the ids derived from it; `docs/protocol.md` §1. */
export interface NodeKey {
  readonly nodeId: string;
  /** Raw 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Lower-case hex. */
  readonly publicKeyHex: string;
  /** Signs content that begins with its tag; returns 64 bytes. */
  sign(content: Uint8Array): Uint8Array;
}

/** Creates a NodeKey around a private KeyObject. */
export function toNodeKey(privateKey: KeyObject): NodeKey {
  const jwk = createPublicKey(privateKey).export({ format: "jwk" });
  const publicKey = Uint8Array.from(Buffer.from(jwk.x ?? "", "base64url"));
  return {
    nodeId: toNodeId(publicKey),
    publicKey,
    publicKeyHex: toHex(publicKey),
    sign: (content) => Uint8Array.from(sign(null, content, privateKey)),
  };
}

/**
 * Reads a PKCS#8 PEM key file of mode 0600; undefined where there is none.
 * @throws SecretFileError when the file is readable by others or holds no Ed25519 key
 */
export function findNodeKey(path: string): NodeKey | undefined {
  const pem = readSecretFile(path);
  return pem === undefined ? undefined : toNodeKey(parseKey(pem, path));
}

/**
 * Reads a PKCS#8 PEM key file of mode 0600, creating it where it is missing.
 * @throws SecretFileError when the file is readable by others or holds no Ed25519 key
 */
export function loadOrCreateNodeKey(path: string): NodeKey {
  return toNodeKey(parseKey(readSecretFile(path) ?? createKeyFile(path), path));
}

function parseKey(pem: string, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // The library's own error says nothing of the file, and may quote it.
  }
  throw new SecretFileError(
    `${path} holds no Ed25519 key: expected a PKCS#8 PEM. Put the key back from your copy.`,
  );
}

function createKeyFile(path: string): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  writeFileSync(path, pem, { mode: 0o600, flag: "wx" });
  return pem;
}

/**
 * Reads a key file as WebCrypto takes it, not to be read out again.
 * @throws SecretFileError where it is missing, readable by others or no Ed25519 key
 */
export async function loadCryptoKeyPair(path: string): Promise<CryptoKeyPair> {
  const privateKey = parseKey(readSecretFile(path) ?? "", path);
  // Node's types know of key usages that the standard's do not have yet.
  return {
    privateKey: privateKey.toCryptoKey("Ed25519", false, ["sign"]) as CryptoKey,
    publicKey: createPublicKey(privateKey).toCryptoKey("Ed25519", true, ["verify"]) as CryptoKey,
  };
}
