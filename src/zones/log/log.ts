import { createHash } from "node:crypto";
import { StewardError } from "../../errors.ts";
import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import {
  type ChainEntry,
  type ChainHash,
  toEntryHash as chainEntry,
  toGenesisHash as chainGenesis,
  type LogEntry,
} from "../../protocol/log-chain.ts";
import type { Store, Write } from "../../store/database.ts";
import { type LogRow, toLogBytes } from "../../store/zones/log.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import { CONTENT_BYTES_MAX } from "../../wire/envelope.ts";
import type { FanOutFrame } from "../../wire/fan-out-frame.ts";
import { toPacked } from "../../wire/json-to-packed.ts";
import { asValue, PackedBytes } from "../../wire/messagepack-encode.ts";
import type {
  ZoneEventDelivery,
  ZoneEventName,
  ZoneMessageDelivery,
} from "../../wire/zone-replies.ts";
import type { ZoneGate } from "../zone-gate.ts";
import type { LogRoom } from "./log-room.ts";
import type { Rooms } from "./rooms.ts";

export interface ZoneLogDeps {
  readonly store: Store;
  readonly gate: ZoneGate;
  readonly queries: ZoneQueries;
  readonly rooms: Rooms;
  readonly logRoom: LogRoom;
  readonly now: () => number;
}

const hash: ChainHash = (before, text) => {
  const sha256 = createHash("sha256");
  if (before !== undefined) sha256.update(before, "hex");
  return sha256.update(text).digest("hex");
};

/** The hash before a zone's first entry; `docs/protocol.md` §6. */
export function toGenesisHash(zoneId: string): string {
  return chainGenesis(hash, zoneId);
}

/** The hash of an entry after another one's; `docs/protocol.md` §6. */
export function toEntryHash(prevHash: string, entry: ChainEntry): string {
  return chainEntry(hash, prevHash, entry);
}

/** A zone message before it has its place in the log. */
export interface NewMessage {
  readonly nodeId: string;
  readonly sessionId: string;
  readonly fields: {
    readonly id: string;
    readonly topic: string | undefined;
    readonly reply_to: string | undefined;
  };
  readonly content: PackedBytes;
  /** The canonical JSON of the entry's `data`. */
  readonly data: string;
}

/**
 * Appends a message and delivers it to everybody else; returns its seq.
 * @throws StewardError `invalid_params` where it would not fit a delivery, `rate_limited` where the
 *   log has no room
 */
export function appendMessage(
  write: Write,
  deps: ZoneLogDeps,
  zoneId: string,
  message: NewMessage,
): number {
  const entry = {
    kind: "message" as const,
    nodeId: message.nodeId,
    data: message.data,
    messageId: message.fields.id,
  };
  const row = append(write, deps, zoneId, entry, "message");
  const body = {
    type: "zone.message",
    zone_id: zoneId,
    seq: row.seq,
    from: message.nodeId,
    timestamp: row.timestamp,
    ...message.fields,
    content: asValue(message.content),
  } as ZoneMessageDelivery;
  deliver(deps, body, message.sessionId);
  return row.seq;
}

/** Something that happened to a zone. */
export interface NewEvent {
  readonly event: ZoneEventName;
  /** Whom it happened to; for the zone itself its creator. */
  readonly nodeId: string;
  readonly detail?: JsonObject;
}

/**
 * Appends an event and delivers it to every online member; returns its seq.
 * @throws StewardError `rate_limited` where the log has no room for a join
 */
export function appendEvent(
  write: Write,
  deps: ZoneLogDeps,
  zoneId: string,
  event: NewEvent,
): number {
  const data = { event: event.event, ...event.detail };
  const entry = {
    kind: "event" as const,
    nodeId: event.nodeId,
    data: toCanonicalJson(data),
    messageId: null,
  };
  const row = append(write, deps, zoneId, entry, event.event === "joined" ? "join" : undefined);
  const body: ZoneEventDelivery = {
    type: "zone.event",
    zone_id: zoneId,
    seq: row.seq,
    node_id: event.nodeId,
    timestamp: row.timestamp,
    ...data,
  };
  deliver(deps, body, undefined);
  return row.seq;
}

function append(
  write: Write,
  deps: ZoneLogDeps,
  zoneId: string,
  entry: Pick<LogRow, "kind" | "nodeId" | "messageId" | "data">,
  /** What is refused where the log is full; everything else has its place in it. */
  room?: "message" | "join",
): LogRow {
  const zone = deps.queries.findZone(zoneId);
  if (zone === undefined) throw new StewardError("zone_not_found");
  const content = {
    zoneId,
    seq: zone.headSeq + 1,
    timestamp: deps.now(),
    kind: entry.kind,
    nodeId: entry.nodeId,
    data: entry.data,
  };
  const bytes = toLogBytes(content.data);
  if (room !== undefined) deps.logRoom.assertRoom(zone, bytes, room);
  deps.logRoom.add(bytes);
  const row = {
    ...content,
    hash: toEntryHash(zone.headHash, content),
    messageId: entry.messageId,
  };
  deps.queries.insertLogEntry(write, row);
  return row;
}

function deliver(
  deps: ZoneLogDeps,
  body: ZoneMessageDelivery | ZoneEventDelivery,
  exceptSessionId: string | undefined,
): void {
  const frame = createFrame(deps.rooms, body);
  // What a zone.page puts around its only entry must fit with it, or the log could not be read.
  if (frame === undefined || frame.envelope.length > CONTENT_BYTES_MAX) {
    throw new StewardError("invalid_params", { message: "The content is too large." });
  }
  const run = () => deps.rooms.deliver(body.zone_id, frame, exceptSessionId);
  deps.gate.hold(body.zone_id, "other", run, { bytes: () => frame.envelope.length });
}

/** Has a new member's sessions hear what is logged from here on. */
export function enterRoom(deps: ZoneLogDeps, zoneId: string, nodeId: string): void {
  const enter = () => deps.rooms.enter(zoneId, nodeId);
  deps.gate.hold(zoneId, "other", enter, { deposed: enter });
}

/** Has the sessions of a node that is no member any more hear no more than was logged until here. */
export function leaveRoom(deps: ZoneLogDeps, zoneId: string, nodeId: string): void {
  const leave = () => deps.rooms.leave(zoneId, nodeId);
  deps.gate.hold(zoneId, "other", leave, { deposed: leave });
}

function createFrame(
  rooms: Rooms,
  body: ZoneMessageDelivery | ZoneEventDelivery,
): FanOutFrame | undefined {
  try {
    return rooms.createFrame(body);
  } catch (error) {
    if (error instanceof StewardError && error.code === 2002) return undefined;
    throw error;
  }
}

/** A stored entry as the admin API shows it. */
export function toLogEntry(row: LogRow): LogEntry {
  return toEntry(row, JSON.parse(row.data) as JsonObject);
}

/** A stored entry as it is sent: what a member may have made costly to build is not built. */
export function toPackedEntry(row: LogRow): LogEntry {
  return toEntry(row, asValue(new PackedBytes(toPacked(row.data))) as JsonObject);
}

function toEntry(row: LogRow, data: JsonObject): LogEntry {
  return {
    zone_id: row.zoneId,
    seq: row.seq,
    timestamp: row.timestamp,
    kind: row.kind,
    node_id: row.nodeId,
    data,
  };
}
