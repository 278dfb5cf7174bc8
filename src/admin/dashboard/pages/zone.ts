import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import type { PageDeps } from "../frame/page-deps.ts";
import {
  type Column,
  renderBadge,
  renderFacts,
  renderFold,
  renderId,
  renderLive,
  renderTable,
  renderTabs,
  renderTime,
  toUsdc,
} from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import { type ActionHealth, readActionHealth } from "./zone-handlers.ts";
import { STATE_TONES, type StewardRef, type ZoneAction, type ZoneBody } from "./zone-types.ts";

/** `/admin/zones/{zone_id}`: what a zone is, what it does and who serves it. */
export function createZonePages({ config }: PageDeps): Page[] {
  return [
    {
      path: "/zones/:zone_id",
      operation: "getZone",
      render: async (view) => {
        const zone = await readZone(view);
        const { manifest } = zone.envelope;
        const actions = await readActionHealth(view, config.handlers, manifest.actions ?? []);
        const body = html`${renderZoneHead(view, zone)}
${renderLive("zone-facts", renderZoneFacts(zone))}
<section><h2>Actions</h2>${renderLive("zone-actions", renderActions(view, actions))}</section>
<section><h2>Stewards</h2>${renderStewards(manifest.steward_set ?? [])}</section>
${renderFold("The manifest as it is signed", html`<pre tabindex="0" role="region" aria-label="Manifest">${JSON.stringify(zone.envelope, null, 2)}</pre>`)}
<section><h2>Change</h2>${renderChanges(view, zone)}</section>`;
        return { title: manifest.name, body };
      },
    },
  ];
}

/** Reads the zone of the page's path. Throws StewardError `zone_not_found`. */
export async function readZone(view: View): Promise<ZoneBody> {
  return await view.api.read<ZoneBody>("getZone", { params: { zone_id: view.param("zone_id") } });
}

/** What stands above every page of a zone. */
export function renderZoneHead(view: View, { id, state, envelope }: ZoneBody): Markup {
  const at = `/admin/zones/${id}`;
  const tabs = [
    ["Zone", at],
    ["Members and bans", `${at}/members`],
    ["Invitations and providers", `${at}/access`],
    ["Epochs", `${at}/epochs`],
    ["Log", `${at}/log`],
  ] as const;
  const [path = ""] = view.href().split("?");
  return html`<div class="title"><h1>${envelope.manifest.name}</h1>${renderBadge(state, STATE_TONES[state])}</div>
<p class="quiet"><code class="whole">${id}</code></p>${renderTabs("Parts of the zone", tabs, path)}`;
}

function renderZoneFacts({ epoch, members, envelope }: ZoneBody): Markup {
  const { manifest, signed_at } = envelope;
  const { rules, creator } = manifest;
  return html`<p>${manifest.description}</p>${renderFacts([
    ["Members", rules?.max_members ? `${members} of ${rules.max_members}` : members],
    ["Who may join", rules?.open === false ? "who is invited" : "anybody"],
    ["Skills required", (rules?.skills_required ?? []).join(", ") || "none"],
    ["Type", manifest.type],
    ["Topic", manifest.topic ?? "none"],
    ["Epoch", epoch],
    ["Signed", renderTime(signed_at)],
    ["Created", renderTime(manifest.created_at)],
    ["Creator", renderId(creator.node_id)],
    ["Creator's wallet", creator.wallet ? renderId(creator.wallet) : "none"],
    ["Creator's fee", `${(manifest.creator_fee_bps ?? 0) / 100} %`],
    ["Chain", manifest.chain_id ?? "default"],
  ])}`;
}

function renderActions(view: View, actions: readonly ActionHealth[]): Markup {
  const columns: Column<ActionHealth>[] = [
    {
      title: "Action",
      cell: ({ action }) =>
        html`<b>${action.name}</b><br><span class="quiet">${action.description}</span>`,
    },
    { title: "Price", cell: ({ action }) => renderPrice(action), isNumber: true },
    { title: "Run by", cell: ({ handler }) => handler },
    { title: "Health", cell: ({ word, tone }) => renderBadge(word, tone) },
    { title: "What to do", cell: ({ remedy }) => remedy },
  ];
  if (view.may("closeBreaker")) {
    columns.push({
      title: "Do",
      cell: ({ breaker }) =>
        breaker === undefined
          ? ""
          : view.renderAction("closeBreaker", { params: { breaker }, isCompact: true }),
    });
  }
  return renderTable(
    "Actions and who runs them",
    columns,
    actions,
    "The zone has no actions: its members talk.",
  );
}

function renderPrice({ price }: ZoneAction): Markup | string {
  if (!price) return "free";
  const amount = price.asset === "USDC" ? toUsdc(price.amount) : `${price.amount} ${price.asset}`;
  return price.settlement_mode === "escrow"
    ? html`${amount} <span class="quiet">escrow</span>`
    : amount;
}

function renderStewards(stewards: readonly StewardRef[]): Markup {
  return renderTable(
    "Who holds the zone",
    [
      { title: "Node", cell: ({ node_id }) => renderId(node_id) },
      { title: "Role", cell: ({ role }) => role },
      { title: "Votes", cell: ({ role, voter }) => (role === "primary" || voter ? "yes" : "no") },
      { title: "Entrypoint", cell: ({ entrypoint }) => html`<code>${entrypoint ?? "none"}</code>` },
    ],
    stewards,
    "The manifest names no steward.",
  );
}

/** What an update says: what the creator says about the zone, without what the steward fills in. */
function toSaid({ envelope }: ZoneBody): string {
  const { name, description, type, topic, rules, actions, creator, creator_fee_bps } =
    envelope.manifest;
  const { node_id: _, ...person } = creator;
  const isSomebody = Object.values(person).some((value) => value !== null && value !== undefined);
  const said = { name, description, type, topic, rules, actions, creator_fee_bps };
  return JSON.stringify({ ...said, ...(isSomebody && { creator: person }) }, null, 2);
}

function renderChanges(view: View, zone: ZoneBody): Markup {
  const { id, epoch, state } = zone;
  const offer = { params: { zone_id: id }, epoch };
  const isOpen = state === "active" || state === "registered";
  const forms = isOpen
    ? [view.renderAction("stopZone", offer)]
    : [
        state === "suspended" ? view.renderAction("resumeZone", offer) : "",
        view.renderAction("deleteZone", { ...offer, back: `/admin/zones/${id}` }),
      ];
  if (forms.every((form) => form === "")) {
    return html`<p class="empty">Your token may read this zone, not change it: that needs the scope operate, to delete it admin.</p>`;
  }
  const update = view.renderAction("updateZone", { ...offer, filled: { manifest: toSaid(zone) } });
  return html`${isOpen ? renderFold("Change what it says", update) : ""}
<div class="cards">${forms.map((form) => (form === "" ? "" : html`<div class="card">${form}</div>`))}</div>`;
}
