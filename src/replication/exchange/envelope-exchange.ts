import type { Logger } from "../../base/log.ts";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Store } from "../../store/database.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import { parseLinkBody } from "../../wire/link-bodies.ts";
import { type VerifiedEnvelope, verifyEnvelope } from "../../zones/hosting/signed-envelope.ts";
import { findEpoch, findPeer } from "../core/zone.ts";
import type { LinkHub } from "../links/link-hub.ts";
import type { LinkMessage, LinkSession } from "../links/link-port.ts";
import type { Adoption } from "../machines/adoption.ts";
import type { StewardDirectory } from "../machines/directory.ts";
import { listEnvelopeBatch } from "./envelope-batch.ts";
import { type PositionsDeps, toHeardPosition, toPositionBody } from "./positions.ts";

export interface EnvelopeExchangeDeps extends PositionsDeps {
  readonly hub: LinkHub;
  readonly directory: StewardDirectory;
  readonly adoption: Adoption;
  readonly store: Store;
  readonly zones: Pick<ZoneQueries, "listEnvelopes">;
  readonly log: Logger;
}

/** What is to be asked on a link whose other end has yet to show that it takes part in anything. */
interface Hesitant {
  readonly waiting: Map<string, number>;
  isAsking: boolean;
}

/** Tells other stewards of envelopes and hears where they are: zone.epoch and zone.position; `docs/protocol.md` §9.3. */
export class EnvelopeExchange {
  private readonly deps: EnvelopeExchangeDeps;
  /** Dialed links on which nothing was answered yet: one question at a time. */
  private readonly hesitant = new Map<LinkSession, Hesitant>();
  private readonly listeners: ((zoneId: string, link: LinkSession) => void)[] = [];

  constructor(deps: EnvelopeExchangeDeps) {
    this.deps = deps;
    const { desk } = deps.hub;
    desk.handle("zone.epoch", (link, message) => this.onEpoch(link, message));
    desk.listen({ onUp: (link) => this.onUp(link), onDown: (link) => this.onDown(link) });
    desk.listen({ onPong: ({ nodeId }, sentAtMs) => this.onPong(nodeId, sentAtMs) });
    deps.machines.on("reach", (zoneId, { nodes }) => this.onReach(zoneId, nodes));
    deps.machines.on("tell", (zoneId, { to, after }) => this.tell(zoneId, to, after));
  }

  /** Calls back when a steward said where it is: it takes part in the zone. */
  onPosition(listener: (zoneId: string, link: LinkSession) => void): void {
    this.listeners.push(listener);
  }

  /**
   * Takes envelopes that another steward sent beside something else, as `envelopes` of a refusal.
   * @throws StewardError `invalid_params` where one does not verify
   */
  take(zoneId: string, envelopes: readonly JsonObject[]): { isFork: boolean; newest: number } {
    const { verifier, store, adoption } = this.deps;
    const verified = envelopes.map((raw) => verifyEnvelope(verifier, raw));
    if (verified.some(({ manifest }) => manifest.id !== zoneId)) {
      throw new StewardError("invalid_params", { message: "envelopes: expected the zone's" });
    }
    const fork = store.write((write) => {
      const result = adoption.take(write, verified, false);
      if (result.fork !== undefined) adoption.keepFork(write, result.fork);
      return result.fork;
    });
    return { isFork: fork !== undefined, newest: toNewest(verified) };
  }

  private onUp(link: LinkSession): void {
    const { hub, machines, directory } = this.deps;
    const { nodeId } = link;
    if (link.isDialed) this.hesitant.set(link, { waiting: new Map(), isAsking: false });
    else if (hub.table.find(nodeId) !== undefined) return;
    for (const zoneId of directory.listConcerned(nodeId)) {
      machines.dispatch(zoneId, { type: "linkUp", node: nodeId });
    }
  }

  /** A zone that came after the links that it needs. */
  private onReach(zoneId: string, nodes: readonly string[]): void {
    const { hub, machines } = this.deps;
    for (const node of nodes) {
      const state = machines.find(zoneId);
      if (state === undefined || findPeer(state, node).isOpen || !hub.table.isOpen(node)) continue;
      machines.dispatch(zoneId, { type: "linkUp", node });
    }
  }

  private onDown(link: LinkSession): void {
    const { hub, machines, directory } = this.deps;
    const { nodeId } = link;
    this.hesitant.delete(link);
    if (hub.table.isOpen(nodeId)) return;
    for (const zoneId of directory.listConcerned(nodeId)) {
      machines.dispatch(zoneId, { type: "linkDown", node: nodeId });
    }
  }

  private onPong(node: string, sentAtMs: number): void {
    const { machines, directory } = this.deps;
    for (const zoneId of directory.listConcerned(node)) {
      machines.dispatch(zoneId, { type: "pong", node, sentAtMs });
    }
  }

  /** Asks on the link that this steward dialed; without one, tells where the other one asks. */
  private tell(zoneId: string, nodeId: string, after: number): void {
    const { table } = this.deps.hub;
    const dialed = table.find(nodeId);
    if (dialed === undefined) {
      const envelopes = this.listEnvelopes(zoneId, after);
      if (envelopes.length === 0) return;
      table.send(nodeId, { type: "zone.epoch", zone_id: zoneId, envelopes });
      return;
    }
    const hesitant = this.hesitant.get(dialed);
    if (hesitant === undefined) return this.ask(dialed, zoneId, after);
    hesitant.waiting.set(zoneId, after);
    this.askNext(dialed, hesitant);
  }

  private askNext(link: LinkSession, hesitant: Hesitant): void {
    const [next] = hesitant.waiting;
    if (hesitant.isAsking || next === undefined) return;
    const [zoneId, after] = next;
    hesitant.waiting.delete(zoneId);
    hesitant.isAsking = true;
    this.ask(link, zoneId, after);
  }

  private ask(link: LinkSession, zoneId: string, after: number): void {
    const envelopes = this.listEnvelopes(zoneId, after);
    if (envelopes.length === 0) return this.onRefused(link, zoneId, undefined);
    const { desk } = this.deps.hub;
    desk.ask(
      link,
      { type: "zone.epoch", zone_id: zoneId, envelopes },
      {
        onAnswer: (_link, message) => this.onAnswer(link, zoneId, message),
        onRefused: (_link, error) => this.onRefused(link, zoneId, error?.code),
      },
    );
  }

  /** From an epoch on; the newest at least. */
  private listEnvelopes(zoneId: string, after: number): readonly JsonObject[] {
    const newest = this.epochOf(zoneId);
    return listEnvelopeBatch(this.deps.zones, zoneId, Math.min(after, newest - 1));
  }

  private onAnswer(link: LinkSession, zoneId: string, message: LinkMessage): void {
    const { hub, machines, log } = this.deps;
    const { nodeId } = link;
    try {
      const body = parseLinkBody("zone.position", message.body.value.decode() as JsonObject);
      if (message.body.type !== "zone.position" || body.zone_id !== zoneId) return;
      hub.accepted(nodeId);
      const hesitant = this.hesitant.get(link);
      this.hesitant.delete(link);
      for (const [other, after] of hesitant?.waiting ?? []) this.ask(link, other, after);
      const before = this.epochOf(zoneId);
      if (body.envelopes !== undefined) this.take(zoneId, body.envelopes);
      const heard = toHeardPosition(this.deps, body);
      machines.dispatch(zoneId, { type: "position", from: nodeId, ...heard });
      for (const listener of this.listeners) listener(zoneId, link);
      const own = this.epochOf(zoneId);
      // It has more envelopes than one body holds.
      if (own > before && own < body.epoch) this.ask(link, zoneId, own - 1);
    } catch (error) {
      log.warn({ err: error, node: nodeId, zone: zoneId }, "a steward's position is not usable");
    }
  }

  private epochOf(zoneId: string): number {
    const state = this.deps.machines.find(zoneId);
    return (state && findEpoch(state)?.epoch) ?? 0;
  }

  private onRefused(link: LinkSession, zoneId: string, code: string | number | undefined): void {
    const { log } = this.deps;
    const { nodeId } = link;
    // It does not know replication at all: as if it was not there.
    if (code === 2003) return link.close("not taking part");
    if (code !== undefined)
      log.info({ node: nodeId, zone: zoneId, code }, "a steward refuses a zone");
    const hesitant = this.hesitant.get(link);
    if (hesitant === undefined) return;
    hesitant.isAsking = false;
    this.askNext(link, hesitant);
  }

  private onEpoch(link: LinkSession, message: LinkMessage): void {
    const { zones } = this.deps;
    const fields = message.body.value.decode() as JsonObject;
    const { zone_id: zoneId, envelopes } = parseLinkBody("zone.epoch", fields);
    const { isFork, newest } = this.take(zoneId, envelopes);
    if (isFork) {
      throw new StewardError("stale_manifest", {
        reason: "FORK",
        message: "Another envelope of this epoch is known.",
      });
    }
    // What comes on the link that this steward dialed is pushed.
    if (link.isDialed) return;
    const missing = listEnvelopeBatch(zones, zoneId, newest);
    link.send(toPositionBody(this.deps, zoneId, missing), message.id);
  }
}

function toNewest(verified: readonly VerifiedEnvelope[]): number {
  return verified.at(-1)?.envelope.epoch ?? 0;
}
