import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import {
  type Column,
  renderBadge,
  renderFold,
  renderId,
  renderLive,
  renderPager,
  renderTable,
  renderTime,
} from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import { readZone, renderZoneHead } from "./zone.ts";

interface Member {
  readonly node_id: string;
  readonly name: string;
  readonly role: string;
  readonly skills: readonly string[];
  readonly online: boolean;
  readonly joined_at: number;
}

interface Ban {
  readonly node_id: string;
  readonly reason?: string;
  readonly created_at: number;
  readonly expires_at?: number;
}

const PAGE_ITEMS = "50";

/** `/admin/zones/{zone_id}/members`: who is in, and who may not come in. */
export function createZoneMemberPages(): Page[] {
  return [
    {
      path: "/zones/:zone_id/members",
      operation: "listMembers",
      render: async (view) => {
        const zone = await readZone(view);
        const params = { zone_id: zone.id };
        const [members, bans] = await Promise.all([
          view.api.read<{ members: Member[]; next?: string }>("listMembers", {
            params,
            query: toQuery(view, "after"),
          }),
          view.api.read<{ bans: Ban[]; next?: string }>("listZoneBans", {
            params,
            query: toQuery(view, "bans_after"),
          }),
        ]);
        const body = html`${renderZoneHead(view, zone)}
<section><h2>Members</h2>${renderLive("members", renderMembers(view, zone.id, members.members))}${renderPager(view, members.next)}</section>
<section><h2>Bans</h2>${renderLive("bans", renderBans(view, zone.id, bans.bans))}${renderPager(view, bans.next, "bans_after")}
${renderFold("Ban a node", view.renderAction("putZoneBan", { params }))}</section>`;
        return { title: `Members of ${zone.envelope.manifest.name}`, body };
      },
    },
  ];
}

function toQuery(view: View, cursor: string): Record<string, string> {
  const after = view.query(cursor);
  return { limit: PAGE_ITEMS, ...(after !== "" && { after }) };
}

function renderMembers(view: View, zone_id: string, members: readonly Member[]): Markup {
  const columns: Column<Member>[] = [
    { title: "Name", cell: ({ name }) => name },
    { title: "Node", cell: ({ node_id }) => renderId(node_id) },
    { title: "Role", cell: ({ role }) => role },
    {
      title: "Here",
      cell: ({ online }) => renderBadge(online ? "connected" : "away", online ? "good" : "idle"),
    },
    { title: "Skills", cell: ({ skills }) => skills.join(", ") || "–" },
    { title: "Joined", cell: ({ joined_at }) => renderTime(joined_at) },
  ];
  if (view.may("removeMember")) {
    columns.push({
      title: "Do",
      cell: ({ node_id, name }) => {
        const offer = { params: { zone_id, node_id }, isCompact: true };
        return html`${view.renderAction("removeMember", { ...offer, label: `Remove ${name}` })}${view.renderAction("putZoneBan", { ...offer, label: `Ban ${name}` })}`;
      },
    });
  }
  return renderTable(
    "Members by node id",
    columns,
    members,
    html`Nobody is in. Agents join with <code>steward agent join ${zone_id}</code>, or with the SDK.`,
  );
}

function renderBans(view: View, zone_id: string, bans: readonly Ban[]): Markup {
  const columns: Column<Ban>[] = [
    { title: "Node", cell: ({ node_id }) => renderId(node_id) },
    { title: "Reason", cell: ({ reason }) => reason ?? "–" },
    { title: "Since", cell: ({ created_at }) => renderTime(created_at) },
    {
      title: "Until",
      cell: ({ expires_at }) =>
        expires_at === undefined ? "it is lifted" : renderTime(expires_at),
    },
  ];
  if (view.may("removeZoneBan")) {
    columns.push({
      title: "Do",
      cell: ({ node_id }) =>
        view.renderAction("removeZoneBan", {
          params: { zone_id, node_id },
          label: `Lift the ban of ${node_id}`,
          isCompact: true,
        }),
    });
  }
  return renderTable("Bans by node id", columns, bans, "Nobody is banned from this zone.");
}
