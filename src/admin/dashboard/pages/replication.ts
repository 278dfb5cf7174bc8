import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import {
  type Column,
  renderBadge,
  renderFacts,
  renderFold,
  renderId,
  renderLive,
  renderPager,
  renderTable,
  renderTime,
  type Tone,
} from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import { renderJson, toListQuery } from "./lists.ts";
import type { Cut, Evidence, Peer, Replica } from "./replication-types.ts";

const SET_ASIDE_SHOWN = 20;
const GOOD_STATES = ["primary", "ready"];
const BAD_STATES = ["halted", "lost", "STATE_LOST"];

/** `/admin/replication`, and the page of one zone. */
export function createReplicationPages(): Page[] {
  return [
    {
      path: "/replication",
      nav: "Replication",
      operation: "listReplicas",
      render: async (view) => {
        const { replicas, next } = await view.api.read<{ replicas: Replica[]; next?: string }>(
          "listReplicas",
          { query: toListQuery(view) },
        );
        const body = html`<h1>Replication</h1>${renderLive("replicas", renderReplicas(replicas), { isSpoken: true })}${renderPager(view, next)}
<p class="quiet">What to do when: <code>docs/replication.md</code></p>`;
        return { title: "Replication", body };
      },
    },
    {
      path: "/replication/:zone_id",
      operation: "getReplica",
      render: async (view) => {
        const params = { zone_id: view.param("zone_id") };
        const [replica, evidence, quarantine] = await Promise.all([
          view.api.read<Replica>("getReplica", { params }),
          view.api.read<{ evidence: Evidence[]; next?: number }>("listEvidence", {
            params,
            query: toCursor(view, "evidence"),
          }),
          view.api.read<{ quarantine: Cut[]; next?: number }>("listQuarantine", {
            params,
            query: toCursor(view, "quarantine"),
          }),
        ]);
        const body = html`<div class="title"><h1>Replicated zone</h1>${renderStateBadge(replica.state)}</div>
<p class="quiet"><a href="/admin/zones/${replica.zone_id}"><code class="whole">${replica.zone_id}</code></a></p>
${renderLive("standing", renderStanding(replica), { isSpoken: true })}
<section><h2>Stewards</h2>${renderLive("peers", renderPeers(view, replica))}${renderFold("Name another steward", view.renderAction("addSteward", { params }))}</section>
<section><h2>What can be done</h2>${renderNext(view, params)}</section>
<section><h2>Evidence</h2>${renderEvidence(evidence.evidence)}${renderPager(view, evidence.next, "evidence")}</section>
<section><h2>Set aside</h2>${renderQuarantine(view, quarantine.quarantine)}${renderPager(view, quarantine.next, "quarantine")}</section>`;
        return { title: "Replicated zone", body };
      },
    },
  ];
}

function toCursor(view: View, name: string): Record<string, string> {
  const after = view.query(name);
  return { limit: String(SET_ASIDE_SHOWN), ...(/^\d{1,15}$/.test(after) && { after }) };
}

function renderStateBadge(state: string): Markup {
  const tone: Tone = GOOD_STATES.includes(state)
    ? "good"
    : BAD_STATES.includes(state)
      ? "bad"
      : "warn";
  return renderBadge(state, tone);
}

function renderReplicas(replicas: readonly Replica[]): Markup {
  const columns: Column<Replica>[] = [
    { title: "Zone", cell: ({ zone_id }) => renderId(zone_id, `/admin/replication/${zone_id}`) },
    { title: "Role here", cell: ({ role }) => role },
    { title: "State", cell: ({ state }) => renderStateBadge(state) },
    { title: "Takes money", cell: ({ in_charge }) => (in_charge.money ? "yes" : "no") },
    { title: "Takes messages", cell: ({ in_charge }) => (in_charge.other ? "yes" : "no") },
    { title: "Epoch", cell: ({ epoch }) => epoch, isNumber: true },
    { title: "Log", cell: ({ head_seq }) => head_seq, isNumber: true },
    {
      title: "Furthest behind",
      cell: ({ peers }) => {
        const lags = peers.flatMap(({ lag_n }) => (lag_n === null ? [] : [lag_n]));
        return lags.length === 0 ? "–" : `${Math.max(...lags)} commits`;
      },
      isNumber: true,
    },
    { title: "Set aside", cell: ({ quarantined }) => quarantined, isNumber: true },
    { title: "Evidence", cell: ({ evidence }) => evidence, isNumber: true },
  ];
  return renderTable(
    "Zones that more than one steward holds, by id",
    columns,
    replicas,
    html`No zone here is held by another steward, too. Name creators in <code>replication.allow</code>, and others in a zone's <code>steward_set</code>: <code>docs/replication.md</code> goes from nothing to three.`,
  );
}

function renderStanding(replica: Replica): Markup {
  const { in_charge, not_in_charge, halted, lost, waiting_for, position } = replica;
  const toWord = (isSo: boolean, why: string | undefined) =>
    isSo ? "yes" : `no: ${why ?? "not here"}`;
  return html`${halted === null ? "" : html`<p class="notice bad"><b>Halted: ${halted}.</b> See the evidence; then take another copy, or have the creator sign an epoch without the liar.</p>`}
${lost ? html`<p class="notice bad"><b>It forgot what it acknowledged.</b> It is not counted before the creator signs a new epoch.</p>` : ""}
${waiting_for.length === 0 ? "" : html`<p class="notice bad"><b>Waits for</b> ${waiting_for.map((node) => html`${renderId(node)} `)}: start one of them, or accept the loss.</p>`}
${renderFacts([
  ["Role here", replica.role],
  ["Primary", renderId(replica.primary)],
  ["Epoch", replica.epoch],
  ["Takes money", toWord(in_charge.money, not_in_charge?.money)],
  ["Takes messages", toWord(in_charge.other, not_in_charge?.other)],
  ["Position", position === null ? "none" : `${position.n} of epoch ${position.epoch}`],
  ["Log's head", replica.head_seq],
  ["Envelope", renderId(replica.envelope_hash)],
])}`;
}

function renderPeers(view: View, { zone_id, peers }: Replica): Markup {
  const columns: Column<Peer>[] = [
    { title: "Node", cell: ({ node_id }) => renderId(node_id) },
    {
      title: "Role",
      cell: ({ role, voter }) => (role === "primary" ? "primary" : voter ? "voter" : "learner"),
    },
    {
      title: "Connected",
      cell: ({ connected }) => renderBadge(connected ? "yes" : "no", connected ? "good" : "bad"),
    },
    { title: "State", cell: ({ state }) => (state === null ? "unknown" : renderStateBadge(state)) },
    { title: "Holds", cell: ({ acked_n }) => acked_n ?? "–", isNumber: true },
    {
      title: "Behind",
      cell: ({ lag_n }) => (lag_n === null ? "–" : `${lag_n} commits`),
      isNumber: true,
    },
    {
      title: "Last heard",
      cell: ({ lag_ms }) => (lag_ms === null ? "–" : `${lag_ms} ms ago`),
      isNumber: true,
    },
    {
      title: "Reached at",
      cell: ({ url }) => (url === null ? "unknown" : html`<code>${url}</code>`),
    },
    {
      title: "Do",
      cell: ({ node_id, role }) =>
        role === "primary"
          ? ""
          : view.renderAction("removeSteward", { params: { zone_id, node_id }, isCompact: true }),
    },
  ];
  return renderTable(
    "The zone's other stewards",
    columns,
    peers,
    "The zone names no other steward.",
  );
}

function renderNext(view: View, params: { readonly zone_id: string }): Markup {
  const forms = ["promoteReplica", "resyncReplica"]
    .map((operation) => view.renderAction(operation, { params }))
    .filter((form) => form !== "");
  if (forms.length === 0) {
    return html`<p class="empty">Your token may read this zone's replication; to change it needs the scope operate.</p>`;
  }
  return html`<div class="cards">${forms.map((form) => html`<div class="card">${form}</div>`)}</div>`;
}

function renderEvidence(evidence: readonly Evidence[]): Markup {
  return renderTable(
    "Proof of what stewards or the creator did wrong",
    [
      { title: "When", cell: ({ at }) => renderTime(at) },
      { title: "Kind", cell: ({ kind }) => renderBadge(kind, "bad") },
      { title: "Signed by", cell: ({ signer }) => renderId(signer) },
      { title: "Epoch", cell: ({ epoch }) => epoch, isNumber: true },
      {
        title: "Documents",
        cell: ({ documents }) =>
          html`<details><summary>Show</summary>${renderJson(documents)}</details>`,
      },
    ],
    evidence,
    html`Nobody was caught. <code>steward verify-evidence FILE</code> checks proof on any machine.`,
  );
}

function renderQuarantine(view: View, cuts: readonly Cut[]): Markup {
  const zone_id = view.param("zone_id");
  return renderTable(
    "What a former primary had and no later one has",
    [
      { title: "When", cell: ({ at }) => renderTime(at) },
      { title: "Epoch", cell: ({ epoch }) => epoch, isNumber: true },
      { title: "Entries", cell: ({ entries }) => entries.length, isNumber: true },
      { title: "Records", cell: ({ records }) => records.length, isNumber: true },
      {
        title: "Content",
        cell: ({ entries, records }) =>
          html`<details><summary>Show</summary>${renderJson([...entries, ...records])}</details>`,
      },
      {
        title: "Do",
        cell: ({ id }) =>
          view.renderAction("removeQuarantine", {
            params: { zone_id, cut_id: id },
            isCompact: true,
          }),
      },
    ],
    cuts,
    "Nothing was set aside: no copy had to be cut back.",
  );
}
