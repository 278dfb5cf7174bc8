import { StewardError } from "../errors.ts";
import type { Store } from "../store/database.ts";
import type { PackedBody } from "../wire/packed-body.ts";
import { isSealedType } from "../wire/sealed-types.ts";
import type { StewardBody } from "../wire/zone-replies.ts";
import { parseZoneRequest, type ZoneRequestType } from "../wire/zone-requests.ts";
import type { Sender } from "../zones/call.ts";
import type { ZoneGate } from "../zones/zone-gate.ts";
import type { ReturnPath } from "./return-path.ts";
import { assertSignature, type MessageVerifier } from "./seal.ts";
import type { UnbuiltMessage } from "./unbuilt-message.ts";

/** A zone that this steward is a replica of. */
export interface ReplicaZone {
  readonly zoneId: string;
  /** The primary of E. */
  readonly primary: string;
}

/** A member's message that a replica passes on. */
export interface PassedOn {
  readonly zone: ReplicaZone;
  readonly message: UnbuiltMessage;
  readonly sender: Sender;
  /** Where what comes of it goes where the primary does not answer. */
  readonly path: ReturnPath;
}

/** What a replica's router needs of replication. */
export interface ReplicaPort {
  /**
   * The zone that a body is about, where this steward is a replica of it: which it names; which is known of
   * what it names; else one of its sender's whose primary it is addressed to.
   */
  find(
    type: ZoneRequestType,
    body: PackedBody,
    message: { readonly from: string; readonly to: string },
  ): ReplicaZone | undefined;
  /**
   * Passes a message on to the primary, whose answers come by themselves.
   * @throws StewardError `steward_unavailable` NO_PRIMARY, OVERLOADED; 2003 where it is too long
   */
  forward(passed: PassedOn): void;
  /** What a voter's own copy answers for a receipt: what is final, or what is known while the primary is away. */
  findReceipt(zone: ReplicaZone, nodeId: string, body: PackedBody): StewardBody | undefined;
}

export interface PassOnDeps {
  readonly store: Store;
  readonly gate: ZoneGate;
  readonly replicas: ReplicaPort;
  readonly verifier: MessageVerifier;
}

/**
 * Passes a member's message on to the zone's primary, unless it is refused here already; `docs/protocol.md`
 * §9.10.
 * @throws StewardError 2001 SIGNATURE_REQUIRED, SIGNATURE_INVALID; 2003
 */
export function passOn(
  deps: PassOnDeps,
  { type, ...passed }: PassedOn & { readonly type: ZoneRequestType },
): void {
  const { zone, message, path } = passed;
  const isSealed = isSealedType(type);
  assertSignature(deps.verifier, message, isSealed);
  if (isSealed && message.to !== zone.primary) {
    throw new StewardError(2003, { message: "to: expected the zone's primary" });
  }
  try {
    parseZoneRequest(type, message.body);
    deps.gate.assertReadable(zone.zoneId);
    const { nodeId } = passed.sender;
    const receipt =
      type === "zone.receipt" ? deps.replicas.findReceipt(zone, nodeId, message.body) : undefined;
    if (receipt === undefined) return deps.replicas.forward(passed);
    deps.store.write(() => {
      path.acknowledge();
      path.about(zone.zoneId, "other", true);
      path.reply(receipt);
    });
  } catch (error) {
    if (error instanceof StewardError && typeof error.code === "number") throw error;
    // Its turn was lost: that was told.
    if (path.isRefused) return;
    deps.store.write(() => {
      path.acknowledge();
      path.fail(error);
    });
  }
}
