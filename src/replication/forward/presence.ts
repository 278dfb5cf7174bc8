import type { FanOutFrame } from "../../wire/fan-out-frame.ts";
import { parseLinkBody } from "../../wire/link-bodies.ts";
import type { Rooms } from "../../zones/log/rooms.ts";
import type { ZoneState } from "../core/state.ts";
import { findEpoch, isPrimary } from "../core/zone.ts";
import type { LinkMessage, LinkPort, LinkSession } from "../links/link-port.ts";

/** Changes of presence are told together after so long. */
const COLLECT_MS = 50;
const RETOLD_MS = [500, 3000];
/** Node ids of one body. */
const IDS_MAX = 5000;

export interface PresenceDeps {
  readonly links: LinkPort;
  readonly rooms: Rooms;
  readonly stateOf: (zoneId: string) => ZoneState | undefined;
  /** The zones that this steward shares with another one. */
  readonly listShared: (nodeId: string) => readonly string[];
  /** Hears that a node came to be present at another steward. */
  readonly onCame: (nodeId: string) => void;
  /** Brings a frame to all sessions that a node has at another steward. */
  readonly carry: (steward: string, nodeId: string, frame: FanOutFrame) => void;
}

/** Names the place of a node's sessions at another steward among this one's. */
export function toRemoteOutletId(steward: string, nodeId: string): string {
  return `${steward}:${nodeId}`;
}

/** Who is present at which other steward, as told over links, and what those are told; `docs/protocol.md` §9.10. */
export class Presence {
  private readonly deps: PresenceDeps;
  /** By steward, then node: the zones. */
  private readonly remote = new Map<string, Map<string, Set<string>>>();
  /** Yet to be told, by zone: nodes that came or went. */
  private readonly changed = new Map<string, Set<string>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(deps: PresenceDeps) {
    this.deps = deps;
    deps.rooms.onPresence((zoneId, nodeId) => this.note(zoneId, nodeId));
  }

  /** The stewards at which a node is present in a zone. */
  listStewards(zoneId: string, nodeId: string): string[] {
    const stewards = [...this.remote];
    return stewards.flatMap(([steward, nodes]) =>
      nodes.get(nodeId)?.has(zoneId) ? [steward] : [],
    );
  }

  /** Notes that a node is present at another steward: something came from it there. */
  touch(steward: string, zoneId: string, nodeId: string): void {
    this.set(steward, zoneId, nodeId, true);
  }

  /** Takes what another steward tells. */
  receive(link: LinkSession, message: LinkMessage): void {
    const fields = message.body.value.decode() as Readonly<Record<string, unknown>>;
    const { zone_id, full, online, offline } = parseLinkBody("zone.presence", fields);
    if (!this.isConcerned(zone_id, link.nodeId)) return;
    if (full) {
      const left = new Set(online);
      for (const [nodeId, zones] of this.remote.get(link.nodeId) ?? []) {
        if (zones.has(zone_id) && !left.has(nodeId)) this.set(link.nodeId, zone_id, nodeId, false);
      }
    }
    for (const nodeId of online) this.set(link.nodeId, zone_id, nodeId, true);
    for (const nodeId of offline) this.set(link.nodeId, zone_id, nodeId, false);
  }

  /** A link is open: its other end is told everybody. */
  onUp(link: LinkSession): void {
    for (const zoneId of this.deps.listShared(link.nodeId)) this.tellAll(zoneId, link.nodeId);
  }

  /** A link is over: whoever was present there counts no more, unless another link is left. */
  onDown(link: LinkSession): void {
    if (this.deps.links.isOpen(link.nodeId)) return;
    for (const [nodeId, zones] of this.remote.get(link.nodeId) ?? []) {
      for (const zoneId of [...zones]) this.set(link.nodeId, zoneId, nodeId, false);
    }
  }

  /** Another steward is a zone's primary: whom one told of whom is told anew, to others. */
  changedPrimary(zoneId: string): void {
    for (const [steward, nodes] of this.remote) {
      for (const nodeId of [...nodes.keys()]) this.set(steward, zoneId, nodeId, false);
    }
    const tell = () => {
      for (const steward of this.listTold(zoneId)) this.tellAll(zoneId, steward);
    };
    tell();
    // The others may learn of it a little later, and pass over what they are told before.
    for (const ms of RETOLD_MS) setTimeout(tell, ms).unref();
  }

  /** Ends the timer. */
  stop(): void {
    clearTimeout(this.timer);
  }

  private set(steward: string, zoneId: string, nodeId: string, isPresent: boolean): void {
    const nodes = this.remote.get(steward) ?? new Map<string, Set<string>>();
    const zones = nodes.get(nodeId) ?? new Set<string>();
    if (zones.has(zoneId) === isPresent) return;
    const { rooms, carry } = this.deps;
    const id = toRemoteOutletId(steward, nodeId);
    if (isPresent) {
      if (zones.size === 0) {
        const deliver = (frame: FanOutFrame) => carry(steward, nodeId, frame);
        rooms.open({ id, nodeId, isRemote: true, deliver }, []);
      }
      this.remote.set(steward, nodes.set(nodeId, zones.add(zoneId)));
      this.deps.onCame(nodeId);
    } else {
      zones.delete(zoneId);
      if (zones.size === 0) {
        nodes.delete(nodeId);
        rooms.close(id);
      }
    }
    this.note(zoneId, nodeId);
  }

  private note(zoneId: string, nodeId: string): void {
    if (this.deps.stateOf(zoneId) === undefined) return;
    const nodes = this.changed.get(zoneId) ?? new Set<string>();
    this.changed.set(zoneId, nodes.add(nodeId));
    this.timer ??= setTimeout(() => this.tellChanged(), COLLECT_MS).unref();
  }

  private tellChanged(): void {
    this.timer = undefined;
    const changed = [...this.changed];
    this.changed.clear();
    for (const [zoneId, nodes] of changed) {
      for (const steward of this.listTold(zoneId)) {
        const isHere = this.createTest(zoneId, steward);
        const online = [...nodes].filter(isHere);
        const offline = [...nodes].filter((nodeId) => !isHere(nodeId));
        this.send(zoneId, steward, { online, offline });
      }
    }
  }

  private tellAll(zoneId: string, steward: string): void {
    if (!this.listTold(zoneId).includes(steward)) return;
    const known = new Set(this.deps.rooms.listPresent(zoneId));
    for (const nodes of this.remote.values()) {
      for (const [nodeId, zones] of nodes) if (zones.has(zoneId)) known.add(nodeId);
    }
    const online = [...known].filter(this.createTest(zoneId, steward));
    this.send(zoneId, steward, { full: true, online, offline: [] });
  }

  private send(
    zoneId: string,
    steward: string,
    told: { full?: true; online: readonly string[]; offline: readonly string[] },
  ): void {
    const { online, offline, ...full } = told;
    for (let at = 0; at === 0 || at < Math.max(online.length, offline.length); at += IDS_MAX / 2) {
      const cut = (ids: readonly string[]) => ids.slice(at, at + IDS_MAX / 2);
      this.deps.links.send(steward, {
        ...{ type: "zone.presence", zone_id: zoneId },
        ...(at === 0 && full),
        ...{ online: cut(online), offline: cut(offline) },
      });
    }
  }

  /** A replica tells its primary of its own; the primary tells each replica of everybody else's. */
  private createTest(zoneId: string, steward: string): (nodeId: string) => boolean {
    const here = new Set(this.deps.rooms.listPresent(zoneId));
    const state = this.deps.stateOf(zoneId);
    if (state === undefined || !isPrimary(state)) return (nodeId) => here.has(nodeId);
    return (nodeId) =>
      here.has(nodeId) || this.listStewards(zoneId, nodeId).some((other) => other !== steward);
  }

  private listTold(zoneId: string): readonly string[] {
    const state = this.deps.stateOf(zoneId);
    const epoch = state && findEpoch(state);
    if (state === undefined || epoch === undefined) return [];
    if (!isPrimary(state)) return epoch.primary === "" ? [] : [epoch.primary];
    return [...epoch.voters, ...epoch.learners].filter((node) => this.deps.links.isOpen(node));
  }

  /** A primary hears its replicas, a replica its primary. */
  private isConcerned(zoneId: string, steward: string): boolean {
    const state = this.deps.stateOf(zoneId);
    const epoch = state && findEpoch(state);
    if (state === undefined || epoch === undefined) return false;
    if (!isPrimary(state)) return epoch.primary === steward;
    return epoch.voters.includes(steward) || epoch.learners.includes(steward);
  }
}
