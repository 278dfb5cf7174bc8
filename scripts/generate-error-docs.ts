import { readFileSync, writeFileSync } from "node:fs";
import {
  ERROR_REASONS,
  type ErrorReason,
  type ErrorRow,
  HTTP_ERRORS,
  REASON_ADVICE,
  type Recovery,
  WIRE_ERRORS,
  ZONE_ERRORS,
} from "../src/error-catalogue.ts";
import { StewardError, toHttp } from "../src/errors.ts";

const FILE = new URL("../docs/errors.md", import.meta.url);

const RECOVERIES: Record<Recovery, string> = {
  retry:
    "Nothing is wrong with what was sent. Send the same thing again later, with the same ids, after `retry_after_ms` where it is given, else with growing pauses.",
  change:
    "The same thing sent again fails again. Read the hint, correct the message, the authorization or the state it relies on, and send a new one.",
  operator:
    "Neither waiting nor changing the message helps: somebody who runs or owns the zone has to act.",
  reconcile:
    "The outcome is not known to the sender. Ask for it (`zone.receipt`, `zone.history`) before anything is sent again.",
  never: "This is final. Do not try again.",
};

function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("<", "\\<")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function toCodeTable(rows: Readonly<Record<string, ErrorRow>>, withName: boolean): string {
  const head = ["code", ...(withName ? ["name"] : []), "category", "recovery", "HTTP"];
  return toTable(
    [...head, "means", "hint"],
    Object.entries(rows).map(([code, row]) => [
      `\`${code}\``,
      ...(withName ? [`\`${row.name}\``] : []),
      row.category,
      `\`${row.recovery}\``,
      String(row.http),
      row.summary,
      row.hint,
    ]),
  );
}

/** The reasons that have an HTTP status of their own, whatever the code's is. */
function toReasonStatuses(): string {
  const reasons = Object.keys(ERROR_REASONS) as ErrorReason[];
  return reasons
    .map((reason) => ({ reason, ...toHttp(new StewardError("internal", { reason }), "") }))
    .filter(({ status }) => status !== ZONE_ERRORS.internal.http)
    .map(({ reason, status }) => `\`${reason}\` ${status}`)
    .join(", ");
}

function toErrorDocs(): string {
  const recoveries = Object.entries(RECOVERIES).map(([name, text]) => [`\`${name}\``, text]);
  const reasons = Object.entries(ERROR_REASONS).map(([name, text]) => {
    const advice = REASON_ADVICE[name as ErrorReason];
    return [`\`${name}\``, text, advice?.recovery ?? "", advice?.hint ?? ""];
  });
  return `# Errors

Generated from \`src/error-catalogue.ts\` by \`node scripts/generate-error-docs.ts\`; do not edit.
The order in which codes are decided, and how errors travel, is in [protocol.md](protocol.md) §7.

The wire and the zone codes are closed sets: no other value ever stands in \`code\`, an ErrorMessage
never carries a zone code and a \`zone.error\` never a number. An error also has a \`recovery\` and a
\`hint\`, and may have a \`reason\` and \`retry_after_ms\`. Over the wire these four are sent only to peers
whose Hello lists the capability \`error_detail\`; over HTTP they are always there.

## Recovery: what the receiver can do

${toTable(["recovery", "do this"], recoveries)}

## Wire: the ${Object.keys(WIRE_ERRORS).length} codes of an ErrorMessage

${toCodeTable(WIRE_ERRORS, true)}

## Zone: the ${Object.keys(ZONE_ERRORS).length} codes of a \`zone.error\`

${toCodeTable(ZONE_ERRORS, false)}

## HTTP: codes that only the admin API answers with

The admin API also answers with the zone codes above and with the names of the wire codes; the column
HTTP is the status each is sent with. These reasons have a status of their own: ${toReasonStatuses()}.

${toCodeTable(HTTP_ERRORS, false)}

## Reasons

Beside the code, \`reason\` says what exactly went wrong. The list is closed; a reason may accompany more
than one code.

${toTable(["reason", "means", "recovery, where it differs from the code's", "what to do"], reasons)}
`;
}

function readPresent(): string | undefined {
  try {
    return readFileSync(FILE, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const wanted = toErrorDocs();
if (!process.argv.includes("--check")) {
  writeFileSync(FILE, wanted);
} else if (readPresent() !== wanted) {
  console.error("docs/errors.md is out of step: run node scripts/generate-error-docs.ts");
  process.exitCode = 1;
}
