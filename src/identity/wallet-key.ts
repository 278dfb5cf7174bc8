import { writeFileSync } from "node:fs";
import type { Hex } from "viem";
import { generatePrivateKey } from "viem/accounts";
import { readSecretFile } from "./secret-file.ts";

/**
 * Reads the settlement wallet's private key (0x-hex) from a file of mode 0600, creating it where
 * it is missing.
 * @throws Error when the file is readable by others or holds no key
 */
export function loadOrCreateWalletKey(path: string): Hex {
  const text = readSecretFile(path);
  if (text === undefined) {
    const key = generatePrivateKey();
    writeFileSync(path, `${key}\n`, { mode: 0o600, flag: "wx" });
    return key;
  }
  if (!/^0x[0-9a-f]{64}$/i.test(text)) throw new Error(`${path} holds no 0x-hex private key.`);
  return text as Hex;
}
