import { StewardError } from "../../errors.ts";
import type { Write } from "../../store/database.ts";
import type { EvidenceRow } from "../../store/replication/evidence.ts";
import { toSqliteCode } from "../../store/sqlite-code.ts";
import type { EvidenceKind } from "./follow-events.ts";

export interface EvidenceDeps {
  readonly evidence: {
    insertEvidence(write: Write, row: Omit<EvidenceRow, "id">, max: number): boolean;
  };
  readonly evidenceMax: number;
  /** Unix seconds. */
  readonly now: () => number;
}

/** What somebody sent that is wrong. */
interface Proven {
  readonly zoneId: string;
  readonly kind: EvidenceKind;
  /** Node id. */
  readonly signer: string;
  readonly epoch: number;
  readonly n: number | undefined;
}

/** Keeps what was sent with what is wrong with it; `docs/protocol.md` §9.11. */
export function keepEvidence(
  write: Write,
  { evidence, evidenceMax, now }: EvidenceDeps,
  proven: Proven,
  documents: readonly object[],
): void {
  const { n = null } = proven;
  const row = { ...proven, n, seq: null, documents: JSON.stringify(documents), at: now() };
  evidence.insertEvidence(write, row, evidenceMax);
}

/** Whether what failed to be written does not fit the tables, which is whose who sent it. */
export function isTheirs(error: Error): boolean {
  if (error instanceof StewardError) return error.code === "invalid_params";
  return toSqliteCode(error)?.startsWith("SQLITE_CONSTRAINT") === true;
}
