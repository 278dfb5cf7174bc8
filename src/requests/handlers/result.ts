import type { ActionResult } from "../../actions/handler.ts";
import type { ProviderPool } from "../../actions/provider-pool.ts";
import { StewardError } from "../../errors.ts";
import { toFailure } from "../../outbound/failure.ts";
import type { ProviderQueries } from "../../store/zones/providers.ts";
import type { ZoneRequest } from "../../wire/zone-requests.ts";
import type { ZoneHandler } from "../../zones/call.ts";
import { enterZone } from "../../zones/checks.ts";
import type { RequestDeps } from "../deps.ts";
import { toGateClass } from "../progress.ts";
import type { ActionRunner } from "../runner.ts";

export interface ResultDeps extends Pick<RequestDeps, "gate" | "requests"> {
  readonly providers: ProviderQueries;
  readonly providerPool: ProviderPool;
  readonly runner: ActionRunner;
}

/**
 * Takes a provider's result, from a node the run was sent to. One that comes after its run was
 * given up on completes a request that is still open; any other is acknowledged and dropped;
 * `docs/protocol.md` §6 and §8.
 */
export function handleResult(deps: ResultDeps): ZoneHandler<"zone.result"> {
  return (call, body, write) => {
    const { invoke_id } = body;
    const runs = deps.providers.listProviderRuns(invoke_id);
    const [run] = runs;
    if (run === undefined) return;
    if (!runs.some(({ nodeId }) => nodeId === call.sender.nodeId)) {
      throw new StewardError(2003, {
        reason: "NOT_ALLOWED",
        message: "This run was not sent to you.",
      });
    }
    const { zoneId, requester: nodeId, requestId } = run;
    const key = { zoneId, nodeId, requestId };
    const row = deps.requests.findRequest(key);
    enterZone(deps, call, zoneId, row === undefined ? "other" : toGateClass(row));
    const outcome = toOutcome(body);
    if (deps.providerPool.answer(invoke_id, outcome)) return;
    deps.runner.completeLate(write, key, invoke_id, outcome);
  };
}

function toOutcome({ result, error }: ZoneRequest<"zone.result">): ActionResult | StewardError {
  if (error === undefined) return result ?? null;
  return toFailure({ reason: "HANDLER_FAILED", message: error.message });
}
