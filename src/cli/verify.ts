import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { SignatureVerifier } from "../identity/verify.ts";
import { checkZoneFile, type FileFindings, NoZoneFile } from "../zones/export/file-check.ts";
import { EXIT, UsageError } from "./exit-codes.ts";
import { printAnswer, toFields, toPlain, toTime } from "./output.ts";
import { startProgress } from "./progress.ts";

/**
 * Checks a zone's file from what is in it alone, on any machine; ends with 1 where something is wrong.
 * @throws UsageError where it is no such file
 */
export async function runVerify(file: string, options: { readonly json?: boolean }): Promise<void> {
  const progress = startProgress();
  const total = file === "-" ? 0 : ((await stat(file).catch(() => undefined))?.size ?? 0);
  let done = 0;
  const verifier = new SignatureVerifier();
  const chunks = file === "-" ? process.stdin : createReadStream(file);
  try {
    const found = await checkZoneFile(chunks, verifier, (bytes) => {
      done += bytes;
      progress.show("checking", done, total);
    });
    progress.end();
    printAnswer({ value: found, text: () => toText(found) }, options.json);
    if (!found.ok) process.exitCode = EXIT.failed;
  } catch (error) {
    throw toUsageError(file, error);
  } finally {
    progress.end();
  }
}

function toUsageError(file: string, error: unknown): unknown {
  if (error instanceof NoZoneFile) {
    return new UsageError(
      `${file} holds no zone: expected what steward zone export writes. ${error.message}`,
    );
  }
  const { code } = error as NodeJS.ErrnoException;
  return /^E[A-Z]+$/.test(code ?? "") ? new UsageError(`${file} cannot be read (${code}).`) : error;
}

function toText(found: FileFindings): string {
  const { head, faults, faults_total: total } = found;
  const fields = toFields({
    ...{ zone: found.zone_id, name: found.name, creator: found.creator, epoch: found.epoch },
    ...{ entries: found.entries, after: found.after_seq || undefined, head: found.head_seq },
    "signed messages": found.signed_messages,
    ...{ steward: head?.steward, "signed at": toTime(head?.signed_at) },
  });
  const lines = faults.map(({ at, what }) => `- ${toPlain(`${at}: ${what}`)}`);
  const verdict = found.ok
    ? "It verifies: envelopes, the hash of each entry, and the steward's signature at the end."
    : [`${total} things are wrong:`, ...lines].join("\n");
  return `${fields}\n\n${verdict}`;
}
