import type { Config } from "../../config/config.ts";
import { listRegistryUrls } from "../../trust/config.ts";
import { inspectRegistry } from "../../trust/inspect.ts";
import { findDomain } from "../../trust/trust.ts";
import { createFindings, type Finding } from "./finding.ts";

const { good, note } = createFindings("trust");

/** Says whose operator bindings the steward confirms, and whether its registry of fids answers. */
export async function diagnoseTrust(config: Config): Promise<Finding[]> {
  const { fid_registry: registry, allowed, lookup_timeout_ms } = config.trust;
  if (registry === undefined && allowed.length === 0) {
    return [good("operators", "none is confirmed: every node is unknown")];
  }
  const urls = listRegistryUrls(config);
  const reports =
    registry === undefined ? [] : await inspectRegistry(registry, urls, lookup_timeout_ms);
  return [
    toDomainFinding(findDomain(config)),
    good("operators", `${allowed.length} listed in trust.allowed`),
    ...reports.map((report) => ({ ...report, area: "trust" as const })),
  ];
}

function toDomainFinding(domain: string | undefined): Finding {
  if (domain !== undefined) return good("domain", `bindings are signed for ${domain}`);
  const hint = "Set trust.domain, so that what was signed for another place is no use here.";
  return note("domain", "bindings are taken for whatever authority was dialled", hint);
}
