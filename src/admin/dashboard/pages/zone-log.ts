import { createHash } from "node:crypto";
import { html } from "hono/html";
import { toCanonicalJson } from "../../../protocol/json.ts";
import {
  type ChainHash,
  findStart,
  followChain,
  type LogEntry,
} from "../../../protocol/log-chain.ts";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import { type Column, renderId, renderTable, renderTime } from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import { readZone, renderZoneHead } from "./zone.ts";

interface Linked {
  readonly entry: LogEntry;
  readonly hash: string;
}

interface LogPage {
  readonly entries: readonly Linked[];
  readonly head_seq: number;
}

const PAGE_ITEMS = 50;
/** What a message or an event says is shown so far, in characters. */
const DATA_CHARS_MAX = 2000;
const SEQ_PATTERN = /^[0-9]{1,15}$/;

const hash: ChainHash = (before, text) => {
  const sum = createHash("sha256");
  if (before !== undefined) sum.update(Buffer.from(before, "hex"));
  return sum.update(text).digest("hex");
};

const COLUMNS: readonly Column<Linked>[] = [
  { title: "Seq", cell: ({ entry }) => entry.seq, isNumber: true },
  { title: "Time", cell: ({ entry }) => renderTime(entry.timestamp) },
  { title: "Kind", cell: ({ entry }) => entry.kind },
  { title: "Node", cell: ({ entry }) => renderId(entry.node_id) },
  { title: "What", cell: ({ entry }) => renderData(entry) },
  { title: "Hash", cell: ({ hash: told }) => renderId(told) },
];

/** `/admin/zones/{zone_id}/log`: a page of the log, its hashes computed anew. */
export function createZoneLogPages(): Page[] {
  return [
    {
      path: "/zones/:zone_id/log",
      operation: "listZoneLog",
      render: async (view) => {
        const zone = await readZone(view);
        const log = await readLog(view, zone.id);
        const first = log.entries[0]?.entry.seq ?? 0;
        const last = log.entries.at(-1)?.entry.seq ?? 0;
        const body = html`${renderZoneHead(view, zone)}
<p>Entries ${first} to ${last} of ${log.head_seq}. ${log.check}</p>
${renderTable("Entries of the log", COLUMNS, log.entries, "Nothing was written yet: joins, messages and changes will stand here.")}
${renderSeqPager(view, first, last, log.head_seq)}
<p class="command"><span>All of it, to be checked anywhere</span> <code>steward zone export ${zone.id} zone.jsonl &amp;&amp; steward verify zone.jsonl</code></p>`;
        return { title: `Log of ${zone.envelope.manifest.name}`, body };
      },
    },
  ];
}

/** Reads a page, by default the newest, with the entry before it: its first hash follows from that. */
async function readLog(view: View, zoneId: string): Promise<LogPage & { readonly check: Markup }> {
  const read = (after: number, limit: number) =>
    view.api.read<LogPage>("listZoneLog", {
      params: { zone_id: zoneId },
      query: { after: String(after), limit: String(limit) },
    });
  const asked = view.query("after");
  const after = SEQ_PATTERN.test(asked)
    ? Number(asked)
    : Math.max(0, (await read(0, 1)).head_seq - PAGE_ITEMS);
  const { entries: all, head_seq } = await read(Math.max(0, after - 1), PAGE_ITEMS + 1);
  const entries = all.filter(({ entry }) => entry.seq > after).slice(0, PAGE_ITEMS);
  const before = all.find(({ entry }) => entry.seq === after);
  return { entries, head_seq, check: checkHashes(zoneId, entries, before) };
}

function checkHashes(
  zoneId: string,
  entries: readonly Linked[],
  before: Linked | undefined,
): Markup {
  const first = entries[0]?.entry.seq;
  if (first === undefined) return html``;
  const known = before && { seq: before.entry.seq, hash: before.hash };
  const afterSeq = first - 1;
  const start = findStart(hash, { zoneId, afterSeq, known });
  const result = followChain(hash, zoneId, start, entries.map(toChainLink));
  if ("fault" in result) {
    return html`<span class="badge bad">hashes do not match</span> Entry ${result.seq} does not follow from the one before. Stop writing and see <code>steward doctor</code>.`;
  }
  const since = start.hash === undefined ? ", the first one taken as told" : "";
  return html`<span class="badge good">hashes match</span> Each was computed anew from the one before${since}.`;
}

function toChainLink({ entry, hash: told }: Linked) {
  const { zone_id, seq, timestamp, kind, node_id, data } = entry;
  const chained = { seq, timestamp, kind, zoneId: zone_id, nodeId: node_id };
  return { entry: { ...chained, data: toCanonicalJson(data) }, hash: told };
}

function renderData({ data }: LogEntry): Markup {
  const text = JSON.stringify(data);
  const isCut = text.length > DATA_CHARS_MAX;
  return html`<code class="data">${text.slice(0, DATA_CHARS_MAX)}</code>${isCut ? html` <span class="quiet">and ${text.length - DATA_CHARS_MAX} more characters</span>` : ""}`;
}

function renderSeqPager(view: View, first: number, last: number, head: number): Markup {
  const older = Math.max(0, first - 1 - PAGE_ITEMS);
  return html`<nav class="pager" aria-label="Pages of the log">
${first > 1 ? html`<a class="button" href="${view.href({ after: String(older) })}">Older</a>` : ""}
${last < head ? html`<a class="button" href="${view.href({ after: String(last) })}">Newer</a> <a class="button" href="${view.href({ after: "" })}">Newest</a>` : ""}</nav>`;
}
