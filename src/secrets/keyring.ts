import { timingSafeEqual } from "node:crypto";
import { deriveSealingKey, type SealingKey } from "../identity/sealing.ts";
import type { SecretKeyRow } from "../store/secrets/secret-keys.ts";
import type { MasterKey } from "./master-keys.ts";

/** What opens secrets. */
export interface Keyring {
  /** By key id. */
  readonly keys: ReadonlyMap<string, SealingKey>;
  /** Rows that no master key fits. */
  readonly locked: readonly SecretKeyRow[];
}

/** Derives the sealing keys of a database, each of the master key that it was made of. */
export function openKeyring(
  rows: readonly SecretKeyRow[],
  masterKeys: readonly MasterKey[],
): Keyring {
  const keys = new Map<string, SealingKey>();
  const locked: SecretKeyRow[] = [];
  for (const row of rows) {
    const key = findSealingKey(row, masterKeys);
    if (key === undefined) locked.push(row);
    else keys.set(row.keyId, key);
  }
  return { keys, locked };
}

/** Derives a sealing key of the one among these that it was made of; undefined where it is none of them. */
export function findSealingKey(
  row: SecretKeyRow,
  masterKeys: readonly MasterKey[],
): SealingKey | undefined {
  for (const { key } of masterKeys) {
    const derived = deriveSealingKey(key, row);
    if (isEqual(derived.check, row.keyCheck)) return derived;
  }
  return undefined;
}

function isEqual(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
