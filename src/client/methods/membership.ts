import { createId } from "../../protocol/ids.ts";
import type { JsonValue } from "../../protocol/json.ts";
import type { Manifest, ZoneEnvelope } from "../../protocol/manifest.ts";
import type { AgentCore } from "../agent-core.ts";
import { AgentError, hasCode } from "../agent-error.ts";
import { parseReply, type Reply } from "../calls/replies.ts";
import type { CallOptions, Deadline } from "../deadline.ts";

const JOIN_ATTEMPTS_MAX = 2;

/** How to join. */
export interface JoinOptions extends CallOptions {
  readonly invite?: string;
  /** Hands on everything after this position of the log, instead of what is new after the join. */
  readonly afterSeq?: number;
  /** The epoch that `afterSeq` was of: a log that went back meanwhile is then told as `rewound`. */
  readonly afterEpoch?: number;
}

/** What joining came to. */
export interface JoinedZone {
  readonly zoneId: string;
  readonly name: string;
  readonly role: Reply<"zone.joined">["role"];
  readonly members: number;
  /** The zone's head as the steward told it; later positions are handed on. */
  readonly seq: number;
  readonly epoch: number;
  readonly envelope: ZoneEnvelope;
  /** With defaults applied. */
  readonly manifest: Manifest;
}

/** How to send. */
export interface SendOptions extends CallOptions {
  /** `zmsg_<UUIDv7>`; created where absent. */
  readonly id?: string;
  readonly topic?: string;
  /** The `zmsg` id answered to. */
  readonly replyTo?: string;
}

/**
 * Joins a zone and starts to hand on what it brings. Deliveries are held from before the question, as
 * the first may arrive together with the answer; `docs/protocol.md` §6.
 * @throws AgentError
 */
export async function joinZone(
  core: AgentCore,
  zoneId: string,
  options: JoinOptions & { deadline: Deadline },
): Promise<JoinedZone> {
  const { book, sync } = core;
  const opened = sync.open(zoneId);
  try {
    const joined = await askToJoin(core, zoneId, options);
    if (joined.zone_id !== zoneId) {
      throw new AgentError("protocol_error", { message: "The steward joined another zone." });
    }
    const { envelope, manifest } = await book.accept(zoneId, joined.envelope);
    // The envelope that came with the answer may be newer and no longer name the connected node.
    await core.getZone(zoneId, options.deadline);
    const place = { epoch: joined.epoch, seq: joined.epoch_seq };
    const { afterSeq: lastSeq = joined.seq, afterEpoch: epoch } = options;
    sync.start(zoneId, { lastSeq, epoch }, { headSeq: joined.seq, place });
    const { name, role, members, seq } = joined;
    return { zoneId, name, role, members, seq, epoch: envelope.epoch, envelope, manifest };
  } catch (error) {
    if (opened) sync.close(zoneId);
    throw error;
  }
}

async function askToJoin(
  core: AgentCore,
  zoneId: string,
  options: JoinOptions & { deadline: Deadline },
): Promise<Reply<"zone.joined">> {
  const { deadline, invite } = options;
  let zone = await core.getZone(zoneId, deadline);
  for (let attempt = 1; ; attempt++) {
    const fields = { type: "zone.join", zone_id: zoneId, invite, epoch: zone.envelope.epoch };
    try {
      return parseReply("zone.joined", (await core.ask(fields, { deadline })).body);
    } catch (error) {
      if (!hasCode(error, "stale_manifest") || attempt >= JOIN_ATTEMPTS_MAX) throw error;
      zone = await core.inspectZone(zoneId, deadline);
    }
  }
}

/** Leaves a zone and stops handing on what it brings; throws AgentError. */
export async function leaveZone(
  core: AgentCore,
  zoneId: string,
  deadline: Deadline,
): Promise<void> {
  let sends = 0;
  const onSend = () => {
    sends += 1;
  };
  try {
    const fields = { type: "zone.leave", zone_id: zoneId };
    parseReply("zone.left", (await core.ask(fields, { deadline, onSend })).body);
  } catch (error) {
    // Sent again after a reconnect, this says that the first copy had its effect.
    if (!hasCode(error, "not_member") || sends < 2) throw error;
  }
  core.sync.close(zoneId);
}

/** Sends a zone message under one `zmsg` id, however often it has to leave; throws AgentError. */
export async function sendMessage(
  core: AgentCore,
  message: SendOptions & { zoneId: string; content: JsonValue; deadline: Deadline },
): Promise<{ id: string; seq: number }> {
  const { zoneId, content, topic, replyTo, deadline } = message;
  const id = message.id ?? createId("zmsg");
  const fields = { type: "zone.message", zone_id: zoneId, id, content, topic, reply_to: replyTo };
  let seq: number | undefined;
  try {
    const onSend = () => core.sync.expectOwn(zoneId, id);
    const sent = parseReply("zone.sent", (await core.ask(fields, { deadline, onSend })).body);
    if (sent.id !== id || sent.zone_id !== zoneId) {
      throw new AgentError("protocol_error", { message: "The answer is to another message." });
    }
    seq = sent.seq;
    return { id, seq };
  } finally {
    core.sync.settleOwn(zoneId, id, seq);
  }
}
