import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import {
  renderBadge,
  renderId,
  renderLive,
  renderPager,
  renderTable,
  renderTime,
} from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import { STATE_TONES, type ZoneBody } from "./zone-types.ts";

const PAGE_ITEMS = 50;
const TYPES = ["open", "topic", "service", "market", "workspace"];

/** `/admin/zones`, and the form that makes one. */
export function createZoneListPages(): Page[] {
  return [
    {
      path: "/zones",
      nav: "Zones",
      operation: "listZones",
      render: async (view) => {
        const keyword = view.query("keyword");
        const type = view.query("type");
        const { zones, next } = await view.api.read<{ zones: ZoneBody[]; next?: string }>(
          "listZones",
          {
            query: {
              limit: String(PAGE_ITEMS),
              ...(view.query("after") !== "" && { after: view.query("after") }),
              ...(keyword !== "" && { keyword }),
              ...(TYPES.includes(type) && { type }),
            },
          },
        );
        const isFiltered = keyword !== "" || type !== "";
        const body = html`<div class="title"><h1>Zones</h1>${
          view.may("createZone")
            ? html`<a class="button act" href="/admin/zones/new">Create a zone</a>`
            : ""
        }</div>${renderSearch(keyword, type)}
${renderLive("zones", renderZones(zones, isFiltered))}${renderPager(view, next)}`;
        return { title: "Zones", body };
      },
    },
    {
      path: "/zones/new",
      operation: "createZone",
      render: async (view: View) => ({
        title: "Create a zone",
        body: html`<h1>Create a zone</h1><p class="quiet">This steward signs it as its creator. What it says can be changed later, its id cannot.</p>
<section class="card">${view.renderAction("createZone", { back: "/admin/zones/new" })}</section>`,
      }),
    },
  ];
}

function renderSearch(keyword: string, type: string): Markup {
  return html`<form class="search" method="get" role="search"><div class="field"><label for="keyword">Name or description</label>
<input id="keyword" name="keyword" type="search" value="${keyword}" maxlength="256"></div>
<div class="field"><label for="type">Type</label><select id="type" name="type"><option value="">any</option>${TYPES.map(
    (one) => html`<option ${one === type ? "selected" : ""}>${one}</option>`,
  )}</select></div><button>Search</button></form>`;
}

function renderZones(zones: readonly ZoneBody[], isFiltered: boolean): Markup {
  return renderTable(
    "Zones by id",
    [
      {
        title: "Name",
        cell: ({ id, envelope }) =>
          html`<a href="/admin/zones/${id}">${envelope.manifest.name}</a>`,
      },
      { title: "Id", cell: ({ id }) => renderId(id) },
      { title: "State", cell: ({ state }) => renderBadge(state, STATE_TONES[state]) },
      { title: "Type", cell: ({ envelope }) => envelope.manifest.type },
      { title: "Members", cell: ({ members }) => members, isNumber: true },
      {
        title: "Actions",
        cell: ({ envelope }) => envelope.manifest.actions?.length ?? 0,
        isNumber: true,
      },
      { title: "Epoch", cell: ({ epoch }) => epoch, isNumber: true },
      { title: "Signed", cell: ({ envelope }) => renderTime(envelope.signed_at) },
    ],
    zones,
    isFiltered
      ? "No zone is like that: search for something else."
      : html`There is no zone yet. Create one here, or with <code>steward zone create zone.json</code>.`,
  );
}
