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
  /** What an operator should look at, of the last hour. */
  readonly alarms: readonly string[];
}

const ALARM_SHOWN_SECS = 3_600;
const ALARM_REPEAT_SECS = 60;
const ALARMS_MAX = 20;

/** Remembers what an operator should look at, and says each thing at most once a minute. */
export class Alarms {
  private readonly raisedAt = new Map<string, number>();

  /** Takes an alarm at a time in Unix seconds; false where it was raised a moment ago. */
  raise(text: string, now: number): boolean {
    const before = this.raisedAt.get(text);
    if (before !== undefined && now - before < ALARM_REPEAT_SECS) return false;
    this.raisedAt.delete(text);
    this.raisedAt.set(text, now);
    const [oldest] = this.raisedAt.keys();
    if (this.raisedAt.size > ALARMS_MAX && oldest !== undefined) this.raisedAt.delete(oldest);
    return true;
  }

  /** The alarms of the last hour, newest last. */
  list(now: number): string[] {
    return [...this.raisedAt].filter(([, at]) => now - at < ALARM_SHOWN_SECS).map(([text]) => text);
  }
}
