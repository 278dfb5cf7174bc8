import type { Foundation } from "./foundation.ts";
import type { NodeKey } from "./identity/node-key.ts";
import type { PaymentPort } from "./payments/port.ts";
import type { RequestService } from "./request-service.ts";
import type { RequestDeps } from "./requests/deps.ts";
import { handleEscrow } from "./requests/handlers/escrow.ts";
import { handlePayment } from "./requests/handlers/payment.ts";
import { handleProvide, type ProvideDeps } from "./requests/handlers/provide.ts";
import { handleReceipt } from "./requests/handlers/receipt.ts";
import { handleRequest } from "./requests/handlers/request.ts";
import { handleResult } from "./requests/handlers/result.ts";
import { ScanCounters } from "./scanning/counters.ts";
import { Scanner } from "./scanning/scanner.ts";
import { prepareInviteQueries } from "./store/zones/invites.ts";
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
import type { EnvelopeAdoption, ZoneHostDeps } from "./zones/hosting/host.ts";
import { LogRoom } from "./zones/log/log-room.ts";
import type { InvitationDeps } from "./zones/members/invitations.ts";
import { ParamsChecker } from "./zones/params/check.ts";
import { Standings } from "./zones/standing.ts";
import { ZoneReader } from "./zones/zone.ts";
import { ZoneLimiter } from "./zones/zone-limiter.ts";

/** What the zone domain is put together from. */
export interface ZoneServiceOptions
  extends RequestService,
    Pick<
      Foundation,
      | "store"
      | "gate"
      | "verifier"
      | "key"
      | "now"
      | "monotonicMs"
      | "delay"
      | "config"
      | "log"
      | "counters"
    > {
  /** Undefined on a steward without a chain. */
  readonly payments: PaymentPort | undefined;
  readonly wireUrl: string;
  readonly onEnvelope: NonNullable<ZoneHostDeps["onEnvelope"]>;
  readonly adoption: EnvelopeAdoption;
}

/** Everything zone functions need, put together once. */
export interface ZoneService
  extends RequestDeps,
    CreateDeps,
    JoinDeps,
    InvitationDeps,
    ProvideDeps {
  readonly key: NodeKey;
  /** What the scanner found since the start. */
  readonly scanCounters: ScanCounters;
  readonly retention: ZonesConfig["retention"];
}

/** Puts the zone domain together. */
export function createZoneService(options: ZoneServiceOptions): ZoneService {
  const { queries, key } = options;
  const { zones: config, limits, scanner } = options.config;
  const scanCounters = new ScanCounters();
  return {
    ...options,
    ownNodeId: key.nodeId,
    requestLimits: config,
    hostLimits: config,
    placeLimits: config,
    invites: prepareInviteQueries(options.store),
    creation: config.creation,
    retention: config.retention,
    reader: new ZoneReader(queries),
    standings: new Standings(options),
    paramsChecker: new ParamsChecker(),
    scanCounters,
    scanner: new Scanner({ config: scanner, counters: scanCounters, log: options.log }),
    logRoom: new LogRoom({ ...options, config }),
    limiter: new ZoneLimiter({ ...options, limits }),
    paymentWaitMs: config.payment_wait_ms,
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
