import type { IncomingMessage } from "node:http";
import type { Backups } from "../backup/backups.ts";
import type { Counters } from "../base/counters.ts";
import type { Logger } from "../base/log.ts";
import type { SpanSink } from "../base/spans.ts";
import type { Config } from "../config/config.ts";
import type { EventFeed } from "../events/feed.ts";
import type { NodeKey } from "../identity/node-key.ts";
import type { SignatureVerifier } from "../identity/verify.ts";
import type { Breakers } from "../outbound/breakers.ts";
import type { Payments } from "../payments/payments.ts";
import type { ReloadOutcome } from "../reload.ts";
import type { SecondGate } from "../replication/gate/second-gate.ts";
import type { ReplicaOperator } from "../replication/operator.ts";
import type { Replication } from "../replication/replication.ts";
import type { MessageMeter } from "../routing/message-meter.ts";
import type { LoopDelay } from "../session/loop-delay.ts";
import type { Sessions } from "../session/sessions.ts";
import type { TokenScope } from "../store/admin/schema.ts";
import type { TokenUses } from "../store/admin/token-uses.ts";
import type { Store } from "../store/database.ts";
import type { OpenFilter, OpenItem } from "../store/payments/open-of-zone.ts";
import type { PeerQueries } from "../store/zones/peers.ts";
import type { WebSocketTransport } from "../transport/websocket.ts";
import type { TwinWatch } from "../twin-watch.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { ZoneService } from "../zone-service.ts";

/** What the admin API works on; the domain functions are those the wire uses. */
export interface AdminDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly nowMs: () => number;
  /** Unix seconds. */
  readonly now: () => number;
  readonly key: NodeKey;
  /** Signs the zones the operator creates here. */
  readonly creatorKey: NodeKey;
  readonly store: Store;
  readonly peers: PeerQueries;
  readonly counters: Counters;
  /** What happens, as it happens. */
  readonly feed: EventFeed;
  readonly spans: SpanSink | undefined;
  readonly breakers: Breakers;
  readonly tokenUses: TokenUses;
  readonly monotonicMs: () => number;
  readonly verifier: SignatureVerifier;
  readonly zones: ZoneService;
  readonly sessions: Sessions;
  readonly gate: Pick<SecondGate, "measure">;
  readonly meter: MessageMeter;
  readonly transport: Pick<WebSocketTransport, "heldBytes">;
  readonly delay: LoopDelay;
  /** Undefined where no chain is configured. */
  readonly payments: Payments | undefined;
  readonly replication: Pick<Replication, "health" | "lag">;
  readonly operator: ReplicaOperator;
  readonly backups: Backups;
  readonly webhooks: Webhooks;
  readonly twins: Pick<TwinWatch, "instanceId" | "findProblems">;
  /** What of a zone has not ended: money, and what was paid for. */
  readonly findOpenOf: (zoneId: string, filter: OpenFilter) => readonly OpenItem[];
  readonly wireUrl: string;
  /** Reads the configuration again; undefined where nobody can. */
  readonly reload: (() => ReloadOutcome) | undefined;
  /** Aborted once the steward stops taking work. */
  readonly draining: AbortSignal;
}

/** Who asks: a token, without its text. */
export interface AdminToken {
  readonly tokenId: string;
  readonly name: string;
  readonly scope: TokenScope;
}

/** What a request carries through the middleware. */
export interface AdminEnv {
  Bindings: {
    /** The request as it came; undefined where no server had it. */
    incoming?: IncomingMessage;
  };
  Variables: {
    requestId: string;
    /** The client's, as far as the proxies between are trusted. */
    address: string;
    /** Set under `/v1`. */
    token: AdminToken;
  };
}
