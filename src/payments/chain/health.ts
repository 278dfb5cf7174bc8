import type { Alarm } from "./alarms.ts";

/** What the outside may know about a chain; block age in seconds. */
export interface ChainHealth {
  readonly chain_id: number;
  readonly network: string;
  readonly ok: boolean;
  readonly reachable: boolean;
  /** Whether chain id, contract code and token domain were found as configured. */
  readonly verified: boolean;
  readonly block_number?: number;
  readonly block_age_secs?: number;
  /** Wei of the steward's wallet. */
  readonly gas_balance?: string;
  readonly gas_ok: boolean;
  readonly problem?: string;
  /** What an operator should look at: what is wrong, and what was within the last hour. */
  readonly alarms: readonly Alarm[];
}
