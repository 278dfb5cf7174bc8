import type { SignatureVerifier } from "../identity/verify.ts";
import type { Logger } from "../log.ts";
import type { Store } from "../store/database.ts";
import { createRequestQueries } from "../store/request-queries.ts";
import { createZoneQueries } from "../store/zone-queries.ts";
import type { StewardBody } from "../wire/zone-replies.ts";
import type { HandlerTable } from "./actions/handler-table.ts";
import type { ZoneHandlers } from "./call.ts";
import type { ZonesConfig } from "./config.ts";
import { handleDiscover } from "./handlers/discover.ts";
import { handleHistory } from "./handlers/history.ts";
import { handleInspect } from "./handlers/inspect.ts";
import { handleJoin } from "./handlers/join.ts";
import { handleLeave } from "./handlers/leave.ts";
import { handleMembers } from "./handlers/members.ts";
import { handleMessage } from "./handlers/message.ts";
import { handlePayment } from "./handlers/payment.ts";
import { handleReceipt } from "./handlers/receipt.ts";
import { handleRequest } from "./handlers/request.ts";
import type { PaymentPort } from "./payment-port.ts";
import { ActionRunner } from "./requests/action-runner.ts";
import type { RequestDeps } from "./requests/deps.ts";
import { Waiters } from "./requests/waiters.ts";
import { Rooms } from "./rooms.ts";
import { ZoneReader } from "./zone.ts";
import type { ZoneHostDeps } from "./zone-host.ts";
import { ZoneLimiter } from "./zone-limiter.ts";

export interface ZoneServiceOptions {
  readonly store: Store;
  readonly verifier: SignatureVerifier;
  readonly ownNodeId: string;
  readonly nowMs: () => number;
  readonly config: ZonesConfig;
  readonly messagesPerMinute: number;
  readonly actionHandlers: HandlerTable;
  readonly payments: () => PaymentPort | undefined;
  readonly push: (nodeId: string, body: StewardBody, replyTo: string) => void;
  readonly wireUrls: () => readonly string[];
  readonly log: Logger;
}

/** Everything zone functions need, put together once. */
export interface ZoneService extends RequestDeps, ZoneHostDeps {
  readonly wireUrls: () => readonly string[];
}

/** Puts the zone domain together. */
export function createZoneService(options: ZoneServiceOptions): ZoneService {
  const { store, ownNodeId, nowMs, config } = options;
  const now = () => Math.floor(nowMs() / 1000);
  const queries = createZoneQueries(store);
  const requests = createRequestQueries(store);
  const waiters = new Waiters();
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
    waiters,
    runner,
    now,
    ownNodeId,
    zones: new ZoneReader(queries),
    rooms: new Rooms(ownNodeId, now),
    limiter: new ZoneLimiter(options.messagesPerMinute, nowMs),
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
  };
}
