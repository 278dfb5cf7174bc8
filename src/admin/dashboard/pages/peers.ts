import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import {
  type Column,
  renderFold,
  renderId,
  renderLive,
  renderPager,
  renderTable,
  renderTabs,
  renderTime,
  toBytes,
} from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import { toListQuery } from "./lists.ts";

interface SessionBody {
  readonly id: string;
  readonly address: string;
  readonly opened_at: number;
  readonly buffered_bytes: number;
  readonly node_id?: string;
  readonly name?: string;
  readonly skills?: readonly string[];
  readonly trust?: string;
}

interface WireBan {
  readonly node_id: string;
  readonly reason: string;
  readonly created_at: number;
  readonly expires_at: number;
}

/** `/admin/sessions`: who is connected, and `/admin/bans`: whom the wire's limits banned. */
export function createPeerPages(): Page[] {
  return [
    {
      path: "/sessions",
      nav: "Sessions",
      operation: "listSessions",
      render: async (view) => {
        const { sessions, next } = await view.api.read<{ sessions: SessionBody[]; next?: string }>(
          "listSessions",
          { query: toListQuery(view) },
        );
        const body = html`<h1>Sessions</h1>${renderPeerTabs("/admin/sessions")}
${renderLive("sessions", renderSessions(view, sessions))}${renderPager(view, next)}`;
        return { title: "Sessions", body };
      },
    },
    {
      path: "/sessions/bans",
      operation: "listWireBans",
      render: async (view) => {
        const { bans, next } = await view.api.read<{ bans: WireBan[]; next?: string }>(
          "listWireBans",
          { query: toListQuery(view) },
        );
        const body = html`<h1>Banned from the wire</h1>${renderPeerTabs("/admin/sessions/bans")}
<p class="quiet">Nodes that broke the rate limits again and again, or that an operator banned from this steward. A zone's own bans are on the zone's page.</p>
${renderLive("bans", renderBans(view, bans))}${renderPager(view, next)}${renderFold("Ban a node", view.renderAction("putWireBan"))}`;
        return { title: "Banned from the wire", body };
      },
    },
  ];
}

function renderPeerTabs(path: string): Markup {
  const tabs = [
    ["Connected", "/admin/sessions"],
    ["Banned", "/admin/sessions/bans"],
  ] as const;
  return renderTabs("Peers", tabs, path);
}

function renderSessions(view: View, sessions: readonly SessionBody[]): Markup {
  const columns: Column<SessionBody>[] = [
    {
      title: "Node",
      cell: ({ node_id }) =>
        node_id === undefined
          ? html`<span class="quiet">not verified yet</span>`
          : renderId(node_id),
    },
    { title: "Calls itself", cell: ({ name }) => name ?? "–" },
    { title: "Address", cell: ({ address }) => address },
    { title: "Trust", cell: ({ trust }) => trust ?? "–" },
    { title: "Skills", cell: ({ skills }) => (skills ?? []).join(", ") || "–" },
    { title: "Since", cell: ({ opened_at }) => renderTime(opened_at) },
    { title: "Unsent", cell: ({ buffered_bytes }) => toBytes(buffered_bytes), isNumber: true },
    {
      title: "Do",
      cell: ({ id, name, node_id }) =>
        view.renderAction("endSession", {
          params: { session_id: id },
          label: `End the session of ${name ?? node_id ?? id}`,
          isCompact: true,
        }),
    },
  ];
  return renderTable(
    "Connected now, the oldest session first",
    columns,
    sessions,
    html`Nobody is connected. Agents come to the wire's URL: <code>steward agent join ZONE --url ws://…/wire</code> tries it.`,
  );
}

function renderBans(view: View, bans: readonly WireBan[]): Markup {
  const columns: Column<WireBan>[] = [
    { title: "Node", cell: ({ node_id }) => renderId(node_id) },
    { title: "Why", cell: ({ reason }) => reason },
    { title: "Since", cell: ({ created_at }) => renderTime(created_at) },
    { title: "Until", cell: ({ expires_at }) => renderTime(expires_at) },
    {
      title: "Do",
      cell: ({ node_id }) =>
        view.renderAction("liftWireBan", {
          params: { node_id },
          label: `Lift the ban of ${node_id}`,
          isCompact: true,
        }),
    },
  ];
  return renderTable(
    "Banned from this steward, by node id",
    columns,
    bans,
    "Nobody is banned from the wire.",
  );
}
