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

interface Invite {
  readonly invite_id: string;
  readonly node_id?: string;
  readonly max_uses: number;
  readonly uses: number;
  readonly created_at: number;
  readonly expires_at?: number;
  readonly revoked_at?: number;
}

interface Provider {
  readonly node_id: string;
  readonly actions: readonly string[];
  readonly approved_by: string;
  readonly approved_at: number;
  readonly online: boolean;
}

const PAGE_ITEMS = "50";

/** `/admin/zones/{zone_id}/access`: who is invited, and who may fulfil actions. */
export function createZoneAccessPages(): Page[] {
  return [
    {
      path: "/zones/:zone_id/access",
      operation: "listInvites",
      render: async (view) => {
        const zone = await readZone(view);
        const params = { zone_id: zone.id };
        const [invites, providers] = await Promise.all([
          view.api.read<{ invites: Invite[]; next?: string }>("listInvites", {
            params,
            query: toQuery(view, "after"),
          }),
          view.api.read<{ providers: Provider[]; next?: string }>("listProviders", {
            params,
            query: toQuery(view, "providers_after"),
          }),
        ]);
        const body = html`${renderZoneHead(view, zone)}
<section><h2>Invitations</h2>${renderLive("invites", renderInvites(view, zone.id, invites.invites))}${renderPager(view, invites.next)}
${renderFold("Make an invitation", view.renderAction("createInvite", { params }))}</section>
<section><h2>Providers</h2>${renderLive("providers", renderProviders(view, zone.id, providers.providers))}${renderPager(view, providers.next, "providers_after")}
${renderFold("Approve a provider", view.renderAction("putProvider", { params }))}</section>`;
        return { title: `Access to ${zone.envelope.manifest.name}`, body };
      },
    },
  ];
}

function toQuery(view: View, cursor: string): Record<string, string> {
  const after = view.query(cursor);
  return { limit: PAGE_ITEMS, ...(after !== "" && { after }) };
}

function renderInvites(view: View, zone_id: string, invites: readonly Invite[]): Markup {
  const isOpen = ({ revoked_at, uses, max_uses, expires_at }: Invite) =>
    revoked_at === undefined &&
    uses < max_uses &&
    (expires_at === undefined || expires_at > view.now);
  const columns: Column<Invite>[] = [
    { title: "Id", cell: ({ invite_id }) => renderId(invite_id) },
    { title: "State", cell: (invite) => renderInviteState(invite, isOpen(invite)) },
    { title: "For", cell: ({ node_id }) => (node_id ? renderId(node_id) : "anybody") },
    { title: "Used", cell: ({ uses, max_uses }) => `${uses} of ${max_uses}`, isNumber: true },
    { title: "Made", cell: ({ created_at }) => renderTime(created_at) },
    { title: "Until", cell: ({ expires_at }) => renderTime(expires_at) },
  ];
  if (view.may("revokeInvite")) {
    columns.push({
      title: "Do",
      cell: (invite) =>
        isOpen(invite)
          ? view.renderAction("revokeInvite", {
              params: { zone_id, invite_id: invite.invite_id },
              label: `Revoke ${invite.invite_id}`,
              isCompact: true,
            })
          : "",
    });
  }
  return renderTable(
    "Invitations by id",
    columns,
    invites,
    "There is no invitation. A zone that only who is invited may join needs one for each newcomer.",
  );
}

function renderInviteState({ revoked_at, uses, max_uses }: Invite, isOpen: boolean): Markup {
  if (isOpen) return renderBadge("open", "good");
  if (revoked_at !== undefined) return renderBadge("revoked", "idle");
  return renderBadge(uses >= max_uses ? "used up" : "expired", "idle");
}

function renderProviders(view: View, zone_id: string, providers: readonly Provider[]): Markup {
  const columns: Column<Provider>[] = [
    { title: "Node", cell: ({ node_id }) => renderId(node_id) },
    { title: "Actions", cell: ({ actions }) => actions.join(", ") },
    {
      title: "Here",
      cell: ({ online }) => renderBadge(online ? "connected" : "away", online ? "good" : "warn"),
    },
    {
      title: "Approved by",
      cell: ({ approved_by }) =>
        approved_by.startsWith("atlas_") ? renderId(approved_by) : approved_by,
    },
    { title: "Since", cell: ({ approved_at }) => renderTime(approved_at) },
  ];
  if (view.may("removeProvider")) {
    columns.push({
      title: "Do",
      cell: ({ node_id }) =>
        view.renderAction("removeProvider", {
          params: { zone_id, node_id },
          label: `End the approval of ${node_id}`,
          isCompact: true,
        }),
    });
  }
  return renderTable(
    "Providers by node id",
    columns,
    providers,
    "No member may fulfil actions here; those with a handler in the configuration need none.",
  );
}
