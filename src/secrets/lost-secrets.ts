import { toSealedPrefix } from "../identity/sealing.ts";
import type { Store, Write } from "../store/database.ts";
import {
  forgetSealed,
  listSealedOtherwise,
  SEALED_COLUMNS,
  type SealedColumn,
  type SealedRow,
} from "../store/secrets/sealed-columns.ts";
import { deleteSecretKey, listSecretKeys } from "../store/secrets/secret-keys.ts";
import { openKeyring } from "./keyring.ts";
import type { MasterKey } from "./master-keys.ts";

/** Of one query. */
const ROWS_MAX = 200;

/** What of a database no master key opens. */
export interface LostSecrets {
  /** Ids of keys that none of the master keys gives. */
  readonly keys: readonly string[];
  /** What is sealed under them, or under keys that are not there at all. */
  readonly secrets: readonly (SealedRow & {
    readonly column: SealedColumn;
    readonly recordId: string;
  })[];
}

/** Finds what is sealed with none of the master keys. What was altered under a known key is not among it. */
export function findLostSecrets(store: Store, masterKeys: readonly MasterKey[]): LostSecrets {
  const { keys, locked } = openKeyring(listSecretKeys(store.raw), masterKeys);
  const prefixes = [...keys.keys()].map(toSealedPrefix);
  const secrets = SEALED_COLUMNS.flatMap((column) =>
    listAllOtherwise(store, column, prefixes).map((row) => ({
      ...row,
      ...{ column, recordId: column.toRecordId(row.id) },
    })),
  );
  return { keys: locked.map(({ keyId }) => keyId), secrets };
}

/** Drops what cannot be opened, and its keys: not even their master key opens it afterwards. */
export function forgetLostSecrets(write: Write, store: Store, lost: LostSecrets): void {
  for (const { column, ...row } of lost.secrets) forgetSealed(write, store, column, row);
  for (const keyId of lost.keys) deleteSecretKey(write, store, keyId);
}

function listAllOtherwise(
  { raw }: Store,
  column: SealedColumn,
  prefixes: readonly string[],
): SealedRow[] {
  const all: SealedRow[] = [];
  for (;;) {
    const asked = { prefixes, after: all.at(-1)?.id ?? "", limit: ROWS_MAX };
    const rows = listSealedOtherwise(raw, column, asked);
    all.push(...rows);
    if (rows.length < ROWS_MAX) return all;
  }
}
