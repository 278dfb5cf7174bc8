import type { Command } from "commander";
import { toDone, toFields, toTime } from "../output.ts";
import {
  addListCommand,
  addOperatorCommand,
  addOperatorFamily,
  type ListOptions,
  list,
  type OperatorOptions,
  operate,
} from "./operate.ts";

interface ProviderBody {
  readonly node_id: string;
  readonly actions: readonly string[];
  /** A node id, or `operator`. */
  readonly approved_by: string;
  readonly approved_at: number;
}

/** Adds `steward provider …`. */
export function addProviderCommands(program: Command): void {
  const provider = addOperatorFamily(program, "provider", "approve who may fulfil which actions");
  addListCommand(provider, "list <zone-id>", "list a zone's approved providers").action(
    (zoneId: string, options: ListOptions) =>
      operate(options, (api) =>
        list<ProviderBody>(api, options, { path: toPath(zoneId), field: "providers", toRow }),
      ),
  );
  addOperatorCommand(
    provider,
    "approve <zone-id> <node-id> <actions...>",
    "approve a provider of exactly these actions",
  ).action((zoneId: string, nodeId: string, actions: string[], options: OperatorOptions) =>
    operate(options, async (api) => {
      const path = `${toPath(zoneId)}/${encodeURIComponent(nodeId)}`;
      const approved = await api<ProviderBody>("PUT", path, { body: { actions } });
      return { value: approved, text: () => toFields(toRow(approved)) };
    }),
  );
  addOperatorCommand(provider, "remove <zone-id> <node-id>", "end a provider's approval").action(
    (zoneId: string, nodeId: string, options: OperatorOptions) =>
      operate(options, async (api) => {
        await api("DELETE", `${toPath(zoneId)}/${encodeURIComponent(nodeId)}`);
        const done = { zone_id: zoneId, node_id: nodeId, removed: true };
        return toDone(done, `${nodeId} may provide nothing any more`);
      }),
  );
}

function toPath(zoneId: string): string {
  return `/v1/zones/${encodeURIComponent(zoneId)}/providers`;
}

function toRow({ node_id, actions, approved_by, approved_at }: ProviderBody) {
  const approved = toTime(approved_at);
  return { node: node_id, actions: actions.join(" "), by: approved_by, approved };
}
