import { z } from "zod";

const count = z.int().nullable();

const peerBody = z.object({
  node_id: z.string(),
  role: z.enum(["primary", "replica"]),
  voter: z.boolean().optional(),
  url: z.string().nullable(),
  connected: z.boolean(),
  state: z.string().nullable(),
  acked_n: count,
  lag_n: count,
  lag_ms: count,
});

/** A replicated zone at this steward, as `ReplicaStatus` has it. */
export const replicaBody = z.object({
  zone_id: z.string(),
  role: z.enum(["primary", "replica", "none"]),
  state: z.string(),
  epoch: z.int(),
  envelope_hash: z.string(),
  position: z.object({ epoch: z.int(), n: z.int(), digest: z.string() }).nullable(),
  head_seq: z.int(),
  primary: z.string(),
  in_charge: z.object({ money: z.boolean(), other: z.boolean() }),
  not_in_charge: z
    .object({ money: z.string().optional(), other: z.string().optional() })
    .optional(),
  waiting_for: z.array(z.string()),
  lost: z.boolean(),
  halted: z.string().nullable(),
  released: z.object({ money: z.int(), other: z.int() }),
  peers: z.array(peerBody),
  quarantined: z.int(),
  evidence: z.int(),
});
