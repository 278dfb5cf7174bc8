import type { Logger } from "../base/log.ts";
import { StewardError } from "../errors.ts";
import type { ContentScanner, ScanSubject } from "../zones/scan-port.ts";
import type { ScannerConfig } from "./config.ts";
import type { ScanCounters } from "./counters.ts";
import { scanValues } from "./scan-values.ts";
import type { Finding } from "./threats.ts";

export interface ScannerDeps {
  readonly config: ScannerConfig;
  readonly counters: ScanCounters;
  readonly log: Logger;
}

/** Scans what zones are sent, as the configuration says for each; `docs/protocol.md` §5. */
export class Scanner implements ContentScanner {
  private readonly deps: ScannerDeps;

  constructor(deps: ScannerDeps) {
    this.deps = deps;
  }

  /**
   * Counts and logs what is found, never the text; refuses it where the zone's mode is `blocking`.
   * @throws StewardError 2003, reason CONTENT_BLOCKED
   */
  assertClean(subject: ScanSubject, values: Parameters<ContentScanner["assertClean"]>[1]): void {
    const { config, counters } = this.deps;
    const own = config.zones[subject.zoneId];
    const mode = own?.mode ?? config.mode;
    if (mode === "off") return;
    const threshold = own?.threshold ?? config.threshold;
    const found = scanValues(values).filter(({ confidence }) => confidence >= threshold);
    const [surest] = found;
    if (surest === undefined) return;
    const blocks = mode === "blocking";
    for (const { threat } of found) counters.add(threat, blocks ? "blocked" : "monitored");
    this.logFound(subject, found, blocks);
    if (blocks) throw toBlocked(surest);
  }

  private logFound(subject: ScanSubject, found: readonly Finding[], isBlocked: boolean): void {
    const { zoneId: zone_id, nodeId: node_id, part } = subject;
    const threats = found.map(({ threat, severity, confidence, rule }) => ({
      threat_type: threat,
      severity,
      confidence,
      rule,
    }));
    const about = { zone_id, node_id, part, threats };
    this.deps.log.warn(about, isBlocked ? "content was blocked" : "content looks like a threat");
  }
}

function toBlocked({ threat, severity, confidence }: Finding): StewardError {
  return new StewardError(2003, {
    reason: "CONTENT_BLOCKED",
    message: `The content looks like ${threat} (${severity}, confidence ${confidence}); it was not taken.`,
    details: { threat_type: threat, severity, confidence },
  });
}
