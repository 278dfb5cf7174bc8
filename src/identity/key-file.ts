import type { KeyObject } from "node:crypto";
import type { Hex } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { sealPrivateKey } from "./keystore.ts";
import { isSealedPem, openNodeKeyPem, toNodeKey, toNodeKeyPem } from "./node-key.ts";
import { readSecretFile, SecretFileError } from "./secret-file.ts";
import { isSealedWalletKey, openWalletKey } from "./wallet-key.ts";

/** A file with a private key, and what is in it. */
export interface KeyFile {
  readonly path: string;
  readonly kind: "node" | "wallet";
}

/** A private key, and the public name by which it is told from others: node id or address. */
export type OpenKey =
  | { readonly kind: "node"; readonly key: KeyObject; readonly name: string }
  | { readonly kind: "wallet"; readonly key: Hex; readonly name: string };

/**
 * Reads a key file.
 * @returns whether it is sealed, and what opens it, which throws SecretFileError where the master key is missing or wrong
 * @throws SecretFileError where it is missing or others may read it
 */
export function readKeyFile({ path, kind }: KeyFile, masterKey?: string) {
  const text = readSecretFile(path);
  if (text === undefined) throw new SecretFileError(`${path} is not there.`);
  const isSealed = kind === "node" ? isSealedPem(text) : isSealedWalletKey(text);
  return {
    isSealed,
    open: (): OpenKey => {
      if (kind === "node") {
        const key = openNodeKeyPem(text, path, masterKey);
        return { kind, key, name: toNodeKey(key).nodeId };
      }
      const key = openWalletKey(text, path, masterKey);
      return { kind, key, name: privateKeyToAddress(key) };
    },
  };
}

/** Writes a key as its file holds it, sealed where there is a master key. */
export function toKeyText(open: OpenKey, masterKey: string | undefined): string {
  if (open.kind === "node") return toNodeKeyPem(open.key, masterKey);
  return masterKey === undefined ? `${open.key}\n` : sealPrivateKey(open.key, masterKey);
}
