import { toCanonicalVectors } from "./canonical.ts";
import { toEnvelopeVectors } from "./envelopes.ts";
import { toIdentityVectors } from "./identity.ts";
import { toPaymentVectors } from "./payments.ts";
import { REFUSED_ENVELOPES } from "./refused-envelopes.ts";
import { REFUSED_FIELDS } from "./refused-fields.ts";
import { toReplicationVectors } from "./replication.ts";
import { toSignedVectors } from "./signed.ts";
import { toVerificationVectors } from "./verification.ts";
import { toZoneLogVectors } from "./zone-log.ts";

/** The text of every file of `test/vectors`, by file name. */
export async function toVectorFiles(): Promise<ReadonlyMap<string, string>> {
  const files: Record<string, unknown> = {
    "identity.json": toIdentityVectors(),
    "envelopes.json": { vectors: toEnvelopeVectors() },
    "refused.json": { vectors: [...REFUSED_ENVELOPES, ...REFUSED_FIELDS] },
    "canonical-json.json": toCanonicalVectors(),
    "signed-content.json": toSignedVectors(),
    "verification.json": toVerificationVectors(),
    "zone-log.json": toZoneLogVectors(),
    "replication.json": toReplicationVectors(),
    "payments.json": await toPaymentVectors(),
  };
  return new Map(
    Object.entries(files).map(([name, value]) => [name, `${JSON.stringify(value, null, 1)}\n`]),
  );
}
