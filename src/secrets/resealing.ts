import {
  createSealingParameters,
  deriveSealingKey,
  findKeyId,
  openSecret,
  type SealingKey,
  sealSecret,
  toSealedPrefix,
} from "../identity/sealing.ts";
import { SecretFileError } from "../identity/secret-file.ts";
import type { Store } from "../store/database.ts";
import {
  isKeyInUse,
  listSealedOtherwise,
  replaceSealed,
  SEALED_COLUMNS,
  type SealedColumn,
} from "../store/secrets/sealed-columns.ts";
import {
  deleteOtherSecretKeys,
  insertSecretKey,
  listSecretKeys,
  type SecretKeyRow,
} from "../store/secrets/secret-keys.ts";
import { findSealingKey, openKeyring } from "./keyring.ts";
import type { MasterKey } from "./master-keys.ts";

/** Of one transaction. */
const ROWS_MAX = 200;

/** What is sealed anew, and with what. */
export interface ResealingInput {
  readonly store: Store;
  /** Unix seconds. */
  readonly now: number;
  /** What the secrets may be sealed with, the next one too: a change may have been stopped half-way. */
  readonly from: readonly MasterKey[];
  /** Names the next one, or makes it; asked once nothing stands in the way. */
  readonly to: () => MasterKey;
}

/** What became of a database's secrets. */
export interface Resealed {
  readonly sealed: number;
  /** Records whose secret had been altered, or moved there: it opened with no key, and is left as it is. */
  readonly unreadable: readonly string[];
}

/**
 * Seals all secrets of a database that no steward uses with another master key. Stopped at any point, each
 * secret opens with the former master key or the new one, and the call can be repeated; the former keys are
 * forgotten in the end.
 * @throws SecretFileError where secrets are sealed with none of the master keys; nothing was changed then
 */
export async function resealSecrets(input: ResealingInput): Promise<Resealed> {
  const { store, from } = input;
  const rows = listSecretKeys(store.raw);
  if (rows.length === 0) return { sealed: 0, unreadable: [] };
  const { keys, locked } = openKeyring(rows, from);
  assertNoneNeeded(store, locked);
  const to = input.to();
  const [newest] = rows;
  const known = newest && findSealingKey(newest, [to]);
  const target = known ?? createTarget(input, to);
  await store.committed();
  const found: Resealed[] = [];
  for (const column of SEALED_COLUMNS) found.push(await resealColumn(store, column, keys, target));
  store.write((write) => deleteOtherSecretKeys(write, store, target.keyId));
  await store.committed();
  return {
    sealed: found.reduce((sum, { sealed }) => sum + sealed, 0),
    unreadable: found.flatMap(({ unreadable }) => unreadable),
  };
}

/** Nothing begins where something could not be ended. */
function assertNoneNeeded(store: Store, locked: readonly SecretKeyRow[]): void {
  if (!locked.some(({ keyId }) => isKeyInUse(store.raw, keyId))) return;
  throw new SecretFileError(
    "Secrets in the database were sealed with a master key that is none of those given. Nothing was changed; give the one that is in use. Where it is lost for good, give these secrets up: steward secrets forget",
  );
}

function createTarget({ store, now }: ResealingInput, to: MasterKey): SealingKey {
  const parameters = createSealingParameters();
  const key = deriveSealingKey(to.key, parameters);
  const row = { ...parameters, keyCheck: key.check, createdAt: now };
  store.write((write) => insertSecretKey(write, store, row));
  return key;
}

async function resealColumn(
  store: Store,
  column: SealedColumn,
  keys: ReadonlyMap<string, SealingKey>,
  target: SealingKey,
): Promise<Resealed> {
  const prefixes = [toSealedPrefix(target.keyId)];
  const unreadable: string[] = [];
  for (let after = "", sealed = 0; ; ) {
    const rows = listSealedOtherwise(store.raw, column, { prefixes, after, limit: ROWS_MAX });
    const last = rows.at(-1);
    if (last === undefined) return { sealed, unreadable };
    store.write((write) => {
      for (const row of rows) {
        const recordId = column.toRecordId(row.id);
        const key = keys.get(findKeyId(row.sealed) ?? "");
        const secret = key && openSecret(key, recordId, row.sealed);
        if (secret === undefined) {
          unreadable.push(recordId);
          continue;
        }
        replaceSealed(write, store, column, { ...row, next: sealSecret(target, recordId, secret) });
        sealed++;
      }
    });
    await store.committed();
    after = last.id;
  }
}
