import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import {
  type Column,
  renderBadge,
  renderFold,
  renderLive,
  renderPager,
  renderTable,
  renderTime,
  type Tone,
  toBytes,
  toSpan,
} from "../frame/parts.ts";
import { toListQuery } from "./lists.ts";

interface BackupBody {
  readonly id: string;
  readonly state: "running" | "complete" | "failed";
  readonly reason: string;
  readonly path?: string;
  readonly bytes?: number;
  readonly started_at: number;
  readonly ended_at?: number;
  readonly keys?: boolean;
  readonly progress?: { readonly pages: number; readonly pages_total: number };
  readonly error?: string;
}

type ConfigValue = string | number | boolean | null | readonly ConfigValue[] | ConfigObject;
interface ConfigObject {
  readonly [key: string]: ConfigValue;
}

const TONES: Readonly<Record<BackupBody["state"], Tone>> = {
  running: "warn",
  complete: "good",
  failed: "bad",
};

/** `/admin/backups`, and `/admin/config`: what is in force. */
export function createServicePages(): Page[] {
  return [
    {
      path: "/backups",
      nav: "Backups",
      operation: "listBackups",
      render: async (view) => {
        const { backups, next } = await view.api.read<{ backups: BackupBody[]; next?: string }>(
          "listBackups",
          { query: toListQuery(view) },
        );
        const form = view.renderAction("createBackup");
        const body = html`<h1>Backups</h1>${renderLive("backups", renderBackups(backups), { isSpoken: true })}${renderPager(view, next)}
${form === "" ? "" : html`<section class="card"><h2>Another one</h2><p>The steward goes on meanwhile; whatever was acknowledged before its end is in it.</p>${form}</section>`}
<p class="quiet">A backup is proven by <code>steward backup verify FOLDER</code> and put back by <code>steward backup restore FOLDER</code> while no steward runs.</p>`;
        return { title: "Backups", body };
      },
    },
    {
      path: "/config",
      nav: "Configuration",
      operation: "getConfig",
      render: async (view) => {
        const { config } = await view.api.read<{ config: ConfigObject }>("getConfig");
        const entries = Object.entries(config);
        const isSection = ([, value]: readonly [string, ConfigValue]) => typeof value === "object";
        const plain = Object.fromEntries(entries.filter((entry) => !isSection(entry)));
        const sections = entries
          .filter(isSection)
          .map(([name, value]) => renderFold(name, renderSection(name, flatten(name, value))));
        const body = html`<h1>Configuration in force</h1>
<p class="quiet">Secrets are hidden, and of URLs is shown only where they lead. Every key: <code>docs/configuration.md</code>; what is wrong with a file, before it is read: <code>steward config check</code></p>
${renderSection(
  "Of the steward",
  Object.entries(plain).map(([key, value]) => [key, String(value)] as const),
)}
${sections}<section class="card"><h2>Changed the file?</h2><p>Limits, handlers, retention, the scanner and the log's level change without a restart. Where anything is wrong nothing changes, and it is said.</p>${view.renderAction("reloadConfig")}</section>`;
        return { title: "Configuration", body };
      },
    },
  ];
}

function renderBackups(backups: readonly BackupBody[]): Markup {
  const columns: Column<BackupBody>[] = [
    { title: "Backup", cell: ({ id }) => html`<code>${id}</code>` },
    { title: "State", cell: ({ state }) => renderBadge(state, TONES[state]) },
    {
      title: "How far, or why not",
      cell: ({ progress, error }) =>
        error ??
        (progress === undefined ? "" : `${progress.pages} of ${progress.pages_total} pages`),
    },
    {
      title: "Asked for by",
      cell: ({ reason }) => (reason === "schedule" ? "the schedule" : "somebody"),
    },
    { title: "Began", cell: ({ started_at }) => renderTime(started_at) },
    {
      title: "Took",
      cell: ({ started_at, ended_at }) =>
        ended_at === undefined ? "–" : toSpan(ended_at - started_at),
    },
    {
      title: "Size",
      cell: ({ bytes }) => (bytes === undefined ? "–" : toBytes(bytes)),
      isNumber: true,
    },
    {
      title: "Keys",
      cell: ({ keys }) => (keys === undefined ? "–" : keys ? "in it" : "not in it"),
    },
    {
      title: "Folder",
      cell: ({ path }) => (path === undefined ? "–" : html`<code class="whole">${path}</code>`),
    },
  ];
  return renderTable(
    "Backups, oldest first",
    columns,
    backups,
    html`There is no backup. Make one now, and set <code>backup.interval_secs</code> and a <code>backup.dir</code> on another disk, so that they are made by themselves.`,
  );
}

function renderSection(
  name: string,
  values: Iterable<readonly [key: string, text: string]>,
): Markup {
  return renderTable(
    name,
    [
      { title: "Key", cell: ([key]) => html`<code>${key}</code>` },
      { title: "Value", cell: ([, text]) => html`<code class="whole">${text}</code>` },
    ],
    [...values],
    "Nothing is set.",
  );
}

function* flatten(key: string, value: ConfigValue): Generator<readonly [string, string]> {
  if (typeof value !== "object" || value === null) {
    yield [key, String(value)];
    return;
  }
  for (const [name, item] of Object.entries(value))
    yield* flatten(`${key}.${name}`, item as ConfigValue);
}
