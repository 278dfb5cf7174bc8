import { THREATS, type ThreatType } from "./threats.ts";

/** What became of content in which something was found. */
export type ScanOutcome = "monitored" | "blocked";

const OUTCOMES: readonly ScanOutcome[] = ["monitored", "blocked"];
const KEYS = Object.keys(THREATS).flatMap((threat) => OUTCOMES.map((one) => `${threat} ${one}`));

/** Counts what the scanner found since the start, by threat type and by what became of it. */
export class ScanCounters {
  private readonly counts = new Map(KEYS.map((key) => [key, 0]));

  /** Notes one message, request or manifest with a threat. */
  add(threat: ThreatType, outcome: ScanOutcome): void {
    this.counts.set(`${threat} ${outcome}`, this.count(threat, outcome) + 1);
  }

  /** Every threat type and outcome, with a space between them, and its count. */
  list(): readonly (readonly [key: string, count: number])[] {
    return [...this.counts];
  }

  /** What was found, by threat type; undefined where nothing was. */
  read(): Readonly<Record<string, Readonly<Record<ScanOutcome, number>>>> | undefined {
    const rows = (Object.keys(THREATS) as ThreatType[]).map((threat) => {
      const counts = {
        monitored: this.count(threat, "monitored"),
        blocked: this.count(threat, "blocked"),
      };
      return [threat, counts] as const;
    });
    const found = rows.filter(([, { monitored, blocked }]) => monitored + blocked > 0);
    return found.length === 0 ? undefined : Object.fromEntries(found);
  }

  private count(threat: ThreatType, outcome: ScanOutcome): number {
    return this.counts.get(`${threat} ${outcome}`) ?? 0;
  }
}
