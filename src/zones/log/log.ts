import { createHash } from "node:crypto";
import { StewardError } from "../../errors.ts";
import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import {
  type ChainEntry,
  type ChainHash,
  toEntryHash as chainEntry,
  toGenesisHash as chainGenesis,
} from "../../protocol/log-chain.ts";
import type { Store } from "../../store/database.ts";
import { type LogRow, toLogBytes, type ZoneQueries } from "../../store/zones/zones.ts";
import { CONTENT_BYTES_MAX } from "../../wire/envelope.ts";
import type { FanOutFrame } from "../../wire/fan-out-frame.ts";
import type {
  LogEntry,
  ZoneEventDelivery,
  ZoneEventName,
  ZoneMessageDelivery,
} from "../../wire/zone-replies.ts";
import type { LogRoom } from "./log-room.ts";
import type { Rooms } from "./rooms.ts";

export interface ZoneLogDeps {
  readonly store: Store;
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
  readonly id: string;
  readonly data: JsonObject;
}

/**
 * Appends a message and delivers it to everybody else; returns its seq. Call inside a write.
 * @throws StewardError `invalid_params` where it would not fit a delivery, `rate_limited` where the
 *   log has no room
 */
export function appendMessage(deps: ZoneLogDeps, zoneId: string, message: NewMessage): number {
  const row = append(deps, zoneId, {
    kind: "message",
    nodeId: message.nodeId,
    data: message.data,
    messageId: message.id,
  });
  const body = {
    type: "zone.message",
    zone_id: zoneId,
    seq: row.seq,
    from: message.nodeId,
    timestamp: row.timestamp,
    ...message.data,
  } as unknown as ZoneMessageDelivery;
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
 * Appends an event and delivers it to every online member; returns its seq. Call inside a write.
 * @throws StewardError `rate_limited` where the log has no room for a join
 */
export function appendEvent(deps: ZoneLogDeps, zoneId: string, event: NewEvent): number {
  const data = { event: event.event, ...event.detail };
  const row = append(deps, zoneId, { kind: "event", nodeId: event.nodeId, data, messageId: null });
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
  deps: ZoneLogDeps,
  zoneId: string,
  entry: Pick<LogRow, "kind" | "nodeId" | "messageId"> & { data: JsonObject },
): LogRow {
  const zone = deps.queries.findZone(zoneId);
  if (zone === undefined) throw new StewardError("zone_not_found");
  const content = {
    zoneId,
    seq: zone.headSeq + 1,
    timestamp: deps.now(),
    kind: entry.kind,
    nodeId: entry.nodeId,
    data: toCanonicalJson(entry.data),
  };
  const bytes = toLogBytes(content.data);
  const kind = toRoomKind(entry);
  if (kind !== undefined) deps.logRoom.assertRoom(zone, bytes, kind);
  deps.logRoom.add(bytes);
  const row = {
    ...content,
    hash: toEntryHash(zone.headHash, content),
    messageId: entry.messageId,
  };
  deps.queries.insertLogEntry(row);
  return row;
}

/** What is refused where the log is full; everything else has its place in it. */
function toRoomKind(
  entry: Pick<LogRow, "kind"> & { data: JsonObject },
): "message" | "join" | undefined {
  if (entry.kind === "message") return "message";
  return entry.data.event === "joined" ? "join" : undefined;
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
  deps.store.gate(() => deps.rooms.deliver(body.zone_id, frame, exceptSessionId));
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

/** The wire form of a stored entry. */
export function toLogEntry(row: LogRow): LogEntry {
  return {
    zone_id: row.zoneId,
    seq: row.seq,
    timestamp: row.timestamp,
    kind: row.kind,
    node_id: row.nodeId,
    data: JSON.parse(row.data) as JsonObject,
  };
}
