// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** What a command has to say: a value for programs, a text for people. */
export interface Answer {
  readonly value: unknown;
  readonly text: () => string;
}

/** Answers with what a command did, where its server answers with nothing. */
export function toDone(value: object, text: string): Answer {
  return { value, text: () => text };
}

/** Prints an answer: with `json` exactly one JSON value on one line. */
export function printAnswer({ value, text }: Answer, json: boolean | undefined): void {
  process.stdout.write(`${json ? toJsonLine(value) : text()}\n`);
}

/** Writes a value as JSON on one line, without characters that a terminal would obey. */
export function toJsonLine(value: unknown): string {
  return toPlain(JSON.stringify(value));
}

/** Escapes control and bidirectional characters: names and messages come from strangers. */
export function toPlain(text: string): string {
  return text.replace(UNPRINTABLE, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Formats a value as JSON on several lines, for people. */
export function toPrettyJson(value: unknown): string {
  return JSON.stringify(value, null, 2).split("\n").map(toPlain).join("\n");
}

/** Formats Unix seconds; nothing where there are none. */
export function toTime(secs: number | undefined): string {
  return secs === undefined ? "" : new Date(secs * 1000).toISOString().replace(".000Z", "Z");
}

/** Fields that hold an amount of the token's smallest unit, of which a USDC has a million. */
const AMOUNT_FIELDS: ReadonlySet<string> = new Set([
  "amount",
  "gross",
  "protocol_fee",
  "creator_fee",
  "recipient_amount",
  "net",
  "held",
  "refunded",
]);
const USDC_DECIMALS = 6;

/** Writes an amount of the smallest unit in USDC: `2500000` is `2.5 USDC`. */
export function toUsdc(units: string): string {
  const digits = units.padStart(USDC_DECIMALS + 1, "0");
  const whole = digits.slice(0, -USDC_DECIMALS);
  const fraction = digits.slice(-USDC_DECIMALS).replace(/0+$/, "");
  return `${whole}${fraction === "" ? "" : `.${fraction}`} USDC`;
}

/** What a cell shows: amounts in USDC, other text as it is, anything else as JSON, absent as nothing. */
function toCell(name: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string" && AMOUNT_FIELDS.has(name) && /^[0-9]+$/.test(value))
    return toUsdc(value);
  return toPlain(typeof value === "string" ? value : JSON.stringify(value));
}

/** Formats a row per item under its headings, amounts in USDC; says so where there is none. */
export function toTable(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const [first] = rows;
  if (first === undefined) return "none";
  const headings = Object.keys(first);
  const cells = rows.map((row) => headings.map((heading) => toCell(heading, row[heading])));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const toLine = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [headings.map((heading) => heading.toUpperCase()), ...cells].map(toLine).join("\n");
}

/** Formats one thing as a line per field, amounts in USDC; fields without a value are left out. */
export function toFields(fields: Readonly<Record<string, unknown>>): string {
  const known = Object.entries(fields).map(([name, value]) => [name, toCell(name, value)] as const);
  const shown = known.filter(([, cell]) => cell !== "");
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, cell]) => `${name.padEnd(width)}  ${cell}`).join("\n");
}
