import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { prepareEvidenceQueries } from "../../store/replication/evidence.ts";
import { type EnvelopeStoreDeps, replaceEnvelope } from "../../zones/hosting/host.ts";
import { type VerifiedEnvelope, verifyEnvelope } from "../../zones/hosting/signed-envelope.ts";
import { toEpoch } from "./epochs.ts";
import type { ZoneMachines } from "./zone-machines.ts";

const EVIDENCE_PAGE = 100;

export interface BranchDeps extends EnvelopeStoreDeps {
  readonly machines: Pick<ZoneMachines, "dispatch">;
  readonly evidence: ReturnType<typeof prepareEvidenceQueries>;
  readonly verifier: Parameters<typeof verifyEnvelope>[0];
}

/**
 * Moves a zone, in one write, to the other branch of its envelopes, from the one on that two of one epoch are evidence of. The
 * former ones are kept as forks; what was copied under them is replaced; `docs/protocol.md` §9.3.
 * @param hash of the envelope to move to
 * @throws StewardError `not_found`, `conflict` where it does not follow what is before it
 */
export function moveToBranch(
  deps: BranchDeps,
  branch: { readonly zoneId: string; readonly hash: string },
): void {
  const { zoneId, hash } = branch;
  const { queries, machines } = deps;
  const verified = findForked(deps, zoneId, hash);
  if (verified === undefined) {
    throw new StewardError("not_found", {
      message: "No evidence of two envelopes holds one with this hash.",
    });
  }
  if (queries.findEnvelope(zoneId, verified.envelope.epoch)?.hash === hash) return;
  let isMoved = false;
  machines.dispatch(zoneId, { type: "branch", envelopes: [toEpoch(verified)] }, (inner) => {
    isMoved = true;
    const before = verified.envelope.epoch - 1;
    for (const row of queries.listEnvelopes(zoneId, before, Number.MAX_SAFE_INTEGER)) {
      queries.insertFork(inner, row);
    }
    queries.deleteEnvelopesAfter(inner, zoneId, before);
    replaceEnvelope(inner, deps, verified);
  });
  if (!isMoved) {
    throw new StewardError("conflict", {
      message: "The envelope does not follow the one before it that this steward has.",
    });
  }
}

function findForked(
  { evidence, verifier }: BranchDeps,
  zoneId: string,
  hash: string,
): VerifiedEnvelope | undefined {
  let after = 0;
  for (;;) {
    const rows = evidence.listEvidence(zoneId, after, EVIDENCE_PAGE);
    for (const { documents } of rows) {
      for (const raw of JSON.parse(documents) as JsonObject[]) {
        if (raw.manifest === undefined) continue;
        const verified = verifyEnvelope(verifier, raw);
        if (verified.hash === hash) return verified;
      }
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < EVIDENCE_PAGE) return undefined;
    after = last.id;
  }
}
