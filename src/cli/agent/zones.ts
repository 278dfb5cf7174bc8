import type { Command } from "commander";
import type { Agent } from "../../client/agent.ts";
import { integerOf, readArgument } from "../input.ts";
import { type Answer, toDone, toFields, toPrettyJson, toTable, toTime } from "../output.ts";
import { type AgentCommandOptions, addAgentCommand, askAsAgent } from "./session.ts";

type PageOptions = AgentCommandOptions & { readonly limit?: number; readonly cursor?: string };

/** Adds the commands with which an agent finds zones, enters them and looks around. */
export function addAgentZoneCommands(agent: Command): void {
  addLookCommands(agent);
  addAgentCommand(agent, "join <zone-id>", "become a member of a zone")
    .option("--invite <secret>", "an invitation, - for standard input")
    .action((zoneId: string, options: AgentCommandOptions & { invite?: string }) =>
      askAsAgent(options, async (me) => {
        const { invite } = options;
        const how = invite === undefined ? {} : { invite: await readArgument(invite) };
        const { name, role, members, seq, epoch } = await me.join(zoneId, how);
        const value = { zone_id: zoneId, name, role, members, seq, epoch, node_id: me.nodeId };
        return { value, text: () => toFields(value) };
      }),
    );
  addAgentCommand(agent, "leave <zone-id>", "end the membership in a zone").action(
    (zoneId: string, options: AgentCommandOptions) =>
      askAsAgent(options, async (me) => {
        await me.leave(zoneId);
        return toDone({ zone_id: zoneId, left: true }, `left ${zoneId}`);
      }),
  );
  addPageOptions(addAgentCommand(agent, "members <zone-id>", "list a zone's members"), 500).action(
    (zoneId: string, { limit, cursor, ...options }: PageOptions) =>
      askAsAgent(options, async (me) =>
        toPage(await me.members(zoneId, withoutUndefined({ limit, cursor })), (page) =>
          page.members.map(({ node_id, name, role, online, skills }) => {
            return { node: node_id, name, role, online, skills: skills.join(" ") };
          }),
        ),
      ),
  );
  addHistoryCommand(agent);
}

function addLookCommands(agent: Command): void {
  addPageOptions(addAgentCommand(agent, "discover", "list the zones a steward hosts"), 100)
    .option("--type <type>", "only zones of this type")
    .option("--topic <topic>", "only zones of this topic")
    .option("--keyword <text>", "only zones with this in name or description")
    .action((options: PageOptions & { type?: string; topic?: string; keyword?: string }) =>
      askAsAgent(options, async (me) => {
        const { type, topic, keyword, limit, cursor } = options;
        const query = withoutUndefined({ type, topic, keyword, limit, cursor });
        return toPage(await me.discover(query), (page) =>
          page.zones.map(({ zone_id, name, type: kind, state, epoch, members }) => {
            return { zone: zone_id, name, type: kind, state, epoch, members };
          }),
        );
      }),
    );
  addAgentCommand(
    agent,
    "inspect <zone-id>",
    "show a zone, its creator's signature verified",
  ).action((zoneId: string, options: AgentCommandOptions) =>
    askAsAgent(options, async (me) => toZoneAnswer(await me.inspect(zoneId))),
  );
}

function addHistoryCommand(agent: Command): void {
  addAgentCommand(agent, "history <zone-id>", "read a page of a zone's log, its hashes verified")
    .option("--after <seq>", "begin after this position", integerOf(0, Number.MAX_SAFE_INTEGER))
    .option("--limit <n>", "entries on the page", integerOf(1, 500))
    .action((zoneId: string, options: AgentCommandOptions & { after?: number; limit?: number }) =>
      askAsAgent(options, async (me) => {
        const query = withoutUndefined({ afterSeq: options.after, limit: options.limit });
        const page = await me.history(zoneId, query);
        const rows = page.entries.map(({ entry }) => ({
          seq: entry.seq,
          time: toTime(entry.timestamp),
          node: entry.node_id,
          kind: entry.kind,
          data: entry.data,
        }));
        return { value: page, text: () => `${toTable(rows)}\n(the log ends at ${page.head_seq})` };
      }),
    );
}

function addPageOptions(command: Command, limitMax: number): Command {
  return command
    .option("--limit <n>", "items on the page", integerOf(1, limitMax))
    .option("--cursor <cursor>", "begin where the page before ended");
}

/** Shows a zone as `inspect` and the creator's commands do. */
export function toZoneAnswer(zone: Awaited<ReturnType<Agent["inspect"]>>): Answer {
  const { zoneId, epoch, state, members, envelope } = zone;
  const { name, type } = zone.manifest;
  return {
    value: { zone_id: zoneId, epoch, state, members, envelope },
    text: () =>
      `${toFields({ zone: zoneId, name, type, state, epoch, members })}\n\n${toPrettyJson(envelope.manifest)}`,
  };
}

function toPage<Page extends { readonly next_cursor?: string | undefined }>(
  page: Page,
  toRows: (page: Page) => readonly Readonly<Record<string, unknown>>[],
): Answer {
  const { next_cursor: next } = page;
  const more = next === undefined ? "" : `\n(more with --cursor ${next})`;
  return { value: page, text: () => `${toTable(toRows(page))}${more}` };
}

/** Options the SDK takes may be absent, not undefined. */
function withoutUndefined<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as never;
}
