import {
  createCipheriv,
  createDecipheriv,
  pbkdf2Sync,
  randomBytes,
  randomUUID,
  scryptSync,
  timingSafeEqual,
} from "node:crypto";
import { getAddress, type Hex, hexToBytes, keccak256 } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { z } from "zod";

/** 128 MiB and some tenths of a second, once a start. */
const SCRYPT = { n: 131_072, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
/** Of what a file may ask for: it may be anybody's. */
const SCRYPT_BYTES_MAX = 1024 * 1024 * 1024;
const PBKDF2_ROUNDS_MAX = 10_000_000;

const hex = z.string().regex(/^(?:[0-9a-fA-F]{2})*$/);
const scryptSchema = z.object({
  kdf: z.literal("scrypt"),
  kdfparams: z.object({
    n: z.int().min(2),
    r: z.int().min(1).max(64),
    p: z.int().min(1).max(16),
    dklen: z.literal(KEY_BYTES),
    salt: hex,
  }),
});
const pbkdf2Schema = z.object({
  kdf: z.literal("pbkdf2"),
  kdfparams: z.object({
    c: z.int().min(1).max(PBKDF2_ROUNDS_MAX),
    prf: z.literal("hmac-sha256"),
    dklen: z.literal(KEY_BYTES),
    salt: hex,
  }),
});
const keystoreSchema = z.object({
  version: z.literal(3),
  address: z.string().regex(/^(?:0x)?[0-9a-fA-F]{40}$/),
  crypto: z.intersection(
    z.object({
      cipher: z.literal("aes-128-ctr"),
      cipherparams: z.object({ iv: hex.length(32) }),
      ciphertext: hex.length(2 * KEY_BYTES),
      mac: hex.length(64),
    }),
    z.discriminatedUnion("kdf", [scryptSchema, pbkdf2Schema]),
  ),
});

/** A private key as Web3's Secret Storage, version 3, keeps it. */
export type Keystore = z.output<typeof keystoreSchema>;

/** Parses a keystore; undefined where a text is none, or asks for more memory or time than it may. */
export function parseKeystore(text: string): Keystore | undefined {
  try {
    const keystore = keystoreSchema.safeParse(JSON.parse(text)).data;
    const scrypt = keystore?.crypto.kdf === "scrypt" ? keystore.crypto.kdfparams : undefined;
    const fits = scrypt === undefined || 128 * scrypt.n * scrypt.r <= SCRYPT_BYTES_MAX;
    return fits ? keystore : undefined;
  } catch {
    return undefined;
  }
}

/** The account of a keystore as EIP-55, for which no passphrase is needed. */
export function toKeystoreAddress({ address }: Keystore): Hex {
  return getAddress(`0x${address.replace(/^0x/, "")}`);
}

/** Seals a private key under a passphrase: scrypt, AES-128-CTR, keccak-256. */
export function sealPrivateKey(key: Hex, passphrase: string): string {
  const salt = randomBytes(32);
  const iv = randomBytes(16);
  const kdfparams = { ...SCRYPT, dklen: KEY_BYTES, salt: salt.toString("hex") } as const;
  const derived = deriveKey({ kdf: "scrypt", kdfparams }, passphrase);
  const cipher = createCipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
  const ciphertext = Buffer.concat([cipher.update(hexToBytes(key)), cipher.final()]);
  const keystore = {
    version: 3,
    id: randomUUID(),
    address: privateKeyToAddress(key).slice(2).toLowerCase(),
    crypto: {
      cipher: "aes-128-ctr",
      cipherparams: { iv: iv.toString("hex") },
      ciphertext: ciphertext.toString("hex"),
      kdf: "scrypt",
      kdfparams,
      mac: toMac(derived, ciphertext).toString("hex"),
    },
  };
  return `${JSON.stringify(keystore, null, 2)}\n`;
}

/** Opens a keystore; undefined where the passphrase is not the one it was sealed with. */
export function openKeystore(keystore: Keystore, passphrase: string): Hex | undefined {
  const { crypto } = keystore;
  const derived = deriveKey(crypto, passphrase);
  const ciphertext = Buffer.from(crypto.ciphertext, "hex");
  if (!timingSafeEqual(toMac(derived, ciphertext), Buffer.from(crypto.mac, "hex")))
    return undefined;
  const iv = Buffer.from(crypto.cipherparams.iv, "hex");
  const decipher = createDecipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
  const bytes = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  const key: Hex = `0x${bytes.toString("hex")}`;
  const isOwn = privateKeyToAddress(key) === toKeystoreAddress(keystore);
  return isOwn ? key : undefined;
}

type Derivation = z.output<typeof scryptSchema> | z.output<typeof pbkdf2Schema>;

function deriveKey(derivation: Derivation, passphrase: string): Buffer {
  const salt = Buffer.from(derivation.kdfparams.salt, "hex");
  if (derivation.kdf === "pbkdf2")
    return pbkdf2Sync(passphrase, salt, derivation.kdfparams.c, KEY_BYTES, "sha256");
  const { n: N, r, p } = derivation.kdfparams;
  return scryptSync(passphrase, salt, KEY_BYTES, { N, r, p, maxmem: 2 * SCRYPT_BYTES_MAX });
}

function toMac(derived: Buffer, ciphertext: Buffer): Buffer {
  const content = Buffer.concat([derived.subarray(16, 32), ciphertext]);
  return Buffer.from(keccak256(content, "bytes"));
}
