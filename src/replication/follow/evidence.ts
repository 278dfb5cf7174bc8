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

/** What is wrong with what somebody sent, and by what that is seen; `src/replication/evidence` reads it. */
export interface Wrong {
  readonly kind: EvidenceKind;
  /** In short. */
  readonly fault: string;
  /** Beside the document: where this steward stood, what it holds, which line it is. */
  readonly facts?: object;
  /** What was sent. */
  readonly document: object;
  /** Of the commit that is wrong. */
  readonly n?: number | undefined;
}

/** Who sent it, and where. */
interface Proven {
  readonly zoneId: string;
  /** Node id. */
  readonly signer: string;
  /** E. */
  readonly epoch: number;
}

/** Keeps what was sent with what is wrong with it; `docs/protocol.md` §9.11. */
export function keepEvidence(
  write: Write,
  { evidence, evidenceMax, now }: EvidenceDeps,
  proven: Proven,
  { kind, fault, facts, document, n }: Wrong,
): void {
  const documents = JSON.stringify([{ fault, ...facts }, document]);
  const row = { ...proven, kind, n: n ?? null, seq: null, documents, at: now() };
  evidence.insertEvidence(write, row, evidenceMax);
}

/** Whether what failed to be written does not fit the tables, which is whose who sent it. */
export function isTheirs(error: Error): boolean {
  if (error instanceof StewardError) return error.code === "invalid_params";
  return toSqliteCode(error)?.startsWith("SQLITE_CONSTRAINT") === true;
}
