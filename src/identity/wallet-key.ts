import type { Hex } from "viem";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { openKeystore, parseKeystore, sealPrivateKey, toKeystoreAddress } from "./keystore.ts";
import {
  createSecretFile,
  readSecretFile,
  SecretFileError,
  toSealedError,
  toWrongKeyError,
} from "./secret-file.ts";

/**
 * Reads the settlement wallet's private key from a file of mode 0600: 0x-hex, or a Web3 keystore, version
 * 3; undefined where there is none.
 * @param masterKey opens a keystore
 * @throws SecretFileError when the file is readable by others, holds no key or cannot be opened
 */
export function findWalletKey(path: string, masterKey?: string): Hex | undefined {
  const text = readSecretFile(path);
  return text === undefined ? undefined : openWalletKey(text, path, masterKey);
}

/** Opens the text of a wallet's key file; throws as `findWalletKey`. */
export function openWalletKey(text: string, path: string, masterKey: string | undefined): Hex {
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text as Hex;
  const keystore = parseKeystore(text);
  if (keystore === undefined) {
    throw new SecretFileError(
      `${path} holds no private key: expected 0x and 64 hex digits, or a Web3 keystore (version 3). Put the wallet's key back from your copy.`,
    );
  }
  if (masterKey === undefined) throw toSealedError(path);
  const key = openKeystore(keystore, masterKey);
  if (key !== undefined) return key;
  throw toWrongKeyError(path);
}

/** Tells whether the text of a wallet's key file is sealed. */
export function isSealedWalletKey(text: string): boolean {
  return text.startsWith("{");
}

/**
 * Finds the address of the settlement wallet, for which a sealed key is not opened.
 * @throws SecretFileError when the file is readable by others or holds no key
 */
export function findWalletAddress(path: string): Hex | undefined {
  const text = readSecretFile(path);
  if (text === undefined) return undefined;
  const keystore = parseKeystore(text);
  if (keystore !== undefined) return toKeystoreAddress(keystore);
  return privateKeyToAddress(openWalletKey(text, path, undefined));
}

/**
 * Reads the settlement wallet's private key, creating it where it is missing, sealed where there is a master
 * key. Throws as `findWalletKey`.
 */
export function loadOrCreateWalletKey(path: string, masterKey?: string): Hex {
  const known = findWalletKey(path, masterKey);
  if (known !== undefined) return known;
  const key = generatePrivateKey();
  createSecretFile(path, masterKey === undefined ? `${key}\n` : sealPrivateKey(key, masterKey));
  return key;
}
