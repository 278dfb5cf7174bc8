import type { Command } from "commander";
import { readSecretFile } from "../../identity/secret-file.ts";
import type { JsonValue } from "../../protocol/json.ts";
import { UsageError } from "../exit-codes.ts";
import { integerOf } from "../input.ts";
import { type Answer, printAnswer, toPlain, toTable } from "../output.ts";
import { startProgress } from "../progress.ts";
import type { AdminApi, AdminDownload } from "./admin-client.ts";
import { getContext } from "./contexts.ts";

const PAGE_ITEMS_MAX = 500;
const WAITING_STEP_MS = 1000;
/** A timer may ring a little before its time, by another clock: it is the second all the same. */
const EARLY_MS = 100;
const DEFAULT_URL = "http://127.0.0.1:8420";

/** The options of every operator command. */
export interface OperatorOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  /** Name of a context, which has both. */
  readonly context?: string;
  readonly allowInsecure?: boolean;
  readonly json?: boolean;
}

/** The options of every list. */
export interface ListOptions extends OperatorOptions {
  readonly after?: string;
  readonly limit?: number;
  readonly all?: boolean;
}

/** Adds a family of operator commands. */
export function addOperatorFamily(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addHelpText(
      "after",
      "\nWhich steward, and the token for it: --url and --token-file (mode 0600), else --context\n(STEWARD_CONTEXT), else the environment's STEWARD_URL and STEWARD_TOKEN.",
    );
}

/** Adds an operator command with the options all of them have. */
export function addOperatorCommand(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option("--url <url>", `the steward's HTTP URL (default: STEWARD_URL, or ${DEFAULT_URL})`)
    .option("--token-file <file>", "file that holds the admin token, mode 0600")
    .option("--context <name>", "URL and token file of this name: steward context list")
    .option("--allow-insecure", "send the token over http:// beyond this machine")
    .option("--json", "print exactly one JSON value");
}

/** Adds an operator command that lists, page by page. */
export function addListCommand(parent: Command, usage: string, description: string): Command {
  return addOperatorCommand(parent, usage, description)
    .option("--after <cursor>", "begin after this one, as the page before said")
    .option("--limit <n>", "items on a page", integerOf(1, PAGE_ITEMS_MAX))
    .option("--all", "every page, as one");
}

/**
 * Runs an operator command and prints what it answers.
 * @param isTelling it shows progress itself
 */
export async function operate(
  options: OperatorOptions,
  run: (api: AdminApi) => Promise<Answer>,
  { isTelling = false }: { readonly isTelling?: boolean } = {},
): Promise<void> {
  const { createAdminApi } = await import("./admin-client.ts");
  const { url, tokenFile } = findTarget(options);
  const api = createAdminApi(url, readToken(tokenFile), options);
  const endWaiting = isTelling ? () => {} : showWaiting(url);
  try {
    const answer = await run(api);
    endWaiting();
    printAnswer(answer, options.json);
  } finally {
    endWaiting();
  }
}

/** Shows people at a terminal that what takes long goes on, and for how long; returns what ends that. */
function showWaiting(url: string): () => void {
  const progress = startProgress();
  const beganMs = performance.now();
  const timer = setInterval(() => {
    const secs = Math.floor((performance.now() - beganMs + EARLY_MS) / 1000);
    progress.show(`waiting for ${toPlain(url)}: ${secs} s`, 0, 0);
  }, WAITING_STEP_MS);
  return () => {
    clearInterval(timer);
    progress.end();
  };
}

/** Opens the way to what an operator command reads as a file. */
export async function openDownload(options: OperatorOptions): Promise<AdminDownload> {
  const { createAdminDownload } = await import("./admin-client.ts");
  const { url, tokenFile } = findTarget(options);
  return createAdminDownload(url, readToken(tokenFile), options);
}

/** Where a command goes, and the file with its token: flags, else the context, else the environment. */
export function findTarget({ url, tokenFile, context }: Omit<OperatorOptions, "json">): {
  readonly url: string;
  readonly tokenFile: string | undefined;
} {
  const name = context ?? (process.env.STEWARD_CONTEXT || undefined);
  const known = name === undefined ? undefined : getContext(name);
  // A context's token is for its own steward and goes to no other.
  const file = url === undefined || url === known?.url ? known?.token_file : undefined;
  return {
    url: url ?? known?.url ?? (process.env.STEWARD_URL || DEFAULT_URL),
    tokenFile: tokenFile ?? file,
  };
}

function readToken(file: string | undefined): string {
  const text = file === undefined ? process.env.STEWARD_TOKEN : readSecretFile(file);
  const token = text?.trim();
  if (token) return token;
  throw new UsageError(
    file === undefined
      ? "The admin token is missing: name its file with --token-file or set STEWARD_TOKEN."
      : `${file} holds no token.`,
  );
}

/** What to list and how to show it. */
interface Listing<Item> {
  readonly path: string;
  /** The field of the answer that holds the items. */
  readonly field: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly toRow: (item: Item) => Readonly<Record<string, unknown>>;
  /** A line below the table, for people. */
  readonly toNote?: (item: Item) => string | undefined;
}

/** Reads a page of a list, or all of them as one. */
export async function list<Item>(
  api: AdminApi,
  options: ListOptions,
  { path, field, query, toRow, toNote }: Listing<Item>,
): Promise<Answer> {
  const items: JsonValue[] = [];
  let after = options.after;
  let next: string | undefined;
  do {
    const limit = options.limit ?? (options.all ? PAGE_ITEMS_MAX : undefined);
    const page = await api("GET", path, { query: { ...query, after, limit } });
    items.push(...(page[field] as JsonValue[]));
    next = page.next === undefined ? undefined : String(page.next);
    after = next;
  } while (options.all && next !== undefined);
  return {
    value: { [field]: items, ...(next !== undefined && { next }) },
    text: () => {
      const table = toTable(items.map((item) => toRow(item as Item)));
      const notes = items.flatMap((item) => toNote?.(item as Item) ?? []).map(toPlain);
      const more = next === undefined ? [] : [`(more with --after ${next})`];
      return [table, ...notes, ...more].join("\n");
    },
  };
}
