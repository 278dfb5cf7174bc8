// Writes docs/metrics.md from the metrics and docs/configuration.md from the configuration's schema; `--check`
// only compares: `npm run generate`.
import { readFileSync, writeFileSync } from "node:fs";
import { METRICS } from "../src/admin/metrics/catalogue.ts";
import { toConfigPage } from "./config-page.ts";

const METRICS_INTRO = `# Metrics

\`GET /metrics\` is Prometheus' text format; who may read it: [operations](operations.md#metrics). Counters begin
at 0 with each start. No label is an id of a zone, a node or a payment: each has few values, and a metric
has at most 1,000 series, what is beyond is counted as \`other\`. Histograms end in \`_bucket\`, \`_sum\` and \`_count\`.

<!-- Made from src/admin/metrics by \`npm run generate\`. -->

| metric | type | labels | what it says |
|---|---|---|---|
`;

function toMetricsPage(): string {
  const rows = METRICS.map(({ name, type, labels = [], help }) => {
    const shown = labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${type} | ${shown} | ${help} |`;
  });
  return `${METRICS_INTRO}${rows.join("\n")}\n`;
}

const PAGES = [
  ["docs/metrics.md", toMetricsPage()],
  ["docs/configuration.md", toConfigPage()],
] as const;

for (const [page, text] of PAGES) {
  if (!process.argv.includes("--check")) {
    writeFileSync(page, text);
  } else if (readFileSync(page, "utf8") !== text) {
    process.stderr.write(`${page} is out of step: run npm run generate\n`);
    process.exitCode = 1;
  }
}
