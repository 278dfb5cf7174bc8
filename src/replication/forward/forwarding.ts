import type { JsonObject } from "../../protocol/json.ts";
import type { ReplicaPort } from "../../routing/pass-on.ts";
import type { Forwarded } from "../../routing/take-forwarded.ts";
import { decodeEnvelope } from "../../wire/envelope.ts";
import type { FanOutFrame } from "../../wire/fan-out-frame.ts";
import { asValue } from "../../wire/messagepack-encode.ts";
import type { AtlasMessage } from "../../wire/messages.ts";
import { PackedValue } from "../../wire/packed-value.ts";
import type { StewardBody } from "../../wire/zone-replies.ts";
import type { Rooms } from "../../zones/log/rooms.ts";
import type { GateDriver } from "../gate/gate-driver.ts";
import type { Stewards } from "../gate/refusals.ts";
import type { SecondGate } from "../gate/second-gate.ts";
import type { LinkDesk } from "../links/link-desk.ts";
import type { LinkPort } from "../links/link-port.ts";
import { DirectCarriage } from "./direct-carriage.ts";
import { EntryDelivery } from "./entry-delivery.ts";
import { Presence } from "./presence.ts";
import { PrimaryIntake } from "./primary-intake.ts";
import { type ForwardLimits, ReplicaForwards } from "./replica-forwards.ts";

/** Whom a body is for. */
export interface Addressee {
  readonly zoneId: string;
  readonly nodeId: string;
}

export interface ForwardingDeps {
  readonly gate: SecondGate;
  readonly driver: Pick<GateDriver, "stateOf" | "positionOf">;
  readonly links: LinkPort;
  readonly desk: LinkDesk;
  readonly rooms: Rooms;
  readonly limits: ForwardLimits;
  readonly stewardsOf: (zoneId: string) => Stewards | undefined;
  readonly listShared: (nodeId: string) => readonly string[];
  readonly findRecord: (
    zoneId: string,
    nodeId: string,
    requestId: string,
  ) => JsonObject | undefined;
  readonly findRequestZone: (nodeId: string, requestId: string) => string | undefined;
  readonly findRunZone: (invokeId: string) => string | undefined;
  readonly findEscrowZone: (nodeId: string, escrowId: string) => string | undefined;
  readonly zonesOfMember: (nodeId: string) => readonly string[];
  readonly isMember: (zoneId: string, nodeId: string) => boolean;
  /** Sends a message to every session that a node has at this steward; tells whether there was one. */
  readonly forwardHere: (nodeId: string, message: AtlasMessage) => boolean;
  /** Sends a body to every session that a node has at this steward. */
  readonly pushHere: (nodeId: string, body: StewardBody, replyTo: string | undefined) => void;
}

/** How members of a zone are served at any of its stewards; `docs/protocol.md` §9.10. */
export class Forwarding implements Disposable {
  readonly replicas: ReplicaPort;
  readonly delivery: EntryDelivery;
  private readonly deps: ForwardingDeps;
  private readonly forwards: ReplicaForwards;
  readonly direct: DirectCarriage;
  private readonly presence: Presence;
  private onCame: (nodeId: string) => void = () => {};
  private onDirectAck: (receiver: string, messageId: string) => void = () => {};
  private readonly intake: PrimaryIntake;
  private take: (forwarded: Forwarded) => void = () => {};

  constructor(deps: ForwardingDeps) {
    const { driver, desk } = deps;
    const stateOf = (zoneId: string) => driver.stateOf(zoneId);
    this.deps = deps;
    this.delivery = new EntryDelivery(deps);
    const sent: EntryDelivery["sent"] = (...sender) => this.delivery.sent(...sender);
    this.forwards = new ReplicaForwards({ ...deps, stateOf, sent, push: deps.pushHere });
    this.replicas = this.forwards;
    const carry = (steward: string, nodeId: string, frame: FanOutFrame) =>
      this.carry(steward, nodeId, frame);
    const onCame = (nodeId: string) => this.onCame(nodeId);
    this.presence = new Presence({ ...deps, stateOf, carry, onCame });
    this.direct = new DirectCarriage({
      ...deps,
      listStewards: (zoneId, nodeId) => this.presence.listStewards(zoneId, nodeId),
      forwardHere: (nodeId, message) => deps.forwardHere(nodeId, message),
      acknowledged: (receiver, messageId) => this.onDirectAck(receiver, messageId),
    });
    this.intake = new PrimaryIntake({
      ...{ stateOf, stewardsOf: deps.stewardsOf },
      positionOf: (zoneId) => driver.positionOf(zoneId),
      take: (forwarded) => {
        const { replica, zoneId, member } = forwarded;
        if (deps.isMember(zoneId, member.nodeId))
          this.presence.touch(replica, zoneId, member.nodeId);
        this.take(forwarded);
      },
      push: (to, body, replyTo) => this.push(to, body, replyTo),
    });
    desk.handle("zone.forward", (link, message) => this.intake.receive(link, message));
    desk.handle("zone.answer", (link, message) => {
      const isAck = message.body.find("ack") !== undefined;
      if (!this.direct.answered(message.reply_to, isAck)) this.forwards.answer(link, message);
    });
    desk.handle("zone.direct", (link, message) => this.direct.receive(link, message));
    desk.handle("zone.presence", (link, message) => this.presence.receive(link, message));
    desk.listen({
      onUp: (link) => this.presence.onUp(link),
      onDown: (link) => {
        this.forwards.onDown(link);
        this.presence.onDown(link);
      },
    });
  }

  /** Says who takes what replicas forward, and who keeps direct messages until they are acknowledged. */
  serve(serving: {
    take: (forwarded: Forwarded) => void;
    deliverWaiting: (nodeId: string) => void;
    acknowledged: (receiver: string, messageId: string) => void;
  }): void {
    this.take = serving.take;
    this.onCame = serving.deliverWaiting;
    this.onDirectAck = serving.acknowledged;
  }

  /** Another steward is a zone's primary from now on. */
  changedPrimary(zoneId: string): void {
    this.presence.changedPrimary(zoneId);
    this.forwards.changedPrimary(zoneId);
  }

  /** Sends a body to every session of a node, at whichever steward; the caller holds the gates. */
  push(to: Addressee, body: StewardBody, replyTo?: string): void {
    const { links, driver, pushHere } = this.deps;
    pushHere(to.nodeId, body, replyTo);
    for (const steward of this.presence.listStewards(to.zoneId, to.nodeId)) {
      links.send(steward, {
        ...{ type: "zone.answer", zone_id: to.zoneId, node_id: to.nodeId },
        ...(replyTo !== undefined && { reply_to: replyTo }),
        ...{ n: driver.positionOf(to.zoneId), body },
      });
    }
  }

  [Symbol.dispose](): void {
    this.forwards.stop();
    this.presence.stop();
  }

  /** Brings a run to a provider that is connected to another steward. */
  private carry(steward: string, nodeId: string, frame: FanOutFrame): void {
    const { fields } = decodeEnvelope(frame.envelope, { scanBody: PackedValue.scan });
    const { body } = fields;
    if (!(body instanceof PackedValue)) return;
    const zoneId = body.member("zone_id")?.decode();
    if (typeof zoneId !== "string") return;
    this.deps.links.send(steward, {
      ...{ type: "zone.answer", zone_id: zoneId, node_id: nodeId },
      ...{ n: this.deps.driver.positionOf(zoneId), body: asValue(body.packed) },
    });
  }
}
