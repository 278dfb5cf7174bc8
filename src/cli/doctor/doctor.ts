import { findMasterKey } from "../../identity/master-key.ts";
import { readSecretFile } from "../../identity/secret-file.ts";
import { EXIT } from "../exit-codes.ts";
import { getContext } from "../operator/contexts.ts";
import { printAnswer, toPlain } from "../output.ts";
import { diagnoseChains } from "./chains.ts";
import { diagnoseClock } from "./clock.ts";
import { diagnoseConfig } from "./configuration.ts";
import { diagnoseDatabase } from "./database.ts";
import { diagnoseFiles } from "./files.ts";
import { AREAS, type Finding } from "./finding.ts";
import { diagnoseService } from "./service.ts";
import { diagnoseTrust } from "./trust.ts";

/** The options of `steward doctor`. */
export interface DoctorOptions {
  readonly config?: string;
  readonly data?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly context?: string;
  readonly json?: boolean;
}

/**
 * Looks at everything that a steward stands on, running or not, and says of each thing what was found and
 * what to do; changes nothing. Ends with 1 where something is wrong.
 */
export async function runDoctor(options: DoctorOptions): Promise<void> {
  const findings = await diagnose(options);
  const ok = findings.every((finding) => finding.ok);
  printAnswer({ value: { ok, findings }, text: () => toText(findings) }, options.json);
  if (!ok) process.exitCode = EXIT.failed;
}

async function diagnose(options: DoctorOptions): Promise<Finding[]> {
  const { loaded, findings } = diagnoseConfig(options);
  const config = loaded?.config;
  const path = config?.data_dir ?? options.data;
  if (path === undefined) return [...findings];
  const files = diagnoseFiles({
    path,
    needsWallet: (config?.chains.length ?? 0) > 0,
    diskFreeBytesMin: config?.store.disk_free_bytes_min ?? 0,
    masterKey: config && findMasterKey(config.secrets, process.env),
    secrets: config?.secrets ?? {},
  });
  const database = diagnoseDatabase(path, createProgress());
  if (config === undefined) return [...findings, ...files.findings, ...database];
  const named = options.context === undefined ? undefined : getContext(options.context);
  const url = options.url ?? named?.url;
  const token = readToken(options.tokenFile ?? named?.token_file);
  const outside = await Promise.all([
    diagnoseClock(config),
    diagnoseService({ ...files, config, url, token }),
    diagnoseChains(config),
    diagnoseTrust(config),
  ]);
  return [...findings, ...files.findings, ...database, ...outside.flat()];
}

function readToken(file: string | undefined): string | undefined {
  return (file === undefined ? process.env.STEWARD_TOKEN : readSecretFile(file)) || undefined;
}

/** Says on a terminal, on one line, what is being done. */
function createProgress(): (progress: string) => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => {};
  process.once("exit", () => stderr.write("\r\u001b[K"));
  let toldMs = 0;
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs - toldMs < 100) return;
    toldMs = nowMs;
    stderr.write(`\r\u001b[K${progress}`);
  };
}

function toText(findings: readonly Finding[]): string {
  const blocks = AREAS.flatMap((area) => {
    const own = findings.filter((finding) => finding.area === area);
    if (own.length === 0) return [];
    const width = Math.max(...own.map(({ item }) => item.length));
    return [[area, ...own.flatMap((finding) => toLines(finding, width))].map(toPlain).join("\n")];
  });
  const wrong = findings.filter(({ ok }) => !ok).length;
  const end = wrong === 0 ? "Nothing is wrong." : `${wrong} thing(s) are wrong.`;
  return [...blocks, end].join("\n\n");
}

function toLines({ item, ok, detail, hint }: Finding, width: number): string[] {
  const mark = ok ? (hint === undefined ? "ok   " : "note ") : "WRONG";
  const line = `  ${mark}  ${item.padEnd(width)}  ${detail}`;
  return hint === undefined ? [line] : [line, `  ${"".padEnd(width + 7)}  ${hint}`];
}
