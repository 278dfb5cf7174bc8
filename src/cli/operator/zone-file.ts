import { createWriteStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { UsageError } from "../exit-codes.ts";
import { integerOf } from "../input.ts";
import { type Answer, toDone } from "../output.ts";
import type { AdminApi, AdminDownload } from "./admin-client.ts";
import { addOperatorCommand, type OperatorOptions, openDownload, operate } from "./operate.ts";

const LAST_LINE_BYTES = 4096;

type DeleteOptions = OperatorOptions & {
  /** A file, or false for none. */
  readonly export?: string | false;
  readonly keepOwed?: boolean;
  readonly ifEpoch?: number;
};

/** Adds `steward zone export|delete`. */
export function addZoneFileCommands(zone: Command): void {
  addOperatorCommand(zone, "export <zone-id> <file>", "write a zone to one signed file")
    .addHelpText("after", EXPORT_HELP)
    .action((zoneId: string, file: string, options: OperatorOptions) =>
      operate(options, async () => {
        const bytes = await writeZone(await openDownload(options), zoneId, file);
        const value = { zone_id: zoneId, file, bytes };
        return toDone(value, `${file} (${bytes} bytes)\n\nCheck it: steward verify ${file}`);
      }),
    );
  addOperatorCommand(
    zone,
    "delete <zone-id>",
    "really remove a stopped zone; disk space comes back",
  )
    .option("--export <file>", "first write it to this file")
    .option("--no-export", "keep no copy of it")
    .option(
      "--keep-owed",
      "also where failed refunds, or paid requests without an answer, are left: they stay owed",
    )
    .option(
      "--if-epoch <n>",
      "only if the zone is at this epoch",
      integerOf(1, Number.MAX_SAFE_INTEGER),
    )
    .addHelpText("after", DELETE_HELP)
    .action((zoneId: string, options: DeleteOptions) =>
      operate(options, (api) => deleteZone(api, zoneId, options)),
    );
}

async function deleteZone(api: AdminApi, zoneId: string, options: DeleteOptions): Promise<Answer> {
  const { export: file, ifEpoch } = options;
  if (typeof file !== "string" && file !== false) {
    throw new UsageError(
      "A deleted zone is gone: name the file that keeps it with --export <file>, or say --no-export.",
    );
  }
  if (file !== false) await writeZone(await openDownload(options), zoneId, file);
  const headers = { ...(ifEpoch !== undefined && { "if-match": `"${ifEpoch}"` }) };
  const query = options.keepOwed ? "?owed=keep" : "";
  await api("DELETE", `${toPath(zoneId)}${query}`, { headers });
  const kept = file === false ? "" : `; ${file} has what it was`;
  return toDone(
    { zone_id: zoneId, deleted: true, ...(file !== false && { file }) },
    `${zoneId} is deleted${kept}`,
  );
}

/** Writes a zone's file, whole or not at all. @returns its bytes */
async function writeZone(download: AdminDownload, zoneId: string, file: string): Promise<number> {
  if (await stat(file).catch(() => undefined)) {
    throw new UsageError(`${file} is there already: name another file.`);
  }
  const part = `${file}.part`;
  try {
    const body = await download(`${toPath(zoneId)}/export`);
    const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(source, createWriteStream(part, { mode: 0o600, flush: true }));
    const { size } = await stat(part);
    await assertWhole(part, size);
    await rename(part, file);
    return size;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** The steward's signature is the last line: without it something broke off. */
async function assertWhole(file: string, size: number): Promise<void> {
  const handle = await open(file);
  try {
    const from = Math.max(0, size - LAST_LINE_BYTES);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(size - from),
      0,
      size - from,
      from,
    );
    const end = buffer.subarray(0, bytesRead).toString("utf8");
    if (/(?:^|\n)\{"head":[^\n]+\}\n$/.test(end)) return;
  } finally {
    await handle.close();
  }
  throw new Error("The zone's file broke off before its end; nothing was written. Try again.");
}

function toPath(zoneId: string): string {
  return `/v1/zones/${encodeURIComponent(zoneId)}`;
}

const EXPORT_HELP = `
Lines of JSON: envelopes, the log with its hashes, and last the head as the steward signs it. steward verify
checks it on any machine, without a steward.`;

const DELETE_HELP = `
The zone must be stopped or suspended, and nothing of it open: no payment, escrow, refund or paid request.
What only waits for you is no hindrance with --keep-owed: steward settlement list --waiting operator has it then.
Paid answers stay for 90 days, the books for good, and its epoch, below which it never comes back.`;
