import {
  createSealingParameters,
  deriveSealingKey,
  findKeyId,
  openSecret,
  type SealingKey,
  sealSecret,
} from "../identity/sealing.ts";
import { SecretFileError } from "../identity/secret-file.ts";
import type { Store } from "../store/database.ts";
import { isKeyInUse } from "../store/secrets/sealed-columns.ts";
import { insertSecretKey, listSecretKeys } from "../store/secrets/secret-keys.ts";
import { openKeyring } from "./keyring.ts";
import { listMasterKeys, loadOrCreateOwnKey, type MasterKeySources } from "./master-keys.ts";

/** What a SecretBox needs. */
export interface SecretBoxDeps {
  readonly store: Store;
  /** Unix seconds. */
  readonly now: () => number;
  readonly sources: MasterKeySources;
}

/**
 * Seals what the steward has to keep and nobody else may read, for columns of its database
 * (`src/store/secrets/sealed-columns.ts`). Keys are derived of the configured master key, else of the data
 * directory's own.
 */
export class SecretBox {
  private readonly deps: SecretBoxDeps;
  private readonly keys: Map<string, SealingKey>;

  private constructor(deps: SecretBoxDeps, keys: ReadonlyMap<string, SealingKey>) {
    this.deps = deps;
    this.keys = new Map(keys);
  }

  /**
   * Opens what the database's secrets are sealed with; makes the data directory's own master key where
   * there is none at all, long before it is needed, so that no backup has secrets without it. A key that
   * seals nothing may be lost.
   * @throws SecretFileError where the master key of a secret is missing or another one; nothing was changed then
   */
  static open(deps: SecretBoxDeps): SecretBox {
    const rows = listSecretKeys(deps.store.raw);
    const masterKeys = listMasterKeys(deps.sources);
    const { keys, locked } = openKeyring(rows, masterKeys);
    if (locked.some(({ keyId }) => isKeyInUse(deps.store.raw, keyId))) {
      const tried = masterKeys.map(({ source }) => source);
      throw toLockedError(deps.sources, tried);
    }
    if (masterKeys.length === 0) loadOrCreateOwnKey(deps.sources.ownFile);
    return new SecretBox(deps, keys);
  }

  /**
   * Seals a secret for a record, under whose id alone it opens again: `KIND:ID`, never used for another one.
   * @returns text for a column that `SEALED_COLUMNS` names
   * @throws SecretFileError where the data directory's own master key cannot be made
   */
  seal(recordId: string, secret: Uint8Array): string {
    return sealSecret(this.findSealing(), recordId, secret);
  }

  /**
   * Opens what was sealed for a record.
   * @throws Error where it was altered, or sealed for another record
   */
  open(recordId: string, sealed: string): Buffer {
    const key = this.keys.get(findKeyId(sealed) ?? "");
    const secret = key && openSecret(key, recordId, sealed);
    if (secret !== undefined) return secret;
    throw new Error(`The secret of ${recordId} cannot be opened: it was altered, or moved there.`);
  }

  private findSealing(): SealingKey {
    // Read anew: what made it may have been taken back.
    const [newest] = listSecretKeys(this.deps.store.raw);
    const known = newest && this.keys.get(newest.keyId);
    return known ?? this.createKey();
  }

  private createKey(): SealingKey {
    const { store, now, sources } = this.deps;
    const master = listMasterKeys(sources)[0] ?? loadOrCreateOwnKey(sources.ownFile);
    const parameters = createSealingParameters();
    const key = deriveSealingKey(master.key, parameters);
    const row = { ...parameters, keyCheck: key.check, createdAt: now() };
    store.write((write) => insertSecretKey(write, store, row));
    this.keys.set(key.keyId, key);
    return key;
  }
}

function toLockedError({ ownFile }: MasterKeySources, tried: readonly string[]): SecretFileError {
  const what =
    tried.length === 0
      ? `there is none: ${ownFile} is gone, and none is configured`
      : `it is not that of ${tried.join(" or ")}`;
  return new SecretFileError(
    `The secrets in the database were sealed with a master key, and ${what}. Nothing was changed. Give the right one in secrets.master_key_file or STEWARD_MASTER_KEY, or put ${ownFile} back from a backup; if a change of master keys was stopped half-way, repeat that command (steward secrets rotate, seal or unseal). Where it is lost for good, give up what it sealed: steward secrets forget`,
  );
}
