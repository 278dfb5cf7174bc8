import { StewardError, toErrorMessage, toZoneError } from "../../errors.ts";
import type { Origin } from "../../routing/return-path.ts";
import type { Forwarded } from "../../routing/take-forwarded.ts";
import { type LinkBody, parseLinkBody } from "../../wire/link-bodies.ts";
import type { PackedBody } from "../../wire/packed-body.ts";
import type { PackedValue } from "../../wire/packed-value.ts";
import type { StewardBody } from "../../wire/zone-replies.ts";
import type { ZoneState } from "../core/state.ts";
import { findEpoch, isPrimary } from "../core/zone.ts";
import { type Stewards, toUnavailable } from "../gate/refusals.ts";
import type { LinkMessage, LinkSession, SentBody } from "../links/link-port.ts";

export interface PrimaryIntakeDeps {
  readonly stateOf: (zoneId: string) => ZoneState | undefined;
  readonly stewardsOf: (zoneId: string) => Stewards | undefined;
  /** The number of a zone's last commit. */
  readonly positionOf: (zoneId: string) => number;
  readonly take: (forwarded: Forwarded) => void;
  /** Sends a body to a node wherever it is present. */
  readonly push: (
    to: { readonly zoneId: string; readonly nodeId: string },
    body: StewardBody,
    replyTo: string,
  ) => void;
}

/** Takes members' messages that replicas pass on, and answers through them; `docs/protocol.md` §9.10. */
export class PrimaryIntake {
  private readonly deps: PrimaryIntakeDeps;

  constructor(deps: PrimaryIntakeDeps) {
    this.deps = deps;
  }

  /**
   * Takes a zone.forward of a link.
   * @throws StewardError `invalid_params`
   */
  receive(link: LinkSession, carrier: LinkMessage): void {
    const { message, forward } = parse(carrier.body);
    const zoneId = forward.zone_id;
    const answer = this.createAnswer(link, carrier, { message, forward });
    const state = this.deps.stateOf(zoneId);
    if (state === undefined) throw new StewardError("zone_not_found");
    if (!isPrimary(state)) {
      const stewards = this.deps.stewardsOf(zoneId);
      const error = stewards && toUnavailable(stewards, "NOT_PRIMARY");
      answer.answer(toZoneError(error, findRequestId(message)));
      return;
    }
    const { voters = [], learners = [] } = findEpoch(state) ?? {};
    if (!voters.includes(link.nodeId) && !learners.includes(link.nodeId)) {
      throw new StewardError(2003, { reason: "NOT_ALLOWED" });
    }
    const { node_id, name, skills, trust } = forward.member;
    try {
      this.deps.take({
        zoneId,
        replica: link.nodeId,
        message,
        member: { nodeId: node_id, name, skills, trust },
        session: forward.session,
        origin: answer,
      });
    } catch (error) {
      answer.refuse(toErrorMessage(error, { withDetail: true }));
    }
  }

  private createAnswer(
    link: LinkSession,
    carrier: LinkMessage,
    { message, forward }: Parsed,
  ): Origin & { answer(body: StewardBody): void } {
    const { zone_id, session, member } = forward;
    const id = findText(message, "id") ?? "";
    const { node_id } = member;
    const send = (part: Readonly<Record<string, unknown>>, n = this.deps.positionOf(zone_id)) => {
      const body: SentBody = { type: "zone.answer", zone_id, node_id, reply_to: id, session, n };
      link.send({ ...body, ...part }, carrier.id);
    };
    return {
      acknowledge: (_, n, status = "received") => send({ ack: status }, n),
      refuse: (error) => send({ error: { ...error, ref_msg_id: id } }),
      answer: (body, _, n) => {
        if (link.isOpen) send({ body }, n);
        else this.deps.push({ zoneId: zone_id, nodeId: node_id }, body, id);
      },
    } as Origin & { answer(body: StewardBody): void };
  }
}

interface Parsed {
  readonly message: PackedValue;
  readonly forward: LinkBody<"zone.forward">;
}

/** The member's message stays packed: it is measured and read alone. */
function parse(body: PackedBody): Parsed {
  const fields: Record<string, unknown> = {};
  for (const key of ["zone_id", "term", "member", "session"]) {
    const value = body.find(key);
    if (value !== undefined) fields[key] = value.decode();
  }
  const message = body.find("message");
  const forward = parseLinkBody("zone.forward", { ...fields, message: message && {} });
  if (message?.isMap !== true) {
    throw new StewardError("invalid_params", { message: "message: expected map" });
  }
  return { message, forward };
}

function findText(message: PackedValue, key: string): string | undefined {
  const value = message.pick([key]).get(key);
  return value?.isText && value.byteLength <= 256 ? (value.decode() as string) : undefined;
}

function findRequestId(message: PackedValue): string | undefined {
  const body = message.pick(["body"]).get("body");
  return body && findText(body, "request_id");
}
