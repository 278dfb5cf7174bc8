import { StewardError } from "../../errors.ts";
import type { Store, Write } from "../../store/database.ts";
import type { RequestQueries, RequestRow } from "../../store/zones/requests.ts";
import { parseRunReport, type RunReport } from "../../wire/run-report.ts";
import type { SecondGate } from "../gate/second-gate.ts";
import type { LinkMessage, LinkSession } from "../links/link-port.ts";

export interface ReportIntakeDeps {
  readonly store: Store;
  readonly gate: Pick<SecondGate, "assertInCharge">;
  readonly requests: Pick<RequestQueries, "findOthersRun">;
  /** Ends the request of a run, or lets it run. */
  readonly take: (write: Write, row: RequestRow, report: RunReport) => void;
}

/**
 * Takes what a steward that was primary says of a run that it began, as of a provider's; what nobody waits for is
 * dropped; `docs/protocol.md` §9.9.
 * @throws StewardError `invalid_params`; 2003 where it is not that steward's run; `steward_unavailable` where this one
 *   is not in charge
 */
export function takeRunReport(
  { store, gate, requests, take }: ReportIntakeDeps,
  link: Pick<LinkSession, "nodeId">,
  message: LinkMessage,
): void {
  const report = parseRunReport(message.body);
  const row = requests.findOthersRun(report.invokeId);
  if (row === undefined) return;
  if (row.runner !== link.nodeId) {
    throw new StewardError(2003, {
      reason: "NOT_ALLOWED",
      message: "Only the steward that began a run reports it.",
    });
  }
  gate.assertInCharge(row.zoneId, "money");
  store.write((write) => take(write, row, report));
}
