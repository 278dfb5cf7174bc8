import { readFileSync, writeFileSync } from "node:fs";
import { CLIENT_ERRORS } from "../src/client/agent-error.ts";
import {
  ERROR_REASONS,
  type ErrorReason,
  type ErrorRow,
  HTTP_ERRORS,
  type HttpErrorCode,
  REASON_ADVICE,
  REASON_CATEGORIES,
  type Recovery,
  WIRE_ERRORS,
  ZONE_ERRORS,
} from "../src/error-catalogue.ts";
import {
  isWireErrorCode,
  isZoneErrorCode,
  StewardError,
  toErrorMessage,
  toHttp,
  toZoneError,
} from "../src/errors.ts";
import { FOREIGN_ERRORS } from "../src/foreign-errors.ts";
import { type ErrorGuide, WIRE_GUIDES, ZONE_GUIDES } from "./error-guides.ts";
import { REASON_GUIDES } from "./reason-guides.ts";

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

/** Where each is judged: src/payments/chain/rpc-errors.ts, src/outbound, src/store/sqlite-code.ts, src/cli/failure.ts. */
const FOREIGN: readonly (readonly string[])[] = [
  [
    "RPC node refuses or is silent",
    "HTTP status, JSON-RPC code (the table in `src/payments/chain/rpc-errors.ts`)",
    "`internal`, reason `CHAIN_UNAVAILABLE`; an alarm of the chain",
    "no node of the chain answers — wait; the operator adds RPC URLs (`steward chain check`)",
  ],
  [
    "RPC reports a revert",
    "revert data, else code 3 and its like",
    "`payment_failed`, reason `SETTLEMENT_REVERTED` or `INSUFFICIENT_BALANCE`",
    "the chain would not execute it — look at the payer's balance and the token",
  ],
  [
    "an action's HTTP server answers with an error",
    "status",
    "`internal`, reason `UPSTREAM_ERROR`",
    "the server refused or failed — its operator looks at its log under the Idempotency-Key",
  ],
  [
    "it does not answer in time",
    "the time limit",
    "`internal`, reason `UPSTREAM_TIMEOUT`; a paid request may be `UNDELIVERED`",
    "it is unknown whether it ran — ask zone.receipt; the operator retries or refunds",
  ],
  [
    "connection refused, name not found, certificate refused (TCP, DNS, TLS)",
    "no byte of the request was sent",
    "`internal`, reason `UPSTREAM_UNAVAILABLE`; five in a row open the breaker for a minute",
    "nobody was reached and nothing ran — the operator corrects the URL, the name or the certificate",
  ],
  [
    "SQLite is full, locked or cannot write",
    "SQLite's code, on the error or its cause",
    "`internal` or 5001; what cannot be trusted any more ends the process",
    "nothing of that turn was kept — the operator makes room (`steward doctor`) and starts again",
  ],
  [
    "the SDK does not reach a steward (TCP, DNS, TLS, HTTP status of the upgrade)",
    "the socket's event",
    "SDK `connection_failed`",
    "the steward does not answer there — look at the wire URL; the command line ends with 3",
  ],
];

function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("<", "\\<")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** What codes of each kind have in common; `toErrorAnchor` names the same headings. */
type Kind = "wire" | "zone" | "http" | "sdk" | "reason";

function toLink(kind: Kind, name: string): string {
  return `[\`${name}\`](#${kind}-${name.toLowerCase()})`;
}

/** Each row of the table of others' failures. */
function toForeign(): string {
  return toTable(
    ["of", "code", "category", "recovery", "what happened — what to do"],
    FOREIGN_ERRORS.map(({ kind, codes, category, recovery, what, todo }) => [
      kind,
      codes.map((code) => `\`${code}\``).join(", "),
      category,
      `\`${recovery}\``,
      `${what} — ${todo}`,
    ]),
  );
}

/** One heading, what it means, and what to do. */
function toSection(kind: Kind, name: string, lines: readonly (string | undefined)[]): string {
  const text = lines.filter((line) => line !== undefined).join("\n");
  return `### ${kind} ${name}\n\n${text.replaceAll("<", "\\<")}`;
}

function toRecovery(recovery: Recovery): string {
  return `Recovery: [\`${recovery}\`](#recovery-what-the-receiver-can-do).`;
}

function toCodes(kind: Kind, rows: Readonly<Record<string, ErrorRow>>): string {
  const isNumbered = kind === "wire";
  const head = ["code", ...(isNumbered ? ["name"] : []), "category", "recovery", "HTTP", "means"];
  const table = toTable(
    head,
    Object.entries(rows).map(([code, row]) => [
      toLink(kind, code),
      ...(isNumbered ? [`\`${row.name}\``] : []),
      row.category,
      `\`${row.recovery}\``,
      String(row.http),
      row.summary,
    ]),
  );
  const sections = Object.entries(rows).map(([code, { name, summary, hint, recovery, http }]) =>
    toSection(kind, code, [
      `${isNumbered ? `\`${name}\`. ` : ""}${summary} Over HTTP: status ${http}.`,
      "",
      `- ${hint}`,
      `- ${toRecovery(recovery)}`,
      ...toGuide(kind, code),
    ]),
  );
  return [table, ...sections].join("\n\n");
}

const GUIDES: Partial<Record<Kind, Readonly<Record<string, ErrorGuide>>>> = {
  wire: WIRE_GUIDES,
  zone: ZONE_GUIDES,
};

/** Causes, what happened and what to do for each reader, and the error as it travels. */
function toGuide(kind: Kind, code: string): string[] {
  const guide = GUIDES[kind]?.[code];
  if (guide === undefined) return kind === "http" ? toJsonBlock(toHttpExample(code)) : [];
  return [
    `- Typical causes: ${guide.causes}`,
    `- Agent's developer: ${guide.agent}.`,
    `- Operator: ${guide.operator}.`,
    ...toJsonBlock(toExample(kind === "wire" ? Number(code) : code)),
  ];
}

function toJsonBlock(value: object): string[] {
  return ["", "```json", JSON.stringify(value, undefined, 2), "```"];
}

function toHttpExample(code: string): object {
  return toHttp(new StewardError(code as HttpErrorCode), "req_1").body;
}

function toExample(code: unknown): object {
  if (isWireErrorCode(code)) return toErrorMessage(new StewardError(code), { withDetail: true });
  if (isZoneErrorCode(code)) return toZoneError(new StewardError(code), "req_1");
  return {};
}

function toSdkCodes(): string {
  const rows = Object.entries(CLIENT_ERRORS);
  const table = toTable(
    ["code", "category", "recovery", "means"],
    rows.map(([code, row]) => [
      toLink("sdk", code),
      row.category,
      `\`${row.recovery}\``,
      row.summary,
    ]),
  );
  const sections = rows.map(([code, { summary, hint, recovery }]) =>
    toSection("sdk", code, [summary, "", `- ${hint}`, `- ${toRecovery(recovery)}`]),
  );
  return [table, ...sections].join("\n\n");
}

function toReasons(): string {
  const rows = Object.entries(ERROR_REASONS) as [ErrorReason, string][];
  const index = rows.map(([reason]) => toLink("reason", reason)).join(" · ");
  const sections = rows.map(([reason, text]) => {
    const { hint, recovery } = REASON_ADVICE[reason] ?? {};
    return toSection("reason", reason, [
      text,
      "",
      `- ${hint ?? "As the code beside it says."}`,
      `- Category: ${REASON_CATEGORIES[reason]}.`,
      recovery && `- ${toRecovery(recovery)}`,
      `- Agent's developer: ${REASON_GUIDES[reason].agent}.`,
      `- Operator: ${REASON_GUIDES[reason].operator}.`,
    ]);
  });
  return [index, ...sections].join("\n\n");
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
  return `# Errors

Generated from \`src/error-catalogue.ts\` by \`node scripts/generate-error-docs.ts\`; do not edit.
The order in which codes are decided, and how errors travel, is in [protocol.md](protocol.md) §7.

The wire and the zone codes are closed sets: no other value ever stands in \`code\`, an ErrorMessage
never carries a zone code and a \`zone.error\` never a number. An error also has a \`recovery\` and a
\`hint\`, and may have a \`reason\` and \`retry_after_ms\`. Over the wire these four are sent only to peers
whose Hello lists the capability \`error_detail\`; over HTTP they are always there, and the hint ends with
the heading here that says more. The command line names the same heading in the installed package.

## Recovery: what the receiver can do

${toTable(["recovery", "do this"], recoveries)}

## Failures of others: RPC, HTTP, SQLite, TLS, DNS

What a library or another machine says is judged by its class or code where it is called, never by its words; words
only choose what is said about it. None of it reaches a peer: he gets one of the codes below.

${toTable(["failure", "judged by", "becomes", "what happened — what to do"], FOREIGN)}

What the library or the system calls it chooses what people are told: the command line, the SDK (\`findForeignFailure\`)
and the log (\`help\`) go by one table, \`src/foreign-errors.ts\`. A code that ends in \`*\` is what codes begin with.

${toForeign()}

## Wire: the ${Object.keys(WIRE_ERRORS).length} codes of an ErrorMessage

${toCodes("wire", WIRE_ERRORS)}

## Zone: the ${Object.keys(ZONE_ERRORS).length} codes of a \`zone.error\`

${toCodes("zone", ZONE_ERRORS)}

## HTTP: codes that only the admin API answers with

The admin API also answers with the zone codes above and with the names of the wire codes; the column
HTTP is the status each is sent with. These reasons have a status of their own: ${toReasonStatuses()}.

${toCodes("http", HTTP_ERRORS)}

## SDK: codes that only the SDK raises

An \`AgentError\` carries one of these where the steward did not answer, or not as it should have.

${toSdkCodes()}

## Reasons

Beside the code, \`reason\` says what exactly went wrong. The list is closed; a reason may accompany more
than one code. What it says to do goes before what the code says; so does its recovery, where it has one.

${toReasons()}
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
