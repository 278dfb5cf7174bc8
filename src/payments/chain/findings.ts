import { ContractMismatch } from "./contract-views.ts";

/** What one check of a chain came to; for logs, `steward chain check` and `chain deploy`. */
export interface Finding {
  /** What was looked at, as `usdc decimals`. */
  readonly item: string;
  readonly ok: boolean;
  /** What was found. */
  readonly detail: string;
  /** What to do, where it is not as it must be or will hinder some payers. */
  readonly hint?: string;
}

/** One check: answers with what it found. */
export interface ChainCheck {
  readonly item: string;
  /** @throws ContractMismatch where it is not as it must be; RpcError where the chain does not answer */
  readonly run: () => Promise<string | Omit<Finding, "item">>;
  /** What to do where it fails. */
  readonly hint: string;
}

/**
 * Runs checks in turn; one that fails does not stop the others.
 * @throws RpcError where the chain does not answer
 */
export async function runChecks(checks: readonly ChainCheck[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { item, run, hint } of checks) {
    try {
      const found = await run();
      findings.push({ item, ...(typeof found === "string" ? { ok: true, detail: found } : found) });
    } catch (error) {
      if (!(error instanceof ContractMismatch)) throw error;
      findings.push({ item, ok: false, detail: error.message, hint });
    }
  }
  return findings;
}
