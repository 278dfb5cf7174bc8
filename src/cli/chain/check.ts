import { join } from "node:path";
import { loadConfig } from "../../config/config.ts";
import { findWalletAddress } from "../../identity/wallet-key.ts";
import type { Finding } from "../../payments/chain/findings.ts";
import { type ChainReport, inspectChain } from "../../payments/chain/inspect.ts";
import { EXIT } from "../exit-codes.ts";
import { printAnswer, toPlain } from "../output.ts";

/** The options of `steward chain check`. */
export interface ChainCheckOptions {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/**
 * Says what a start would find of each configured chain; starts nothing, sends nothing. Ends with 0
 * where payments could be taken on every chain, 3 where no chain can be reached, else 1.
 */
export async function runChainCheck(options: ChainCheckOptions): Promise<void> {
  const { config } = loadConfig({
    file: options.config,
    environment: process.env,
    overrides: { ...(options.data !== undefined && { data_dir: options.data }) },
  });
  const wallet = findWalletAddress(join(config.data_dir, "wallet-key"));
  const now = Math.floor(Date.now() / 1000);
  const { payments } = config;
  const reports = await Promise.all(
    config.chains.map((chain) => inspectChain({ chain, payments, wallet, now })),
  );
  const ok = reports.every((report) => report.ok);
  printAnswer({ value: { ok, chains: reports }, text: () => toText(reports) }, options.json);
  if (ok) return;
  const isDark = reports.every(({ reachable }) => !reachable);
  process.exitCode = isDark ? EXIT.unreachable : EXIT.failed;
}

function toText(reports: readonly ChainReport[]): string {
  if (reports.length === 0) return "No chain is configured: this steward serves free actions only.";
  const blocks = reports.map(({ chain_id, network, ok, findings }) => {
    const width = Math.max(...findings.map(({ item }) => item.length));
    const head = `chain ${chain_id} (${network}): ${ok ? "ready" : "NOT READY"}`;
    return [head, ...findings.flatMap((finding) => toLines(finding, width))].map(toPlain);
  });
  return blocks.map((lines) => lines.join("\n")).join("\n\n");
}

function toLines({ item, ok, detail, hint }: Finding, width: number): string[] {
  const mark = ok ? (hint === undefined ? "ok   " : "note ") : "WRONG";
  const line = `  ${mark}  ${item.padEnd(width)}  ${detail}`;
  return hint === undefined ? [line] : [line, `  ${"".padEnd(width + 7)}  ${hint}`];
}
