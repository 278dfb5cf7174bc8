import { createId } from "../protocol/ids.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { Body } from "../wire/body.ts";
import type { AtlasMessage } from "../wire/messages.ts";
import type { ZoneEventDelivery, ZoneMessageDelivery } from "../wire/zone-replies.ts";
import { AgentError, asAgentError, toAgentError } from "./agent-error.ts";
import type { AgentSettings } from "./agent-options.ts";
import { type Ask, createAsk } from "./calls/ask.ts";
import { Finals } from "./calls/finals.ts";
import { Outbox } from "./calls/outbox.ts";
import { Pacer, TIER_LIMITS } from "./calls/pacer.ts";
import type { Delivery } from "./calls/replies.ts";
import { findBody, parseDelivery, parseReply } from "./calls/replies.ts";
import { createSealer } from "./calls/seal.ts";
import { openVisit } from "./calls/visit.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { Emitter } from "./emitter.ts";
import { DirectInbox, type DirectMessage } from "./inbox/direct.ts";
import { Providing } from "./inbox/providing.ts";
import type { Connection } from "./link/connection.ts";
import type { Peer } from "./link/handshake.ts";
import { type DialTarget, Link, type LinkHandlers } from "./link/link.ts";
import { type EscrowChange, findEscrowChange } from "./requests/escrow.ts";
import { StewardFinder } from "./steward-finder.ts";
import { ZoneBook } from "./zones/book.ts";
import { assertSteward, isNamed, type VerifiedZone } from "./zones/envelope.ts";
import { PrimaryHeads } from "./zones/primary-heads.ts";
import type { RewoundEntries } from "./zones/rewind.ts";
import { type SkippedEntries, ZoneSync } from "./zones/sync.ts";

/** What an agent tells its user, by event name. */
export interface AgentEvents {
  /** A message of a joined zone, each once and in order of `seq`; not those this agent sent. */
  message: ZoneMessageDelivery;
  /** An event of a joined zone, in the same sequence. */
  event: ZoneEventDelivery;
  /** Money this agent put in escrow changed its status, by whomever. */
  escrow: EscrowChange;
  /** Positions that the steward removed before this agent could read them. */
  skipped: SkippedEntries;
  /** Positions that were handed on and are not the zone's any more; what is there now follows. */
  rewound: RewoundEntries;
  /** A message another node sent to this one alone, each once; held until somebody listens. */
  direct: DirectMessage;
  /** The connection ended. */
  disconnect: { readonly error: AgentError; readonly willReconnect: boolean };
  /** A new session stands; what was missed follows as `message` and `event`. */
  reconnect: { readonly steward: Peer };
  /** The agent ended for good; `error` is undefined where the user closed it. */
  close: { readonly error: AgentError | undefined };
  /** Something went wrong that no call waits for. */
  error: AgentError;
}

/** Milliseconds to ask who the stewards of a zone are while its calls wait. */
const RENEWAL_TIMEOUT_MS = 10_000;

/** How often a call looks for a steward that its zone names. */
const MOVES_MAX = 3;

/** The parts of one agent, joined: frames come in here and go to the part they are for. */
export class AgentCore {
  readonly settings: AgentSettings;
  readonly emitter = new Emitter<AgentEvents>();
  readonly finals = new Finals();
  readonly book: ZoneBook;
  readonly sync: ZoneSync;
  readonly providing: Providing;
  readonly ask: Ask;
  readonly outbox: Outbox;
  readonly heads = new PrimaryHeads();
  readonly stewards: StewardFinder;
  readonly #inbox: DirectInbox;
  readonly #pacer: Pacer;
  #link: Link | undefined;
  #peer: Peer | undefined;
  #closedByUser = false;
  /** Ends what other sessions are asked. */
  readonly #stop = new AbortController();

  private constructor(settings: AgentSettings) {
    this.settings = settings;
    this.book = new ZoneBook((zoneId) => this.sync.has(zoneId));
    this.#pacer = new Pacer(typeof settings.pacing === "object" ? settings.pacing : undefined);
    const report = (error: AgentError) => this.emitter.emit("error", error);
    this.stewards = this.#createStewards(report);
    this.outbox = new Outbox({
      from: settings.identity.nodeId,
      pacer: this.#pacer,
      stewards: this.stewards,
      seal: createSealer(settings.identity, {
        findPrimary: (zoneId) => this.book.findPrimary(zoneId),
        isReplicated: (zoneId) => this.stewards.isReplicated(zoneId),
      }),
    });
    this.ask = withRequestId(createAsk(this.outbox));
    this.sync = this.#createSync(report);
    this.#inbox = new DirectInbox({
      ownNodeId: settings.identity.nodeId,
      isWanted: () => this.emitter.has("direct"),
      deliver: (message) => this.emitter.emit("direct", message),
      acknowledge: (id) => this.#acknowledge(id),
      report,
    });
    this.providing = new Providing({
      ask: this.ask,
      post: async (body, options) => {
        await this.outbox.call({ body, repeatable: true, until: "ack", ...options });
      },
      report,
    });
  }

  /** Adds a listener; the returned function removes it. */
  on<Name extends keyof AgentEvents>(
    name: Name,
    listener: (value: AgentEvents[Name]) => void,
  ): () => void {
    const remove = this.emitter.on(name, listener);
    if (name === "direct") this.#inbox.pump();
    return remove;
  }

  /** Dials and starts; throws AgentError. */
  static async open(settings: AgentSettings, signal: AbortSignal): Promise<AgentCore> {
    const core = new AgentCore(settings);
    try {
      core.#link = await Link.open(settings.link, core.#createHandlers(), signal);
    } catch (error) {
      throw asAgentError(error, signal.aborted ? "aborted" : "connection_failed");
    }
    return core;
  }

  /** The node of the newest session. */
  get peer(): Peer {
    if (this.#peer === undefined) throw new AgentError("closed");
    return this.#peer;
  }

  /** Ends everything; calls that still wait fail with `closed`. */
  async close(): Promise<void> {
    this.#closedByUser = true;
    await this.#link?.close(new AgentError("closed"));
  }

  /** Asks for a zone's newest envelope and verifies it, whoever hosts it. */
  async inspect(zoneId: string, deadline: Deadline) {
    return this.#inspect(zoneId, { deadline });
  }

  async #inspect(zoneId: string, options: { deadline: Deadline; isRenewal?: boolean }) {
    const { body } = await this.ask({ type: "zone.inspect", zone_id: zoneId }, options);
    const reply = parseReply("zone.manifest", body);
    const zone = await this.#acceptOrKeep(zoneId, reply.envelope);
    this.sync.noteEpochSeq(zoneId, reply.epoch_seq);
    this.stewards.noteEnvelope(zone);
    return { ...reply, zone };
  }

  /** A replica that has not heard of the newest epoch yet shows an earlier one, which is not gone back to. */
  async #acceptOrKeep(zoneId: string, envelope: JsonObject): Promise<VerifiedZone> {
    try {
      return await this.book.accept(zoneId, envelope);
    } catch (thrown) {
      const error = asAgentError(thrown, "envelope_invalid");
      const known = this.book.find(zoneId);
      const isBehind = error.reason === "ROLLBACK" && this.stewards.isReplicated(zoneId);
      if (known === undefined || !isBehind) throw error;
      this.stewards.noteRefusal(zoneId, error);
      return known;
    }
  }

  /** As `inspect`, and makes sure that the connected node acts for the zone, or moves to one that does. */
  async inspectZone(zoneId: string, deadline: Deadline): Promise<VerifiedZone> {
    for (let attempt = 1; ; attempt++) {
      const { zone } = await this.inspect(zoneId, deadline);
      const isJoined = this.sync.listJoined().includes(zoneId);
      const isLast = attempt >= MOVES_MAX || !isJoined || !this.stewards.isReplicated(zoneId);
      if (isLast || isNamed(zone, this.peer.nodeId)) {
        assertSteward(zone, this.peer.nodeId);
        return zone;
      }
      await this.#link?.move();
    }
  }

  /** The newest known envelope; asks only where none is known or a newer one exists. */
  async getZone(zoneId: string, deadline: Deadline): Promise<VerifiedZone> {
    const zone = this.book.findFresh(zoneId);
    const isUsable = zone !== undefined && isNamed(zone, this.peer.nodeId);
    return isUsable ? zone : this.inspectZone(zoneId, deadline);
  }

  /** Whether a node may speak for a zone: by its signed steward_set, or as the connected node. */
  isSteward(zoneId: string, nodeId: string): boolean {
    const stewards = this.book.find(zoneId)?.manifest.steward_set ?? [];
    return nodeId === this.#peer?.nodeId || stewards.some((ref) => ref.node_id === nodeId);
  }

  /** The primary of a zone's newest epoch; of earlier ones the agent may not know it. */
  findPrimaryOf(zoneId: string, epoch: number): string | undefined {
    const isNewest = this.book.find(zoneId)?.envelope.epoch === epoch;
    return isNewest ? this.book.findPrimary(zoneId) : undefined;
  }

  #createStewards(report: (error: AgentError) => void): StewardFinder {
    const { dial, allowInsecure } = this.settings.link;
    return new StewardFinder({
      book: this.book,
      allowInsecure,
      firstUrl: dial.url,
      findPeer: () => this.#peer,
      listJoined: () => this.sync.listJoined(),
      inspect: (zoneId) =>
        this.#inspect(zoneId, {
          deadline: createDeadline({}, RENEWAL_TIMEOUT_MS),
          isRenewal: true,
        }),
      look: (target, zoneId) => this.#look(target, zoneId),
      renew: (zoneId) => this.outbox.renew(zoneId),
      move: () => this.#link?.move(),
      report,
    });
  }

  async #look(target: DialTarget, zoneId: string): Promise<JsonObject> {
    const { identity, link } = this.settings;
    const visit = await openVisit(identity, { ...link.dial, ...target }, this.#stop.signal);
    try {
      return await askForEnvelope(visit.ask, zoneId, createDeadline({}, RENEWAL_TIMEOUT_MS));
    } finally {
      await visit.close();
    }
  }

  #createSync(report: (error: AgentError) => void): ZoneSync {
    return new ZoneSync({
      ask: this.ask,
      deliver: (delivery) => this.#deliver(delivery),
      skip: (skipped) => this.emitter.emit("skipped", skipped),
      rewind: (rewound) => this.emitter.emit("rewound", rewound),
      ownNodeId: this.settings.identity.nodeId,
      heads: this.heads,
      stewards: {
        isSteward: (zoneId, nodeId) => this.isSteward(zoneId, nodeId),
        findPrimaryOf: (zoneId, epoch) => this.findPrimaryOf(zoneId, epoch),
        isReplicated: (zoneId) => this.stewards.isReplicated(zoneId),
        renew: (zoneId) => this.outbox.renew(zoneId),
      },
      report,
    });
  }

  #createHandlers(): LinkHandlers {
    return {
      findOthers: () => this.stewards.findOthers(),
      onUp: (connection) => this.#onUp(connection),
      onDown: (error, willReconnect) => {
        this.outbox.detach(error);
        this.emitter.emit("disconnect", { error, willReconnect });
      },
      onEnd: (error) => {
        this.sync.stop();
        this.stewards.stop();
        this.#stop.abort(error);
        this.outbox.close(error);
        this.emitter.emit("close", { error: this.#closedByUser ? undefined : error });
      },
      onMessage: (message) => this.#onMessage(message),
      onAck: (messageId, status) => this.outbox.takeAck(messageId, status),
      onError: (fields) => {
        if (!this.outbox.takeError(fields)) this.emitter.emit("error", toAgentError(fields));
      },
      onProblem: (error) => this.emitter.emit("error", error),
    };
  }

  #onUp(connection: Connection): void {
    const first = this.#peer === undefined;
    const isOther = !first && this.#peer?.nodeId !== connection.peer.nodeId;
    this.#peer = connection.peer;
    this.stewards.notePeer(connection.peer.nodeId, connection.url);
    // What waits for an answer may have to be signed to another primary by now.
    if (isOther) for (const zoneId of this.sync.listJoined()) this.outbox.renew(zoneId);
    if (this.settings.pacing === "tier") this.#pacer.setLimits(TIER_LIMITS[connection.peer.trust]);
    this.outbox.attach(connection);
    if (first) return;
    this.providing.resume();
    this.sync.resume();
    this.emitter.emit("reconnect", { steward: connection.peer });
  }

  #onMessage(message: AtlasMessage): void {
    const body = findBody(message.body);
    if (body === undefined || !this.#isBySteward(message, body)) return this.#inbox.take(message);
    if (this.outbox.takeReply(message, body)) return;
    if (body.type === "zone.event" && body.event === "escrow") return this.#takeEscrow(body);
    if (this.finals.take(body)) return;
    if (body.type === "zone.message" || body.type === "zone.event") {
      this.sync.take(parseDelivery(body));
    } else if (body.type === "zone.invoke") this.providing.take(body);
  }

  #takeEscrow(body: Body): void {
    const change = findEscrowChange(body, this.settings.chains);
    if (change !== undefined) return this.emitter.emit("escrow", change);
    const message = "The steward's news of an escrow is malformed.";
    this.emitter.emit("error", new AgentError("protocol_error", { message }));
  }

  /**
   * Other agents may write directly, and what they write must not pass for a steward's word: only the
   * connected node speaks, and for a zone its primary behind it.
   */
  #isBySteward(message: AtlasMessage, body: Body): boolean {
    if (message.from === this.#peer?.nodeId) return true;
    const asked = this.outbox.findZoneId(message.reply_to);
    const zoneIds = asked === undefined ? this.finals.listZoneIds(body) : [asked];
    if (zoneIds.length === 0 && typeof body.zone_id === "string") zoneIds.push(body.zone_id);
    return zoneIds.some((zoneId) => message.from === this.book.findPrimary(zoneId));
  }

  #acknowledge(messageId: string): void {
    this.#link?.connection?.send("message_ack", { msg_id: messageId, status: "received" });
  }

  #deliver(delivery: Delivery): void {
    if (delivery.type === "zone.message") return this.emitter.emit("message", delivery);
    if (delivery.event === "updated" || delivery.event === "stopped") {
      this.book.markStale(delivery.zone_id);
      this.stewards.noteChange(delivery.zone_id);
    }
    this.emitter.emit("event", delivery);
  }
}

async function askForEnvelope(ask: Ask, zoneId: string, deadline: Deadline): Promise<JsonObject> {
  const fields = { type: "zone.inspect", request_id: createId("req"), zone_id: zoneId };
  const { body } = await ask(fields, { deadline, repeatable: false });
  return parseReply("zone.manifest", body).envelope;
}

/** Gives every body a `request_id`; `docs/protocol.md` §6. */
function withRequestId(ask: Ask): Ask {
  return (fields, options) => ask({ request_id: createId("req"), ...fields }, options);
}
