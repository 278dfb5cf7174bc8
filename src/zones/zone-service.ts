import type { Counters } from "../counters.ts";
import type { NodeKey } from "../identity/node-key.ts";
import type { SignatureVerifier } from "../identity/verify.ts";
import type { Logger } from "../log.ts";
import type { Store } from "../store/database.ts";
import { createInviteQueries } from "../store/invite-queries.ts";
import { createProviderQueries } from "../store/provider-queries.ts";
import { createRequestQueries } from "../store/request-queries.ts";
import { createZoneQueries } from "../store/zone-queries.ts";
import type { StewardBody } from "../wire/zone-replies.ts";
import type { HandlerTable } from "./actions/handler-table.ts";
import { ParamsChecker } from "./actions/params.ts";
import { ProviderPool } from "./actions/provider-pool.ts";
import type { ZoneHandlers } from "./call.ts";
import type { ZonesConfig } from "./config.ts";
import { handleApprove } from "./handlers/approve.ts";
import { type CreateDeps, handleCreate, handleUpdate } from "./handlers/create.ts";
import { handleDiscover } from "./handlers/discover.ts";
import { handleEscrow } from "./handlers/escrow.ts";
import { handleHistory } from "./handlers/history.ts";
import { handleInspect } from "./handlers/inspect.ts";
import { handleJoin, type JoinDeps } from "./handlers/join.ts";
import { handleLeave } from "./handlers/leave.ts";
import { handleMembers } from "./handlers/members.ts";
import { handleMessage } from "./handlers/message.ts";
import { handleBan, handleInvite, handleUnban } from "./handlers/moderate.ts";
import { handlePayment } from "./handlers/payment.ts";
import { handleProvide, type ProvideDeps } from "./handlers/provide.ts";
import { handleReceipt } from "./handlers/receipt.ts";
import { handleRequest } from "./handlers/request.ts";
import { handleResult } from "./handlers/result.ts";
import type { InvitationDeps } from "./invitations.ts";
import { LogRoom } from "./log-room.ts";
import type { PaymentPort } from "./payment-port.ts";
import { ActionRunner } from "./requests/action-runner.ts";
import type { RequestDeps } from "./requests/deps.ts";
import { Waiters } from "./requests/waiters.ts";
import { Rooms } from "./rooms.ts";
import { ZoneReader } from "./zone.ts";
import type { ZoneHostDeps } from "./zone-host.ts";
import { ZoneLimiter, type ZoneLimiterOptions } from "./zone-limiter.ts";

export interface ZoneServiceOptions {
  readonly store: Store;
  readonly verifier: SignatureVerifier;
  readonly key: NodeKey;
  readonly nowMs: () => number;
  readonly monotonicMs: ZoneLimiterOptions["monotonicMs"];
  readonly delay: ZoneLimiterOptions["delay"];
  readonly config: ZonesConfig;
  readonly messagesPerMinute: number;
  readonly actionHandlers: HandlerTable;
  readonly payments: () => PaymentPort | undefined;
  readonly push: (nodeId: string, body: StewardBody, replyTo: string) => void;
  readonly wireUrls: () => readonly string[];
  readonly log: Logger;
  readonly counters: Counters;
  readonly onEnvelope: NonNullable<ZoneHostDeps["onEnvelope"]>;
}

/** Everything zone functions need, put together once. */
export interface ZoneService
  extends RequestDeps,
    CreateDeps,
    JoinDeps,
    InvitationDeps,
    ProvideDeps {
  readonly key: NodeKey;
  readonly retention: ZonesConfig["retention"];
}

/** Puts the zone domain together. */
export function createZoneService(options: ZoneServiceOptions): ZoneService {
  const { store, key, nowMs, monotonicMs, config } = options;
  const ownNodeId = key.nodeId;
  const now = () => Math.floor(nowMs() / 1000);
  const queries = createZoneQueries(store);
  const requests = createRequestQueries(store);
  const waiters = new Waiters();
  const rooms = new Rooms(ownNodeId, now);
  const providers = createProviderQueries(store);
  const providerPool = new ProviderPool({ store, rooms, providers, queries, now });
  options.actionHandlers.start({ pool: providerPool, nowMs, monotonicMs });
  const runner = new ActionRunner({
    store,
    requests,
    handlers: options.actionHandlers,
    payments: options.payments,
    waiters,
    push: options.push,
    now,
    log: options.log,
    freeAnswerSecs: config.free_answer_secs,
    paidAnswerSecs: config.paid_answer_secs,
  });
  return {
    store,
    queries,
    requests,
    requestLimits: config,
    hostLimits: config,
    placeLimits: config,
    counters: options.counters,
    waiters,
    runner,
    now,
    key,
    ownNodeId,
    log: options.log,
    onEnvelope: options.onEnvelope,
    invites: createInviteQueries(store),
    creation: config.creation,
    retention: config.retention,
    zones: new ZoneReader(queries),
    rooms,
    providers,
    providerPool,
    paramsChecker: new ParamsChecker(),
    logRoom: new LogRoom({ ...options, queries }),
    limiter: new ZoneLimiter({ ...options, perMinute: options.messagesPerMinute }),
    verifier: options.verifier,
    handlers: options.actionHandlers,
    payments: options.payments,
    paymentWaitMs: config.payment_wait_ms,
    wireUrls: options.wireUrls,
  };
}

/** Returns the handler of each body type agents may send. */
export function createZoneHandlers(service: ZoneService): ZoneHandlers {
  return {
    "zone.create": handleCreate(service),
    "zone.update": handleUpdate(service),
    "zone.ban": handleBan(service),
    "zone.unban": handleUnban(service),
    "zone.invite": handleInvite(service),
    "zone.discover": handleDiscover(service),
    "zone.inspect": handleInspect(service),
    "zone.join": handleJoin(service),
    "zone.leave": handleLeave(service),
    "zone.message": handleMessage(service),
    "zone.history": handleHistory(service),
    "zone.members": handleMembers(service),
    "zone.request": handleRequest(service),
    "zone.payment": handlePayment(service),
    "zone.receipt": handleReceipt(service),
    "zone.escrow": handleEscrow(service),
    "zone.provide": handleProvide(service),
    "zone.result": handleResult(service),
    "zone.approve": handleApprove(service),
  };
}
