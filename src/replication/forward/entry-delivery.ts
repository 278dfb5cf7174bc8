import type { JsonObject } from "../../protocol/json.ts";
import type { LogEntry } from "../../protocol/log-chain.ts";
import { CONTENT_BYTES_MAX } from "../../wire/envelope.ts";
import type { ZoneEventDelivery, ZoneMessageDelivery } from "../../wire/zone-replies.ts";
import type { Rooms } from "../../zones/log/rooms.ts";
import type { SecondGate } from "../gate/second-gate.ts";

/** Messages whose sending session is remembered until they come back as entries. */
const SENDERS_MAX = 10_000;

export interface EntryDeliveryDeps {
  readonly gate: SecondGate;
  readonly rooms: Rooms;
  readonly isMember: (zoneId: string, nodeId: string) => boolean;
}

/** What came with one commit. */
export interface AppliedCommit {
  readonly n: number;
  readonly entries: readonly LogEntry[];
}

/**
 * Delivers a replica's entries to the sessions it carries, each once it is released, but not to the one that
 * sent it; `docs/protocol.md` §9.10.
 */
export class EntryDelivery {
  private readonly deps: EntryDeliveryDeps;
  private readonly senders = new Map<string, string>();

  constructor(deps: EntryDeliveryDeps) {
    this.deps = deps;
  }

  /** Notes which session sent a zone message. */
  sent(zoneId: string, nodeId: string, messageId: string, sessionId: string): void {
    this.senders.set(toKey(zoneId, nodeId, messageId), sessionId);
    if (this.senders.size <= SENDERS_MAX) return;
    const [oldest] = this.senders.keys();
    if (oldest !== undefined) this.senders.delete(oldest);
  }

  /** Has applied commits delivered; call once they are durable here. */
  deliver(zoneId: string, commits: readonly AppliedCommit[]): void {
    for (const { n, entries } of commits) {
      for (const entry of entries) {
        this.deps.gate.waitFor(zoneId, n, () => this.deliverOne(zoneId, entry));
      }
    }
  }

  /** Another copy is in the place of a zone's: whoever is its member hears of it. */
  copied(zoneId: string): void {
    const { rooms, isMember } = this.deps;
    rooms.refresh(zoneId, (nodeId) => isMember(zoneId, nodeId));
  }

  private deliverOne(zoneId: string, entry: LogEntry): void {
    const { rooms } = this.deps;
    const exceptSessionId = this.takeSender(zoneId, entry);
    if (!rooms.isEmpty(zoneId)) {
      const frame = rooms.createFrame(toDelivery(entry));
      if (frame.envelope.length <= CONTENT_BYTES_MAX) rooms.deliver(zoneId, frame, exceptSessionId);
    }
    if (entry.kind === "event") this.follow(zoneId, entry);
  }

  /** Members hear what follows their joining, and nothing after what ended their membership. */
  private follow(zoneId: string, { node_id, data }: LogEntry): void {
    const { rooms, isMember } = this.deps;
    if (data.event === "joined") rooms.enter(zoneId, node_id);
    const isOver = data.event === "left" || data.event === "removed" || data.event === "banned";
    if (isOver && !isMember(zoneId, node_id)) rooms.leave(zoneId, node_id);
  }

  private takeSender(zoneId: string, { kind, node_id, data }: LogEntry): string | undefined {
    if (kind !== "message" || typeof data.id !== "string") return undefined;
    const key = toKey(zoneId, node_id, data.id);
    const sessionId = this.senders.get(key);
    this.senders.delete(key);
    return sessionId;
  }
}

function toKey(zoneId: string, nodeId: string, messageId: string): string {
  return `${zoneId} ${nodeId} ${messageId}`;
}

function toDelivery(entry: LogEntry): ZoneMessageDelivery | ZoneEventDelivery {
  const { zone_id, seq, timestamp, node_id } = entry;
  if (entry.kind === "event") {
    const body: JsonObject = {
      ...{ type: "zone.event", zone_id, seq, node_id, timestamp },
      ...entry.data,
    };
    return body as unknown as ZoneEventDelivery;
  }
  const { proof: _, via: _via, ...fields } = entry.data;
  const body = { type: "zone.message", zone_id, seq, from: node_id, timestamp, ...fields };
  return body as unknown as ZoneMessageDelivery;
}
