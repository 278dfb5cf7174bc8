/** Another steward of a replicated zone. */
export interface Peer {
  readonly node_id: string;
  readonly role: "primary" | "replica";
  readonly voter?: boolean;
  readonly url: string | null;
  readonly connected: boolean;
  readonly state: string | null;
  readonly acked_n: number | null;
  readonly lag_n: number | null;
  readonly lag_ms: number | null;
}

/** A replicated zone as `/v1/replicas` answers. */
export interface Replica {
  readonly zone_id: string;
  readonly role: "primary" | "replica" | "none";
  readonly state: string;
  readonly epoch: number;
  readonly envelope_hash: string;
  readonly position: { readonly epoch: number; readonly n: number } | null;
  readonly head_seq: number;
  readonly primary: string;
  readonly in_charge: { readonly money: boolean; readonly other: boolean };
  readonly not_in_charge?: { readonly money?: string; readonly other?: string };
  readonly waiting_for: readonly string[];
  readonly lost: boolean;
  readonly halted: string | null;
  readonly peers: readonly Peer[];
  readonly quarantined: number;
  readonly evidence: number;
}

/** Proof of a lie. */
export interface Evidence {
  readonly id: number;
  readonly kind: string;
  readonly signer: string;
  readonly epoch: number;
  readonly at: number;
  readonly documents: unknown;
}

/** What was set aside when a copy was cut back. */
export interface Cut {
  readonly id: string;
  readonly at: number;
  readonly epoch: number;
  readonly entries: readonly unknown[];
  readonly records: readonly unknown[];
}
