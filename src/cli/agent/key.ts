import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFileSync } from "node:fs";
import { toNodeKey } from "../../identity/node-key.ts";
import { readSecretFile } from "../../identity/secret-file.ts";
import { UsageError } from "../exit-codes.ts";
import { type Answer, toFields } from "../output.ts";

/** DER before the seed of an unencrypted PKCS#8 Ed25519 key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * Creates an agent's key file, mode 0600: the seed as hex, or PKCS#8 as PEM. A file that exists is
 * kept as it is.
 * @throws UsageError where the file exists or cannot be written
 */
export function createAgentKey(path: string, format: "hex" | "pem"): Answer {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const text = format === "pem" ? pem : `${toSeed(privateKey).toString("hex")}\n`;
  try {
    writeFileSync(path, text, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EEXIST" ? "exists already and is kept" : `cannot be written (${code})`;
    throw new UsageError(`${path} ${why}.`);
  }
  const { nodeId, publicKeyHex } = toNodeKey(privateKey);
  const value = { node_id: nodeId, public_key: publicKeyHex, key_file: path };
  return { value, text: () => toFields(value) };
}

/**
 * Reads an agent's key file: 32 bytes as hex, or a PKCS#8 PEM.
 * @throws UsageError; Error where others may read the file
 */
export function readAgentKey(path: string): Uint8Array {
  const text = readSecretFile(path);
  if (text === undefined) {
    throw new UsageError(`${path} is not there; make it with: steward agent keygen --key ${path}`);
  }
  return Uint8Array.from(toSeed(parseKey(text, path)));
}

function parseKey(text: string, path: string): KeyObject {
  try {
    const key = /^[0-9a-f]{64}$/i.test(text)
      ? createPrivateKey({
          key: Buffer.concat([PKCS8_PREFIX, Buffer.from(text, "hex")]),
          format: "der",
          type: "pkcs8",
        })
      : createPrivateKey(text);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // The library's own error may quote the file.
  }
  throw new UsageError(`${path} holds no Ed25519 key: expected 64 hex digits or a PKCS#8 PEM.`);
}

function toSeed(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
}
