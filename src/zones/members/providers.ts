import { StewardError } from "../../errors.ts";
import { findAction, type Manifest } from "../../protocol/manifest.ts";
import type { Write } from "../../store/database.ts";
import type { ProviderQueries, ProviderRow } from "../../store/zones/providers.ts";
import type { ZoneReader } from "../zone.ts";

export interface ProvidersDeps {
  readonly reader: ZoneReader;
  readonly providers: ProviderQueries;
  readonly now: () => number;
}

/** Which node of which zone a decision is about. */
export interface ProviderTarget {
  readonly zoneId: string;
  readonly nodeId: string;
}

export interface ApprovalInput extends ProviderTarget {
  readonly actions: readonly string[];
  /** Node id of the creator, or `operator`. */
  readonly approvedBy: string;
}

/**
 * Approves a node as provider of exactly these actions, in place of those before; it need not be a
 * member yet. An empty list ends the approval; `docs/protocol.md` §6.
 * @throws StewardError `zone_not_found`, `stopped`, `action_not_found`
 */
export function approveProvider(
  write: Write,
  deps: ProvidersDeps,
  input: ApprovalInput,
): ProviderRow {
  const { zoneId, nodeId, approvedBy } = input;
  const { row: zone, manifest } = deps.reader.get(zoneId);
  if (zone.state === "stopped") throw new StewardError("stopped");
  assertActions(manifest, input.actions);
  const actions = [...new Set(input.actions)].sort();
  const row = { zoneId, nodeId, actions, approvedBy, approvedAt: deps.now() };
  if (actions.length === 0) {
    revokeProvider(write, deps, input);
    return row;
  }
  deps.providers.putProvider(write, row);
  deps.providers.setMemberRole(write, zoneId, nodeId, "provider");
  return row;
}

/**
 * Ends an approval; tells whether there was one. Runs that were sent to the node already are still
 * its own to answer; `docs/protocol.md` §6.
 * @throws StewardError `zone_not_found`
 */
export function revokeProvider(
  write: Write,
  deps: ProvidersDeps,
  { zoneId, nodeId }: ProviderTarget,
): boolean {
  deps.reader.get(zoneId);
  if (!deps.providers.deleteProvider(write, zoneId, nodeId)) return false;
  deps.providers.setMemberRole(write, zoneId, nodeId, "member");
  return true;
}

/**
 * Refuses actions that the manifest does not have.
 * @throws StewardError `action_not_found`
 */
export function assertActions(manifest: Manifest, actions: readonly string[]): void {
  const missing = actions.find((name) => findAction(manifest, name) === undefined);
  if (missing === undefined) return;
  throw new StewardError("action_not_found", { message: `The zone has no action ${missing}.` });
}
