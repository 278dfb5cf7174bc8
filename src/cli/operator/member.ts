import type { Command } from "commander";
import { toDone, toTime } from "../output.ts";
import {
  addListCommand,
  addOperatorCommand,
  addOperatorFamily,
  type ListOptions,
  list,
  type OperatorOptions,
  operate,
} from "./operate.ts";

interface MemberBody {
  readonly node_id: string;
  readonly name: string;
  readonly role: string;
  readonly skills: readonly string[];
  readonly online: boolean;
  readonly joined_at: number;
}

/** Adds `steward member …`. */
export function addMemberCommands(program: Command): void {
  const member = addOperatorFamily(program, "member", "list and remove a zone's members");
  addListCommand(member, "list <zone-id>", "list a zone's members").action(
    (zoneId: string, options: ListOptions) =>
      operate(options, (api) =>
        list<MemberBody>(api, options, {
          path: `/v1/zones/${encodeURIComponent(zoneId)}/members`,
          field: "members",
          toRow: ({ node_id, name, role, online, skills, joined_at }) => ({
            node: node_id,
            name,
            role,
            online,
            joined: toTime(joined_at),
            skills: skills.join(" "),
          }),
        }),
      ),
  );
  addOperatorCommand(
    member,
    "remove <zone-id> <node-id>",
    "end a membership; it may join again",
  ).action((zoneId: string, nodeId: string, options: OperatorOptions) =>
    operate(options, async (api) => {
      const [zone, node] = [zoneId, nodeId].map(encodeURIComponent);
      await api("DELETE", `/v1/zones/${zone}/members/${node}`);
      const done = { zone_id: zoneId, node_id: nodeId, removed: true };
      return toDone(done, `${nodeId} is no longer a member`);
    }),
  );
}
