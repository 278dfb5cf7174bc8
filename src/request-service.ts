import { ActionTable } from "./actions/action-table.ts";
import { ProviderPool } from "./actions/provider-pool.ts";
import type { DisposalStack } from "./base/disposal-stack.ts";
import type { Foundation } from "./foundation.ts";
import type { PaymentRecords, RequestKey } from "./payments/port.ts";
import { ActionRunner, type ActionRunnerDeps } from "./requests/runner.ts";
import { Waiters } from "./requests/waiters.ts";
import { type ProviderQueries, prepareProviderQueries } from "./store/zones/providers.ts";
import { prepareRequestQueries, type RequestQueries } from "./store/zones/requests.ts";
import { prepareZoneQueries, type ZoneQueries } from "./store/zones/zones.ts";
import type { StewardBody } from "./wire/zone-replies.ts";
import { Rooms } from "./zones/log/rooms.ts";

/** What requests run in, and where their answers are waited for. */
export interface RequestService {
  readonly queries: ZoneQueries;
  readonly requests: RequestQueries;
  readonly providers: ProviderQueries;
  readonly rooms: Rooms;
  readonly providerPool: ProviderPool;
  readonly actions: ActionTable;
  readonly waiters: Waiters;
  readonly runner: ActionRunner;
}

/** What running requests stands on. */
export interface RequestServiceOptions
  extends Pick<
    Foundation,
    "config" | "store" | "gate" | "key" | "now" | "nowMs" | "breakers" | "log" | "spans"
  > {
  /** Undefined on a steward without a chain. */
  readonly records: PaymentRecords | undefined;
  /** Sends a body to every session of a request's sender; the caller holds the gates. */
  readonly push: (to: RequestKey, body: StewardBody, replyTo: string) => void;
  /** Notes what became of a run whose request another steward is in charge of by now. */
  readonly report: ActionRunnerDeps["report"];
}

/**
 * Starts what runs actions, child processes of modules included; earlier runs wait for `runner.resume`.
 * @throws Error where a handler's secret cannot be read
 */
export async function openRequestService(
  options: RequestServiceOptions,
  stack: DisposalStack,
): Promise<RequestService> {
  const { config, store, gate, key, now } = options;
  const queries = prepareZoneQueries(store);
  const requests = prepareRequestQueries(store);
  const providers = prepareProviderQueries(store);
  const rooms = new Rooms(key.nodeId, now);
  const providerPool = new ProviderPool({ store, gate, rooms, providers, queries, now });
  const actions = stack.use(
    await ActionTable.open(config.handlers, config.baseDir, { ...options, pool: providerPool }),
  );
  const waiters = new Waiters();
  const runner = new ActionRunner({
    ...options,
    requests,
    actions,
    waiters,
    freeAnswerSecs: config.zones.free_answer_secs,
    paidAnswerSecs: config.zones.paid_answer_secs,
  });
  stack.use(runner);
  stack.defer(() => waiters.clear());
  return { queries, requests, providers, rooms, providerPool, actions, waiters, runner };
}
