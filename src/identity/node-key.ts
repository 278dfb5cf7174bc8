import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { toHex } from "../protocol/hex.ts";
import { toNodeId } from "../protocol/node-id.ts";
import {
  createSecretFile,
  readSecretFile,
  SecretFileError,
  toSealedError,
  toWrongKeyError,
} from "./secret-file.ts";

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
 * Reads a PKCS#8 PEM key file of mode 0600, sealed or not; undefined where there is none.
 * @param masterKey opens a sealed one
 * @throws SecretFileError when the file is readable by others, holds no Ed25519 key or cannot be opened
 */
export function findNodeKey(path: string, masterKey?: string): NodeKey | undefined {
  const pem = readSecretFile(path);
  return pem === undefined ? undefined : toNodeKey(openNodeKeyPem(pem, path, masterKey));
}

/**
 * Reads a key file as `findNodeKey`, creating it where it is missing, sealed where there is a master key.
 * Throws as it does.
 */
export function loadOrCreateNodeKey(path: string, masterKey?: string): NodeKey {
  const known = findNodeKey(path, masterKey);
  if (known !== undefined) return known;
  const { privateKey } = generateKeyPairSync("ed25519");
  createSecretFile(path, toNodeKeyPem(privateKey, masterKey));
  return toNodeKey(privateKey);
}

/** Tells whether a PEM is an encrypted key. */
export function isSealedPem(pem: string): boolean {
  return pem.startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
}

/** Opens the text of a node's key file; throws as `findNodeKey`. */
export function openNodeKeyPem(pem: string, path: string, masterKey?: string): KeyObject {
  const isSealed = isSealedPem(pem);
  if (isSealed && masterKey === undefined) throw toSealedError(path);
  try {
    const key = createPrivateKey(isSealed ? { key: pem, passphrase: masterKey } : pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // The library's own error says nothing of the file, and may quote it.
    if (isSealed) throw toWrongKeyError(path);
  }
  throw new SecretFileError(
    `${path} holds no Ed25519 key: expected a PKCS#8 PEM. Put the key back from your copy.`,
  );
}

/** Writes a node's key as its file holds it, sealed where there is a master key. */
export function toNodeKeyPem(key: KeyObject, masterKey: string | undefined): string {
  const sealing = masterKey === undefined ? {} : { cipher: "aes-256-cbc", passphrase: masterKey };
  return key.export({ type: "pkcs8", format: "pem", ...sealing }) as string;
}

/**
 * Reads a key file as WebCrypto takes it, not to be read out again.
 * @throws SecretFileError where it is missing, readable by others or no Ed25519 key
 */
export async function loadCryptoKeyPair(path: string): Promise<CryptoKeyPair> {
  const privateKey = openNodeKeyPem(readSecretFile(path) ?? "", path);
  // Node's types know of key usages that the standard's do not have yet.
  return {
    privateKey: privateKey.toCryptoKey("Ed25519", false, ["sign"]) as CryptoKey,
    publicKey: createPublicKey(privateKey).toCryptoKey("Ed25519", true, ["verify"]) as CryptoKey,
  };
}
