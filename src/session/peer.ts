import {
  BINDING_FAULTS,
  type BindingFault,
  type BindingVerdict,
  type ConfirmedOperator,
} from "../protocol/operator-binding.ts";

/** A node that proved its id on this connection; `docs/protocol.md` §3. */
export interface Peer {
  readonly nodeId: string;
  readonly name: string;
  readonly skills: readonly string[];
  readonly wallet: string | undefined;
  readonly capabilities: ReadonlySet<string>;
  /** Raw 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Verified in the bound form. */
  readonly bound: boolean;
  readonly trust: "unknown" | "verified";
  /** The person who answers for the node; undefined unless `verified`. */
  readonly operator: ConfirmedOperator | undefined;
  /** Why the binding that it showed makes it no `verified`; undefined where it showed none. */
  readonly bindingFault: BindingFault | undefined;
}

/** What a peer is told once it has verified; `docs/protocol.md` §3. */
export function toVerifyAck({ trust, bindingFault: reason }: Peer, withDetail: boolean) {
  const hint = reason && withDetail ? BINDING_FAULTS[reason] : undefined;
  return { status: "ok", trust, reason, hint };
}

/** Gives a peer the tier that its operator binding is worth. */
export function toJudgedPeer(peer: Peer, verdict: BindingVerdict): Peer {
  return verdict.trust === "verified"
    ? { ...peer, trust: "verified", operator: verdict.operator }
    : { ...peer, bindingFault: verdict.fault };
}
