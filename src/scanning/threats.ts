/** What the scanner looks for, and how bad each is; `docs/protocol.md` §5. */
export const THREATS = {
  PROMPT_INJECTION: "high",
  JAILBREAK: "critical",
  DATA_EXFILTRATION: "high",
  MALFORMED_INPUT: "medium",
  EXCESSIVE_NESTING: "medium",
} as const;

export type ThreatType = keyof typeof THREATS;
export type Severity = (typeof THREATS)[ThreatType];

/** One threat that was found. */
export interface Finding {
  readonly threat: ThreatType;
  readonly severity: Severity;
  /** From 0 to 1. */
  readonly confidence: number;
  /** Names the rule; it holds nothing of the text. */
  readonly rule: string;
}

/** Creates what a rule finds. */
export function createFinding(threat: ThreatType, confidence: number, rule: string): Finding {
  return { threat, severity: THREATS[threat], confidence, rule };
}

/** Keeps the surest finding of each threat type. */
export class Findings {
  private readonly surest = new Map<ThreatType, Finding>();
  private last: Finding | undefined;

  /** Notes that a rule applies; cheap, for a text can be nothing but what is found. */
  add(finding: Finding): void {
    if (finding === this.last) return;
    this.last = finding;
    const known = this.surest.get(finding.threat);
    if (known === undefined || known.confidence < finding.confidence) {
      this.surest.set(finding.threat, finding);
    }
  }

  /** What was found, the surest first. */
  list(): readonly Finding[] {
    return [...this.surest.values()].sort((a, b) => b.confidence - a.confidence);
  }
}
