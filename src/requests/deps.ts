import type { ActionTable } from "../actions/action-table.ts";
import type { PaymentPort } from "../payments/port.ts";
import type { ZoneCheckDeps } from "../zones/checks.ts";
import type { ZoneLogDeps } from "../zones/log/log.ts";
import type { ParamsChecker } from "../zones/params/check.ts";
import type { ScanDeps } from "../zones/scan-port.ts";
import type { RequestRoomDeps } from "./request-room.ts";
import type { ActionRunner } from "./runner.ts";
import type { Waiters } from "./waiters.ts";

/** How long a request whose payment failed is kept: far past any deadline. */
export const FAILED_KEPT_SECS = 86_400;

/** What the handlers of requests, payments and receipts share. */
export interface RequestDeps extends ZoneCheckDeps, ZoneLogDeps, RequestRoomDeps, ScanDeps {
  readonly actions: ActionTable;
  readonly paramsChecker: ParamsChecker;
  readonly runner: ActionRunner;
  readonly waiters: Waiters;
  /** Undefined on a steward without a chain. */
  readonly payments: PaymentPort | undefined;
  readonly paymentWaitMs: number;
}
