import type { Logger } from "../../base/log.ts";
import type { Connection } from "../../client/link/connection.ts";
import { StewardError } from "../../errors.ts";
import type { NodeKey } from "../../identity/node-key.ts";
import type { Peer } from "../../session/peer.ts";
import type { Session } from "../../session/session.ts";
import type { Store } from "../../store/database.ts";
import { isLinkBodyType } from "../../wire/link-bodies.ts";
import type { AtlasMessage, MessageFields } from "../../wire/messages.ts";
import { PackedBody } from "../../wire/packed-body.ts";
import type { ReplicationConfig } from "../config.ts";
import { DialedLink } from "./dialed-link.ts";
import { type DialedSession, Dialer } from "./dialer.ts";
import { LinkDesk } from "./link-desk.ts";
import { LinkPinger } from "./link-pinger.ts";
import type { LinkMessage, LinkSession } from "./link-port.ts";
import { LinkTable } from "./link-table.ts";
import { ResponderLink } from "./responder-link.ts";

/** Bodies of other sections that go over links, too: refusals, and what a deposed primary reports. */
const OTHER_TYPES: ReadonlySet<string> = new Set(["zone.error", "zone.result"]);

export interface LinkHubDeps {
  readonly config: ReplicationConfig;
  readonly key: NodeKey;
  readonly name: string;
  readonly store: Store;
  readonly log: Logger;
  /** Unix seconds. */
  readonly now: () => number;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  /** The smallest L of the zones that are shared with a node. */
  readonly leaseMsOf: (nodeId: string) => number;
  /** Where a steward may be reached. */
  readonly addressesOf: (nodeId: string) => readonly string[];
  /**
   * Checks who sends a body, before anything is done with it; throws what refuses it. False: it is passed
   * over without a word.
   */
  readonly admit: (link: LinkSession, message: LinkMessage) => boolean;
}

/** All links of the steward, those that it dials and those that it is dialed by; `docs/protocol.md` §9.2. */
export class LinkHub {
  readonly table = new LinkTable();
  readonly desk = new LinkDesk();
  private readonly deps: LinkHubDeps;
  private readonly dialers = new Map<string, Dialer>();
  private readonly pingers = new Map<LinkSession, LinkPinger>();
  private readonly responders = new Map<Session, ResponderLink>();
  private isStopped = false;

  constructor(deps: LinkHubDeps) {
    this.deps = deps;
  }

  /** Keeps links with these stewards from now on, and dials no others. */
  reach(nodeIds: ReadonlySet<string>): void {
    if (this.isStopped) return;
    for (const [nodeId, dialer] of this.dialers) {
      if (nodeIds.has(nodeId)) continue;
      dialer.stop();
      this.dialers.delete(nodeId);
    }
    for (const nodeId of nodeIds) {
      if (nodeId === this.deps.key.nodeId || this.dialers.has(nodeId)) continue;
      this.dialers.set(nodeId, this.createDialer(nodeId));
    }
    for (const pinger of this.pingers.values()) pinger.refresh();
  }

  /** Notes that a steward takes part in a zone: after a break it is dialed soon. */
  accepted(nodeId: string): void {
    this.dialers.get(nodeId)?.accepted();
  }

  /** Ends all links; none is opened any more. */
  stop(): void {
    this.reach(new Set());
    this.isStopped = true;
    for (const link of this.table.list()) link.close("server_shutdown");
  }

  /**
   * Takes a Message of a session that another steward opened; the first one that is admitted makes it a link.
   * @throws StewardError 2001 or 2003
   */
  receive(session: Session, peer: Peer, message: LinkMessage): void {
    const { type } = message.body;
    if (message.to !== this.deps.key.nodeId || !isTaken(type)) {
      throw new StewardError(2003, {
        message: "Between stewards only bodies of replication are taken.",
      });
    }
    if (!peer.bound) {
      throw new StewardError(2001, {
        reason: "BOUND_REQUIRED",
        message: "Replication needs a session verified in the bound form.",
      });
    }
    const known = this.responders.get(session);
    const link = known ?? this.createResponder(session, peer);
    if (!this.isAdmitted(link, message)) return;
    if (known === undefined) this.openResponder(link, session);
    this.desk.take(link, message);
  }

  private isAdmitted(link: LinkSession, message: LinkMessage): boolean {
    try {
      return this.deps.admit(link, message);
    } catch (error) {
      link.refuse(error, message.id);
      return false;
    }
  }

  private createResponder(session: Session, peer: Peer): ResponderLink {
    const { key, now, log } = this.deps;
    return new ResponderLink(session, peer, { ownNodeId: key.nodeId, now, log });
  }

  private openResponder(link: ResponderLink, session: Session): void {
    const { config } = this.deps;
    const others = this.table.listOf(link.nodeId).filter(({ isDialed }) => !isDialed);
    if (others.length >= config.links_per_node) others[0]?.close("replaced");
    this.responders.set(session, link);
    const pinger = this.createPinger(link, (ts) => session.send("ping", { ts }));
    session.becomeLink({
      unsentBytesMax: config.link_unsent_bytes_max,
      onFrame: () => pinger.heard(),
      onPong: (echo) => pinger.answered(echo),
      onError: (error) => this.onError(link, error),
      onEnd: () => {
        this.responders.delete(session);
        this.close(link);
      },
    });
    this.opened(link, pinger);
  }

  private createDialer(nodeId: string): Dialer {
    const { key } = this.deps;
    const identity = {
      nodeId: key.nodeId,
      publicKey: key.publicKey,
      sign: async (content: Uint8Array) => key.sign(content),
    };
    return new Dialer(nodeId, { ...this.deps, identity }, () => this.createDialed(nodeId));
  }

  private createDialed(nodeId: string): DialedSession {
    const { key, now, log, store, config } = this.deps;
    const deps = { ownNodeId: key.nodeId, now, log };
    const unsentBytesMax = config.link_unsent_bytes_max;
    let link: DialedLink | undefined;
    let pinger: LinkPinger | undefined;
    return {
      handlers: {
        onMessage: (message) => link && this.onMessage(link, message),
        onAck: () => {},
        onError: (error) => link && this.onError(link, error),
        onProblem: (error) => log.warn({ node: nodeId, err: error }, "a steward sent what is none"),
        onPong: (echo) => pinger?.answered(echo),
        onFrame: () => pinger?.heard(),
      },
      onUp: (connection: Connection) => {
        const gate = (run: () => void) => store.gate(run);
        const dialed = new DialedLink(connection, { ...deps, gate, unsentBytesMax });
        link = dialed;
        pinger = this.createPinger(dialed, (ts) => dialed.ping(ts));
        this.opened(dialed, pinger);
      },
      onDown: () => link && this.close(link),
    };
  }

  private onMessage(link: DialedLink, message: AtlasMessage): void {
    const { key, log } = this.deps;
    try {
      const body = PackedBody.parse(message.body);
      const isOurs = message.from === link.nodeId && message.to === key.nodeId;
      if (!isOurs || !isTaken(body.type)) throw new StewardError(2003);
      const taken = { ...message, body };
      if (this.isAdmitted(link, taken)) this.desk.take(link, taken);
    } catch (error) {
      log.warn({ node: link.nodeId, err: error }, "a steward's message is dropped");
    }
  }

  private onError(link: LinkSession, error: MessageFields<"error">): void {
    const { code, reason, message } = error;
    this.deps.log.debug({ node: link.nodeId, code, reason }, `a steward refuses: ${message}`);
    this.desk.refused(link, error);
  }

  private createPinger(link: LinkSession, sendPing: (ts: number) => void): LinkPinger {
    const { nowMs, monotonicMs, leaseMsOf } = this.deps;
    return new LinkPinger({
      nowMs,
      monotonicMs,
      leaseMs: () => leaseMsOf(link.nodeId),
      sendPing,
      onPong: (sentAtMs) => this.desk.pong(link, sentAtMs),
      onSilent: () => link.close("idle"),
    });
  }

  private opened(link: LinkSession, pinger: LinkPinger): void {
    this.table.add(link);
    this.pingers.set(link, pinger);
    pinger.refresh();
    this.desk.up(link);
  }

  private close(link: LinkSession): void {
    this.pingers.get(link)?.stop();
    this.pingers.delete(link);
    this.table.remove(link);
    this.desk.down(link);
  }
}

function isTaken(type: string): boolean {
  return isLinkBodyType(type) || OTHER_TYPES.has(type);
}
