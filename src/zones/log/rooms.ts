import { createId } from "../../protocol/ids.ts";
import { createFanOutFrame, type FanOutFrame } from "../../wire/fan-out-frame.ts";
import type {
  ZoneEventDelivery,
  ZoneInvoke,
  ZoneMessageDelivery,
} from "../../wire/zone-replies.ts";

/** One verified session, as a place that deliveries go to. */
export interface Outlet {
  readonly id: string;
  readonly nodeId: string;
  /** The node is present at another steward, which delivers a zone's entries itself. */
  readonly isRemote?: true;
  /** Sends a shared frame; the caller holds the store's gate. */
  deliver(frame: FanOutFrame): void;
}

/** Hears when a node's first session comes to hear of a zone here, and when its last one is gone. */
export type PresenceListener = (zoneId: string, nodeId: string, isPresent: boolean) => void;

interface Place {
  readonly outlet: Outlet;
  readonly zoneIds: Set<string>;
}

/** Knows which sessions are to hear of which zone; live state, rebuilt as sessions open. */
export class Rooms {
  /** Frames shared by a zone's sessions, and how many sessions they went to, since the start. */
  readonly stats = { frames: 0, deliveries: 0 };
  private readonly rooms = new Map<string, Map<string, Outlet>>();
  private readonly places = new Map<string, Place>();
  private readonly byNode = new Map<string, Set<Place>>();
  private readonly closedListeners: ((outletId: string) => void)[] = [];
  private presenceListener: PresenceListener | undefined;
  private readonly ownNodeId: string;
  private readonly now: () => number;

  constructor(ownNodeId: string, now: () => number) {
    this.ownNodeId = ownNodeId;
    this.now = now;
  }

  /** Adds a session to the zones its node is a member of. */
  open(outlet: Outlet, zoneIds: readonly string[]): void {
    const place: Place = { outlet, zoneIds: new Set() };
    this.places.set(outlet.id, place);
    const places = this.byNode.get(outlet.nodeId) ?? new Set();
    this.byNode.set(outlet.nodeId, places.add(place));
    for (const zoneId of zoneIds) this.add(zoneId, place);
  }

  /** Removes a session from every zone. */
  close(outletId: string): void {
    const place = this.places.get(outletId);
    if (place === undefined) return;
    for (const zoneId of place.zoneIds) this.remove(zoneId, place);
    this.places.delete(outletId);
    const places = this.byNode.get(place.outlet.nodeId);
    places?.delete(place);
    if (places?.size === 0) this.byNode.delete(place.outlet.nodeId);
    for (const listener of this.closedListeners) listener(outletId);
  }

  /** Calls back when a session has closed. */
  onClosed(listener: (outletId: string) => void): void {
    this.closedListeners.push(listener);
  }

  /** Calls back when somebody's presence in a zone, at this steward, begins or ends. */
  onPresence(listener: PresenceListener): void {
    this.presenceListener = listener;
  }

  /** The nodes that are present in a zone at this steward. */
  listPresent(zoneId: string): string[] {
    const outlets = this.rooms.get(zoneId)?.values() ?? [];
    return [...new Set([...outlets].map(({ nodeId }) => nodeId))];
  }

  /** Tells whether nobody here hears of a zone. */
  isEmpty(zoneId: string): boolean {
    return !this.rooms.has(zoneId);
  }

  /** Tells whether a session is open. */
  isOpen(outletId: string): boolean {
    return this.places.has(outletId);
  }

  /** Sends a frame to one session; false where it is closed. The caller holds the store's gate. */
  send(outletId: string, frame: FanOutFrame): boolean {
    const place = this.places.get(outletId);
    place?.outlet.deliver(frame);
    return place !== undefined;
  }

  /** Adds all sessions of a node to a zone, when it becomes a member. */
  enter(zoneId: string, nodeId: string): void {
    for (const place of this.byNode.get(nodeId) ?? []) this.add(zoneId, place);
  }

  /** Removes all sessions of a node from a zone, when it stops being a member. */
  leave(zoneId: string, nodeId: string): void {
    for (const place of this.byNode.get(nodeId) ?? []) this.remove(zoneId, place);
  }

  /** Has exactly a zone's members hear of it, where they changed by more than one. */
  refresh(zoneId: string, isMember: (nodeId: string) => boolean): void {
    for (const nodeId of [...this.byNode.keys()]) {
      if (isMember(nodeId)) this.enter(zoneId, nodeId);
      else this.leave(zoneId, nodeId);
    }
  }

  /** Tells whether a node has a session. */
  isOnline(nodeId: string): boolean {
    return this.byNode.has(nodeId);
  }

  /**
   * Encodes a delivery for everybody in a zone, or for one session.
   * @throws StewardError 2002 where it does not fit an envelope
   */
  createFrame(body: ZoneMessageDelivery | ZoneEventDelivery | ZoneInvoke): FanOutFrame {
    return createFanOutFrame({
      id: createId("msg"),
      from: this.ownNodeId,
      timestamp: this.now(),
      body,
    });
  }

  /** Delivers a frame to a zone's online members, but for one session. */
  deliver(zoneId: string, frame: FanOutFrame, exceptSessionId?: string): void {
    const { stats } = this;
    stats.frames++;
    for (const outlet of this.rooms.get(zoneId)?.values() ?? []) {
      if (outlet.id === exceptSessionId) continue;
      stats.deliveries++;
      outlet.deliver(frame);
    }
  }

  private add(zoneId: string, place: Place): void {
    // A steward that carries the node itself delivers to it, too.
    if (place.outlet.isRemote) return;
    const room = this.rooms.get(zoneId) ?? new Map<string, Outlet>();
    const wasPresent = this.isPresent(zoneId, place.outlet.nodeId);
    this.rooms.set(zoneId, room.set(place.outlet.id, place.outlet));
    place.zoneIds.add(zoneId);
    if (!wasPresent) this.presenceListener?.(zoneId, place.outlet.nodeId, true);
  }

  private remove(zoneId: string, place: Place): void {
    const room = this.rooms.get(zoneId);
    room?.delete(place.outlet.id);
    if (room?.size === 0) this.rooms.delete(zoneId);
    const { nodeId } = place.outlet;
    if (!place.zoneIds.delete(zoneId) || this.isPresent(zoneId, nodeId)) return;
    this.presenceListener?.(zoneId, nodeId, false);
  }

  private isPresent(zoneId: string, nodeId: string): boolean {
    if (this.presenceListener === undefined) return false;
    for (const { zoneIds } of this.byNode.get(nodeId) ?? []) if (zoneIds.has(zoneId)) return true;
    return false;
  }
}
