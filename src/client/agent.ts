import { createId } from "../protocol/ids.ts";
import type { JsonObject, JsonValue } from "../protocol/json.ts";
import { AgentCore, type AgentEvents } from "./agent-core.ts";
import { AgentError, asAgentError } from "./agent-error.ts";
import { type AgentOptions, parseAgentOptions } from "./agent-options.ts";
import { type BodyFields, toParams } from "./calls/ask.ts";
import { type DirectoryPage, type LogPage, type MembersPage, parseReply } from "./calls/replies.ts";
import { type CallOptions, createDeadline, type Deadline } from "./deadline.ts";
import { type DirectOptions, type DirectSent, sendDirect } from "./inbox/direct.ts";
import type { ActionHandlers } from "./inbox/providing.ts";
import type { Peer } from "./link/handshake.ts";
import { CreatorMethods } from "./methods/creator-methods.ts";
import { EscrowMethods } from "./methods/escrow-methods.ts";
import {
  type JoinedZone,
  type JoinOptions,
  joinZone,
  leaveZone,
  type SendOptions,
  sendMessage,
} from "./methods/membership.ts";
import type { PromoteOptions, Promotion } from "./methods/promote.ts";
import { createKeyedLock, parseMaxAmount, type RequestInput, useLedger } from "./requests/pay.ts";
import { type ActionOutcome, type RequestDeps, runRequest, toOutcome } from "./requests/request.ts";
import { toZoneInfo, type ZoneInfo } from "./zones/info.ts";
import { parseLogPage } from "./zones/log-page.ts";

export type { ErrorCategory, Recovery } from "../error-catalogue.ts";
export { type ForeignFailure, findForeignFailure } from "../foreign-errors.ts";
export {
  createOperatorMessage,
  type OperatorBinding,
  type OperatorMessageInput,
} from "../protocol/operator-binding.ts";
export type { PayloadCodec } from "../wire/compression.ts";
export type { AgentEvents } from "./agent-core.ts";
export { AgentError, CLIENT_ERRORS, type ClientErrorCode } from "./agent-error.ts";
export type { AgentOptions } from "./agent-options.ts";
export type { SendLimits } from "./calls/pacer.ts";
export type { DirectoryPage, LogPage, MembersPage } from "./calls/replies.ts";
export type { CallOptions } from "./deadline.ts";
export type { DirectMessage, DirectOptions, DirectSent } from "./inbox/direct.ts";
export type { ActionHandler, ActionHandlers, Invocation } from "./inbox/providing.ts";
export type { ReconnectOptions } from "./link/backoff.ts";
export { type DecodedFrame, decodeFrame, type FrameTap, type WireFrame } from "./link/frame-tap.ts";
export type { Peer } from "./link/handshake.ts";
export type { AgentKey } from "./link/node-identity.ts";
export type { BanOptions, Invitation, InviteOptions } from "./methods/creator.ts";
export type { CreatorMethods } from "./methods/creator-methods.ts";
export type { EscrowMethods } from "./methods/escrow-methods.ts";
export type { JoinedZone, JoinOptions, SendOptions } from "./methods/membership.ts";
export type { PromoteOptions, Promotion } from "./methods/promote.ts";
export type { AgentWallet } from "./requests/authorization.ts";
export type { ChainSettings } from "./requests/chain-settings.ts";
export type { EscrowChange, EscrowInfo } from "./requests/escrow.ts";
export { createMemoryLedger, type LedgerEntry, type PaymentLedger } from "./requests/ledger.ts";
export type { ActionOutcome } from "./requests/request.ts";
export type { ZoneChange, ZoneInput } from "./zones/draft.ts";
export { createMemoryEnvelopes, type EnvelopeStore } from "./zones/envelope-store.ts";
export type { ZoneInfo } from "./zones/info.ts";
export type { RewoundEntries } from "./zones/rewind.ts";
export type { SkippedEntries } from "./zones/sync.ts";

/** Milliseconds a request may take by default: settlement and the action itself included. */
const REQUEST_TIMEOUT_MS = 120_000;

/** Requests whose zone is remembered, to ask its stewards for the receipt. */
const REQUESTS_REMEMBERED_MAX = 10_000;

/** An agent's verified, reconnecting session with a steward; interfaces: SDK, `docs/protocol.md`. */
export class Agent {
  /** For zones this agent created; `docs/protocol.md` §6. */
  readonly creator: CreatorMethods;
  /** For money this agent put in escrow; `docs/protocol.md` §8. */
  readonly escrows: EscrowMethods;
  readonly #core: AgentCore;
  readonly #requests: RequestDeps;
  readonly #requestZones = new Map<string, string>();

  private constructor(core: AgentCore) {
    this.#core = core;
    this.creator = new CreatorMethods(core);
    this.escrows = new EscrowMethods(core);
    const { identity, wallet, chains, ledger } = core.settings;
    this.#requests = {
      nodeId: identity.nodeId,
      ask: core.ask,
      finals: core.finals,
      wallet,
      chains,
      ledger,
      lock: createKeyedLock(),
      stewardKey: () => core.peer.publicKey,
      getZone: (zoneId, deadline) => core.getZone(zoneId, deadline),
      inspectZone: (zoneId, deadline) => core.inspectZone(zoneId, deadline),
    };
  }

  /**
   * Connects and proves both sides' identities; `docs/protocol.md` §3. Of several URLs, such as those of
   * one zone's stewards, the first that answers is taken.
   * @throws AgentError why the first could not be connected to
   */
  static async connect(wireUrl: string | readonly string[], options: AgentOptions): Promise<Agent> {
    const urls = typeof wireUrl === "string" ? [wireUrl] : wireUrl;
    const settings = await Promise.all(urls.map((url) => parseAgentOptions(url, options)));
    const signal = options.signal ?? new AbortController().signal;
    let refusal = new AgentError("invalid_input", { message: "wireUrl: expected one at least." });
    for (const [index, each] of settings.entries()) {
      try {
        return new Agent(await AgentCore.open(each, signal));
      } catch (error) {
        if (index === 0) refusal = asAgentError(error, "connection_failed");
        if (signal.aborted) break;
      }
    }
    throw refusal;
  }

  /** The agent's own node id. */
  get nodeId(): string {
    return this.#core.settings.identity.nodeId;
  }

  /** The steward of the newest session. */
  get steward(): Peer {
    return this.#core.peer;
  }

  /** Adds a listener; the returned function removes it. Listeners are called synchronously. */
  on<Name extends keyof AgentEvents>(
    name: Name,
    listener: (value: AgentEvents[Name]) => void,
  ): () => void {
    return this.#core.on(name, listener);
  }

  /** Lists zones; entries are the steward's word until inspected; `docs/protocol.md` §6. */
  async discover(
    query: {
      type?: string;
      topic?: string;
      keyword?: string;
      limit?: number;
      cursor?: string;
    } = {},
    options: CallOptions = {},
  ): Promise<DirectoryPage> {
    const { limit, cursor, ...filter } = query;
    const fields = { type: "zone.discover", filter, limit, cursor };
    return parseReply("zone.directory", await this.#ask(fields, options));
  }

  /** Reads a zone's envelope and verifies its creator's signature; `docs/protocol.md` §6. */
  async inspect(zoneId: string, options: CallOptions = {}): Promise<ZoneInfo> {
    const { zone, ...shown } = await this.#core.inspect(zoneId, this.#deadline(options));
    return toZoneInfo(zone, shown);
  }

  /**
   * Joins a zone that names the connected node in its signed steward_set, and from then on hands on its
   * messages and events, over reconnects too; `docs/protocol.md` §6.
   */
  async join(zoneId: string, options: JoinOptions = {}): Promise<JoinedZone> {
    return joinZone(this.#core, zoneId, { ...options, deadline: this.#deadline(options) });
  }

  /** The last position of a joined zone that was handed on; keep it to join with `afterSeq` later. */
  lastSeq(zoneId: string): number | undefined {
    return this.#core.sync.findLastSeq(zoneId);
  }

  /** The epoch that `lastSeq` is of; keep it to join with `afterEpoch`; `docs/protocol.md` §9.14. */
  lastEpoch(zoneId: string): number | undefined {
    return this.#core.sync.findLastEpoch(zoneId);
  }

  /** Leaves a zone. */
  async leave(zoneId: string, options: CallOptions = {}): Promise<void> {
    await leaveZone(this.#core, zoneId, this.#deadline(options));
  }

  /**
   * Sends a message to a zone's members. Sending the same `id` and content again is safe: it has one
   * place in the log; `docs/protocol.md` §6.
   */
  async send(
    zoneId: string,
    content: JsonValue,
    options: SendOptions = {},
  ): Promise<{ id: string; seq: number }> {
    const deadline = this.#deadline(options);
    return sendMessage(this.#core, { zoneId, content, ...options, deadline });
  }

  /**
   * Sends a message to one node that shares a zone with this one, signed; `docs/protocol.md` §5.
   * @param body a map with a string `type`
   */
  async sendDirect(
    nodeId: string,
    body: BodyFields,
    options: DirectOptions = {},
  ): Promise<DirectSent> {
    const deadline = this.#deadline(options);
    return sendDirect(this.#core.outbox, { ...options, nodeId, body, deadline });
  }

  /** Reads a page of a zone's log, its hash chain and signatures checked; `docs/protocol.md` §6. */
  async history(
    zoneId: string,
    options: CallOptions & { afterSeq?: number; limit?: number } = {},
  ): Promise<LogPage> {
    const { afterSeq = 0, limit } = options;
    const fields = { type: "zone.history", zone_id: zoneId, after_seq: afterSeq, limit };
    const body = await this.#ask(fields, options);
    const { page, primaryHead } = await parseLogPage(body, {
      zoneId,
      afterSeq,
      isSteward: (nodeId) => this.#core.isSteward(zoneId, nodeId),
      findPrimary: (epoch) => this.#core.findPrimaryOf(zoneId, epoch),
    });
    if (primaryHead !== undefined) this.#core.heads.take(primaryHead, page.entries);
    return page;
  }

  /** Lists a zone's members. */
  async members(
    zoneId: string,
    options: CallOptions & { cursor?: string; limit?: number } = {},
  ): Promise<MembersPage> {
    const { cursor, limit } = options;
    const fields = { type: "zone.members", zone_id: zoneId, cursor, limit };
    return parseReply("zone.member_list", await this.#ask(fields, options));
  }

  /**
   * Asks for an action and, where `pay` allows it, pays: quote and nonce are checked, one authorization
   * is signed and recorded, the final answer awaited. Repeat a request that failed in between with the
   * same `requestId`: it is not paid twice; `docs/protocol.md` §8.
   */
  async request(
    zoneId: string,
    action: string,
    params: unknown = {},
    options: CallOptions & { pay?: { maxAmount: bigint | string }; requestId?: string } = {},
  ): Promise<ActionOutcome> {
    const input: RequestInput = {
      requestId: options.requestId ?? createId("req"),
      zoneId,
      action,
      params: toParams(params),
      maxAmount: options.pay && parseMaxAmount(options.pay.maxAmount),
      deadline: createDeadline(options, REQUEST_TIMEOUT_MS),
    };
    this.#rememberZone(input);
    return runRequest(this.#requests, input);
  }

  /**
   * Reads what became of an earlier request; undefined while there is no final answer. `zoneId` says
   * whose stewards to ask where this agent did not make the request itself.
   */
  async receipt(
    requestId: string,
    options: CallOptions & { zoneId?: string } = {},
  ): Promise<ActionOutcome | undefined> {
    const deadline = this.#deadline(options);
    const zoneId = options.zoneId ?? (await this.#findRequestZone(requestId));
    if (zoneId !== undefined && this.#core.book.find(zoneId) === undefined) {
      await this.#core.inspect(zoneId, deadline);
    }
    const { body } = await this.#core.ask(
      {
        type: "zone.receipt",
        request_id: requestId,
        ...(zoneId !== undefined && { zone_id: zoneId }),
      },
      { deadline, ...(zoneId !== undefined && { zoneId }) },
    );
    return body.type === "zone.pending" ? undefined : toOutcome(body, requestId, undefined);
  }

  /** Offers actions of a zone that approved this agent as provider; `docs/protocol.md` §6. */
  async provide(
    zoneId: string,
    handlers: ActionHandlers,
    options: CallOptions = {},
  ): Promise<void> {
    await this.#core.providing.provide(zoneId, handlers, this.#deadline(options));
  }

  /** As `creator.promote`: names another steward of a zone this agent created primary; §9.8. */
  async promote(zoneId: string, nodeId: string, options: PromoteOptions = {}): Promise<Promotion> {
    return this.creator.promote(zoneId, nodeId, options);
  }

  /**
   * Sends any zone body and returns the body that answers it: for message types this class has no
   * method for. Nothing is checked or signed on the way; a zone.error is thrown.
   */
  async call(fields: BodyFields, options: CallOptions = {}): Promise<JsonObject> {
    return this.#ask(fields, options);
  }

  /** Ends the session; calls that still wait fail with `closed`. */
  async close(): Promise<void> {
    await this.#core.close();
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #rememberZone({ requestId, zoneId }: RequestInput): void {
    this.#requestZones.delete(requestId);
    this.#requestZones.set(requestId, zoneId);
    const oldest = this.#requestZones.keys().next().value;
    if (this.#requestZones.size > REQUESTS_REMEMBERED_MAX && oldest !== undefined) {
      this.#requestZones.delete(oldest);
    }
  }

  async #findRequestZone(requestId: string): Promise<string | undefined> {
    const known = this.#requestZones.get(requestId);
    if (known !== undefined) return known;
    const entries = await useLedger(async () => this.#core.settings.ledger.list?.());
    return entries?.find((entry) => entry.requestId === requestId)?.zoneId;
  }

  #deadline(options: CallOptions): Deadline {
    return createDeadline(options, this.#core.settings.timeoutMs);
  }

  async #ask(fields: BodyFields, options: CallOptions) {
    return (await this.#core.ask(fields, { deadline: this.#deadline(options) })).body;
  }
}
