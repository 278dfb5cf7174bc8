import type { Command } from "commander";
import { parseExpiry } from "../input.ts";
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

interface BanBody {
  readonly node_id: string;
  readonly reason?: string;
  readonly created_at: number;
  readonly expires_at?: number;
}

/** The options that describe a ban. */
export interface BanInput {
  readonly reason?: string;
  /** Unix seconds. */
  readonly expiresIn?: number;
}

/** Adds `steward ban …`. */
export function addBanCommands(program: Command): void {
  const ban = addOperatorFamily(program, "ban", "ban nodes from a zone; see who the wire banned");
  addZoneBanCommands(ban);
  addListCommand(ban, "wire-list", "list nodes that are banned from the wire").action(
    (options: ListOptions) =>
      operate(options, (api) =>
        list<BanBody>(api, options, { path: "/v1/bans", field: "bans", toRow }),
      ),
  );
  addOperatorCommand(
    ban,
    "wire-add <node-id>",
    "ban a node from this steward, and end its sessions",
  )
    .requiredOption("--expires-in <duration>", "how long, like 30m, 24h, 365d", parseExpiry)
    .option("--reason <text>", "why; kept with the ban")
    .action((nodeId: string, options: OperatorOptions & { expiresIn: number; reason?: string }) =>
      operate(options, async (api) => {
        const { reason, expiresIn } = options;
        const body = { expires_at: expiresIn, ...(reason !== undefined && { reason }) };
        const made = await api<BanBody>("PUT", `/v1/bans/${encodeURIComponent(nodeId)}`, { body });
        return { value: made, text: () => toFields(toRow(made)) };
      }),
    );
  addOperatorCommand(ban, "wire-remove <node-id>", "let a node back on the wire").action(
    (nodeId: string, options: OperatorOptions) =>
      operate(options, async (api) => {
        await api("DELETE", `/v1/bans/${encodeURIComponent(nodeId)}`);
        return toDone({ node_id: nodeId, removed: true }, `${nodeId} may connect again`);
      }),
  );
}

function addZoneBanCommands(ban: Command): void {
  addListCommand(ban, "list <zone-id>", "list the nodes banned from a zone").action(
    (zoneId: string, options: ListOptions) =>
      operate(options, (api) =>
        list<BanBody>(api, options, { path: toPath(zoneId), field: "bans", toRow }),
      ),
  );
  addBanOptions(
    addOperatorCommand(ban, "add <zone-id> <node-id>", "ban a node and end its membership"),
  ).action((zoneId: string, nodeId: string, options: OperatorOptions & BanInput) =>
    operate(options, async (api) => {
      const { reason, expiresIn } = options;
      const body = {
        ...(reason !== undefined && { reason }),
        ...(expiresIn !== undefined && { expires_at: expiresIn }),
      };
      const path = `${toPath(zoneId)}/${encodeURIComponent(nodeId)}`;
      const made = await api<BanBody>("PUT", path, { body });
      return { value: made, text: () => toFields(toRow(made)) };
    }),
  );
  addOperatorCommand(
    ban,
    "remove <zone-id> <node-id>",
    "lift a ban; the node may join again",
  ).action((zoneId: string, nodeId: string, options: OperatorOptions) =>
    operate(options, async (api) => {
      await api("DELETE", `${toPath(zoneId)}/${encodeURIComponent(nodeId)}`);
      const done = { zone_id: zoneId, node_id: nodeId, removed: true };
      return toDone(done, `${nodeId} is no longer banned`);
    }),
  );
}

/** Adds the options of a command that bans. */
export function addBanOptions(command: Command): Command {
  return command
    .option("--reason <text>", "why, told to the zone")
    .option("--expires-in <duration>", "how long, like 30m, 24h, 7d; else for good", parseExpiry);
}

function toPath(zoneId: string): string {
  return `/v1/zones/${encodeURIComponent(zoneId)}/bans`;
}

function toRow({ node_id, reason, created_at, expires_at }: BanBody) {
  const expires = expires_at === undefined ? "never" : toTime(expires_at);
  return { node: node_id, since: toTime(created_at), expires, reason };
}
