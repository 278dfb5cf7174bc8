import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { PassedOn, ReplicaPort, ReplicaZone } from "../../routing/pass-on.ts";
import { type LinkBody, parseLinkBody } from "../../wire/link-bodies.ts";
import { asValue } from "../../wire/messagepack-encode.ts";
import type { PackedBody } from "../../wire/packed-body.ts";
import type { StewardBody } from "../../wire/zone-replies.ts";
import type { ZoneRequestType } from "../../wire/zone-requests.ts";
import type { ZoneState } from "../core/state.ts";
import { findEpoch, isNamed, isPrimary } from "../core/zone.ts";
import { type Stewards, toUnavailable } from "../gate/refusals.ts";
import type { SecondGate } from "../gate/second-gate.ts";
import type { LinkMessage, LinkPort, LinkSession } from "../links/link-port.ts";
import { toCopiedReceipt } from "./copied-receipt.ts";
import { ForwardTable, type OpenForward, type UnsaidLimits } from "./forward-table.ts";

/** What a forwarded Message may be, so that it fits what carries it. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024 - 8 * 1024;
const ID_BYTES_MAX = 256;

/** Bodies that a MessageAck is all the answer to. */
const WITHOUT_ANSWER: ReadonlySet<string> = new Set(["zone.result"]);

/** What names the zone of bodies that have no `zone_id`; their `request_id` is their own. */
const KEYS: { readonly [type in ZoneRequestType]?: "invoke_id" | "escrow_id" } = {
  "zone.result": "invoke_id",
  "zone.escrow": "escrow_id",
};

/** What one link may have forwarded and not acknowledged, and for how long. */
export interface ForwardLimits extends UnsaidLimits {
  readonly answerMs: number;
}

export interface ReplicaForwardsDeps {
  readonly gate: SecondGate;
  readonly links: LinkPort;
  readonly limits: ForwardLimits;
  readonly stateOf: (zoneId: string) => ZoneState | undefined;
  readonly stewardsOf: (zoneId: string) => Stewards | undefined;
  /** The zone of a sender's newest request of an id, here or of a zone that this steward copies. */
  readonly findRequestZone: (nodeId: string, requestId: string) => string | undefined;
  /** The zone of a run that this steward sent to providers. */
  readonly findRunZone: (invokeId: string) => string | undefined;
  /** The zone of an escrow that this steward keeps of a sender's request. */
  readonly findEscrowZone: (nodeId: string, escrowId: string) => string | undefined;
  /** The record's value of a request of a zone that this steward copies. */
  readonly findRecord: (
    zoneId: string,
    nodeId: string,
    requestId: string,
  ) => JsonObject | undefined;
  readonly zonesOfMember: (nodeId: string) => readonly string[];
  /** Notes which session sent a zone message. */
  readonly sent: (zoneId: string, nodeId: string, messageId: string, sessionId: string) => void;
  /** Sends a body to every session of a node. */
  readonly push: (nodeId: string, body: StewardBody, replyTo: string | undefined) => void;
}

/** One message that the primary has; not its content, which may be long. */
interface Forward extends OpenForward {
  readonly zoneId: string;
  readonly path: PassedOn["path"];
  timer: NodeJS.Timeout | undefined;
  /** The commit that its acknowledgement waits for here; undefined before that came. */
  acknowledgedAt: number | undefined;
}

/**
 * Passes what only a zone's primary may answer on to it, and its answers back; `docs/protocol.md` §9.10.
 */
export class ReplicaForwards implements ReplicaPort {
  private readonly deps: ReplicaForwardsDeps;
  private readonly forwards: ForwardTable<Forward>;

  constructor(deps: ReplicaForwardsDeps) {
    this.deps = deps;
    this.forwards = new ForwardTable(deps.limits);
  }

  find(
    type: ZoneRequestType,
    body: PackedBody,
    { from, to }: { readonly from: string; readonly to: string },
  ): ReplicaZone | undefined {
    const zoneId = type === "zone.update" ? findUpdated(body) : toText(body.find("zone_id"));
    if (zoneId !== undefined) return this.toReplica(zoneId);
    if (type === "zone.discover" || type === "zone.create" || type === "zone.update")
      return undefined;
    const known = this.findKnown(type, body, from);
    const zone = known === undefined ? undefined : this.toReplica(known);
    if (zone?.primary === to) return zone;
    const others = this.deps.zonesOfMember(from).flatMap((id) => this.toReplica(id) ?? []);
    // Whom it is addressed to knows the run or the request, which may not have come here yet.
    const addressed = others.find(({ primary }) => primary === to);
    return addressed ?? (known === undefined ? others[0] : zone);
  }

  findReceipt(
    { zoneId, primary }: ReplicaZone,
    nodeId: string,
    body: PackedBody,
  ): StewardBody | undefined {
    const { stateOf, findRecord, links } = this.deps;
    const state = stateOf(zoneId);
    const isVoter = state !== undefined && findEpoch(state)?.voters.includes(state.self);
    const requestId = toText(body.find("request_id"));
    const record = requestId && isVoter ? findRecord(zoneId, nodeId, requestId) : undefined;
    if (!record || requestId === undefined) return undefined;
    const receipt = toCopiedReceipt({ zoneId, requestId }, record);
    const isTold = receipt?.isFinal || links.find(primary) === undefined;
    return isTold ? receipt?.body : undefined;
  }

  forward(passed: PassedOn): void {
    const { zone, message, sender } = passed;
    const bytes = message.body.value.sentBytesMax;
    if (bytes > MESSAGE_BYTES_MAX) {
      throw new StewardError(2003, { message: "The message is too long to be passed on." });
    }
    const link = this.deps.links.find(zone.primary);
    if (link === undefined) throw this.toError(zone.zoneId, "NO_PRIMARY");
    if (!this.forwards.hasRoom(link, bytes)) throw this.toError(zone.zoneId, "OVERLOADED");
    const { nodeId, name, skills, trust, sessionId } = sender;
    const { body, ...fields } = message;
    const messageId = body.type === "zone.message" ? toText(body.find("id")) : undefined;
    if (messageId !== undefined) this.deps.sent(zone.zoneId, nodeId, messageId, sessionId);
    const id = link.send({
      type: "zone.forward",
      zone_id: zone.zoneId,
      message: { ...fields, body: asValue(body.value.packed) },
      member: { node_id: nodeId, name, skills, trust },
      session: sessionId,
    });
    const forward: Forward = {
      ...{ zoneId: zone.zoneId, path: passed.path, link, bytes },
      ...{ timer: undefined, acknowledgedAt: undefined },
      isWithoutAnswer: WITHOUT_ANSWER.has(body.type),
    };
    for (const [lost, beyond] of this.forwards.add(id, forward)) this.lose(lost, beyond);
    const { answerMs } = this.deps.limits;
    forward.timer = setTimeout(() => this.lose(id, forward), answerMs).unref();
  }

  /** Takes what a primary says to somebody here. */
  answer(link: LinkSession, message: LinkMessage): void {
    const answer = parseLinkBody("zone.answer", message.body.value.decode() as Fields);
    const state = this.deps.stateOf(answer.zone_id);
    if (state === undefined || findEpoch(state)?.primary !== link.nodeId) return;
    const id = message.reply_to;
    const forward = id === undefined ? undefined : this.forwards.find(id);
    if (id !== undefined && forward !== undefined) {
      if (forward.link !== link) return;
      clearTimeout(forward.timer);
      if (answer.ack === undefined) this.forwards.answered(id);
      else {
        forward.acknowledgedAt = answer.n;
        this.forwards.acknowledged(id);
      }
    }
    this.deps.gate.waitFor(answer.zone_id, answer.n, () => this.pass(answer, forward));
  }

  /** A link is over: what it brought no answer to is unknown. */
  onDown(link: LinkSession): void {
    this.loseAll((forward) => forward.link === link);
  }

  /** Another steward is a zone's primary: what the former one says of it is not listened to any more. */
  changedPrimary(zoneId: string): void {
    this.loseAll((forward) => forward.zoneId === zoneId);
  }

  /** Ends the timers. */
  stop(): void {
    for (const { timer } of this.forwards.clear()) clearTimeout(timer);
  }

  private pass(answer: LinkBody<"zone.answer">, forward: Forward | undefined): void {
    const { node_id, reply_to, ack, error, body } = answer;
    const path = forward?.path;
    if (ack !== undefined) path?.passAck(ack);
    else if (error !== undefined) path?.passRefusal(error as Refusal);
    else if (path !== undefined) path.answer(body as unknown as StewardBody);
    else this.deps.push(node_id, body as unknown as StewardBody, reply_to);
  }

  private loseAll(holds: (forward: Forward) => boolean): void {
    for (const [id, forward] of this.forwards.listOpen(holds)) this.lose(id, forward);
  }

  private lose(id: string, { zoneId, path, timer, acknowledgedAt }: Forward): void {
    clearTimeout(timer);
    this.forwards.remove(id);
    const error = this.toError(zoneId, "FORWARD_LOST");
    if (acknowledgedAt !== undefined) {
      // After its acknowledgement, which may yet wait.
      this.deps.gate.waitFor(zoneId, acknowledgedAt, () => path.fail(error, true));
      return;
    }
    path.acknowledge();
    path.fail(error, true);
  }

  /** The zone, by what is kept here, of a body that names none. */
  private findKnown(type: ZoneRequestType, body: PackedBody, nodeId: string): string | undefined {
    const { findRunZone, findEscrowZone, findRequestZone } = this.deps;
    const key = KEYS[type] ?? "request_id";
    const id = toText(body.find(key));
    if (id === undefined) return undefined;
    if (key === "invoke_id") return findRunZone(id);
    return key === "escrow_id" ? findEscrowZone(nodeId, id) : findRequestZone(nodeId, id);
  }

  private toReplica(zoneId: string): ReplicaZone | undefined {
    const state = this.deps.stateOf(zoneId);
    if (state === undefined || isPrimary(state) || !isNamed(state)) return undefined;
    return { zoneId, primary: findEpoch(state)?.primary ?? "" };
  }

  private toError(
    zoneId: string,
    reason: "NO_PRIMARY" | "FORWARD_LOST" | "OVERLOADED",
  ): StewardError {
    const stewards = this.deps.stewardsOf(zoneId);
    return stewards === undefined
      ? new StewardError("steward_unavailable", { reason })
      : toUnavailable(stewards, reason);
  }
}

type Fields = Readonly<Record<string, unknown>>;
type Refusal = Parameters<PassedOn["path"]["passRefusal"]>[0];

/** The zone of a new envelope, which may come addressed to its primary. */
function findUpdated(body: PackedBody): string | undefined {
  const manifest = body.find("envelope")?.pick(["manifest"]).get("manifest");
  return toText(manifest?.pick(["id"]).get("id"));
}

function toText(value: ReturnType<PackedBody["find"]>): string | undefined {
  if (value?.isText !== true || value.byteLength > ID_BYTES_MAX) return undefined;
  return value.decode() as string;
}
