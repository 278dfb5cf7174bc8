import type { HandlerTable } from "./actions/action-table.ts";
import { ProviderPool } from "./actions/provider-pool.ts";
import type { Counters } from "./base/counters.ts";
import type { Logger } from "./base/log.ts";
import type { NodeKey } from "./identity/node-key.ts";
import type { SignatureVerifier } from "./identity/verify.ts";
import type { PaymentPort } from "./payments/port.ts";
import type { RequestDeps } from "./requests/deps.ts";
import { handleEscrow } from "./requests/handlers/escrow.ts";
import { handlePayment } from "./requests/handlers/payment.ts";
import { handleProvide, type ProvideDeps } from "./requests/handlers/provide.ts";
import { handleReceipt } from "./requests/handlers/receipt.ts";
import { handleRequest } from "./requests/handlers/request.ts";
import { handleResult } from "./requests/handlers/result.ts";
import { ActionRunner } from "./requests/runner.ts";
import { Waiters } from "./requests/waiters.ts";
import type { Store } from "./store/database.ts";
import { createInviteQueries } from "./store/zones/invites.ts";
import { createProviderQueries } from "./store/zones/providers.ts";
import { createRequestQueries } from "./store/zones/requests.ts";
import { createZoneQueries } from "./store/zones/zones.ts";
import type { StewardBody } from "./wire/zone-replies.ts";
import type { ZoneHandlers } from "./zones/call.ts";
import type { ZonesConfig } from "./zones/config.ts";
import { handleApprove } from "./zones/handlers/approve.ts";
import { type CreateDeps, handleCreate, handleUpdate } from "./zones/handlers/create.ts";
import { handleDiscover } from "./zones/handlers/discover.ts";
import { handleHistory } from "./zones/handlers/history.ts";
import { handleInspect } from "./zones/handlers/inspect.ts";
import { handleJoin, type JoinDeps } from "./zones/handlers/join.ts";
import { handleLeave } from "./zones/handlers/leave.ts";
import { handleMembers } from "./zones/handlers/members.ts";
import { handleMessage } from "./zones/handlers/message.ts";
import { handleBan, handleInvite, handleUnban } from "./zones/handlers/moderate.ts";
import type { ZoneHostDeps } from "./zones/hosting/host.ts";
import { LogRoom } from "./zones/log/log-room.ts";
import { Rooms } from "./zones/log/rooms.ts";
import type { InvitationDeps } from "./zones/members/invitations.ts";
import { ParamsChecker } from "./zones/params/check.ts";
import { ZoneReader } from "./zones/zone.ts";
import { ZoneLimiter, type ZoneLimiterOptions } from "./zones/zone-limiter.ts";

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
