import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  scryptSync,
} from "node:crypto";

const VERSION = "s1";
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** A master key may be a passphrase: 16 MiB and some hundredths of a second for each guess. */
export const SCRYPT_N = 16_384;
/** Of what a database may ask for: it may be anybody's. */
const SCRYPT_N_MAX = 1_048_576;

/** What derives a sealing key of a master key; none of it is secret. */
export interface SealingParameters {
  readonly keyId: string;
  /** Hex. */
  readonly salt: string;
  readonly scryptN: number;
}

/** What one master key gives under one key id: keys of single purposes, of which none tells of another. */
export interface SealingKey {
  readonly keyId: string;
  readonly sealing: Buffer;
  /** Hex; equal for the same master key alone. */
  readonly check: string;
}

/**
 * Derives the keys of a key id: scrypt, then HKDF-SHA-256 with the purpose and the key id as its info.
 * Takes some hundredths of a second.
 * @throws Error for parameters that ask for more memory than they may
 */
export function deriveSealingKey(
  masterKey: string,
  { keyId, salt, scryptN: N }: SealingParameters,
): SealingKey {
  if (!(N >= 2 && N <= SCRYPT_N_MAX)) throw new Error(`Key ${keyId} asks for scrypt with N ${N}.`);
  const saltBytes = Buffer.from(salt, "hex");
  const root = scryptSync(masterKey, saltBytes, KEY_BYTES, { N, r: 8, p: 1, maxmem: 2048 * N });
  const derive = (purpose: string): Buffer =>
    Buffer.from(
      hkdfSync("sha256", root, saltBytes, `zone-steward/1/${purpose}/${keyId}`, KEY_BYTES),
    );
  const check = createHmac("sha256", derive("check")).update(keyId).digest("hex");
  return { keyId, sealing: derive("seal"), check };
}

/** Makes parameters of a key id that was never used. */
export function createSealingParameters(): SealingParameters {
  return {
    keyId: randomBytes(8).toString("hex"),
    salt: randomBytes(32).toString("hex"),
    scryptN: SCRYPT_N,
  };
}

/** How the text of every secret under a key id begins. */
export function toSealedPrefix(keyId: string): string {
  return `${VERSION}.${keyId}.`;
}

/** The key id that a secret is sealed under; undefined where a text is no sealed secret. */
export function findKeyId(sealed: string): string | undefined {
  return /^s1\.([0-9a-f]{16})\.[\w-]+$/.exec(sealed)?.[1];
}

/** Seals a secret (AES-256-GCM); it opens under this record id and key only. */
export function sealSecret(key: SealingKey, recordId: string, secret: Uint8Array): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.sealing, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(toContext(key.keyId, recordId));
  const box = Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return toSealedPrefix(key.keyId) + box.toString("base64url");
}

/** Opens a secret; undefined where it was altered, or sealed for another record or with another key. */
export function openSecret(key: SealingKey, recordId: string, sealed: string): Buffer | undefined {
  const prefix = toSealedPrefix(key.keyId);
  if (!sealed.startsWith(prefix)) return undefined;
  const box = Buffer.from(sealed.slice(prefix.length), "base64url");
  if (box.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = box.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key.sealing, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(toContext(key.keyId, recordId));
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  const opened = decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([opened, decipher.final()]);
  } catch {
    return undefined;
  }
}

function toContext(keyId: string, recordId: string): Buffer {
  return Buffer.from(JSON.stringify([VERSION, keyId, recordId]));
}
