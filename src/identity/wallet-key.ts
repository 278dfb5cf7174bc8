import { writeFileSync } from "node:fs";
import type { Hex } from "viem";
import { generatePrivateKey } from "viem/accounts";
import { readSecretFile, SecretFileError } from "./secret-file.ts";

/**
 * Reads the settlement wallet's private key (0x-hex) from a file of mode 0600; undefined where there
 * is none.
 * @throws SecretFileError when the file is readable by others or holds no key
 */
export function findWalletKey(path: string): Hex | undefined {
  const text = readSecretFile(path);
  if (text === undefined) return undefined;
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text as Hex;
  throw new SecretFileError(
    `${path} holds no private key: expected 0x and 64 hex digits. Put the wallet's key back from your copy.`,
  );
}

/**
 * Reads the settlement wallet's private key, creating it where it is missing.
 * @throws SecretFileError when the file is readable by others or holds no key
 */
export function loadOrCreateWalletKey(path: string): Hex {
  const known = findWalletKey(path);
  if (known !== undefined) return known;
  const key = generatePrivateKey();
  writeFileSync(path, `${key}\n`, { mode: 0o600, flag: "wx" });
  return key;
}
