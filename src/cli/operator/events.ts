import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import type { JsonObject } from "../../protocol/json.ts";
import { UnreachableError } from "../exit-codes.ts";
import { integerOf } from "../input.ts";
import { toJsonLine, toPlain, toTime } from "../output.ts";
import { EventStream } from "./event-stream.ts";
import { addOperatorCommand, type OperatorOptions, openDownload } from "./operate.ts";

type EventOptions = OperatorOptions & {
  readonly after?: number;
  readonly types?: string;
  readonly zone?: string;
};

const RETRY_MS = 1000;
const RETRY_MAX_MS = 30_000;
const HELP = `
Without --after only what happens from now on is shown. After a broken connection and a restart of the steward it goes
on by itself, without a gap. Types: docs/events.md.

steward events --types 'payment.*,alarm.*' --json | jq .`;

/** Adds `steward events`. */
export function addEventCommands(program: Command): void {
  addOperatorCommand(program, "events", "follow what happens, until interrupted")
    .option(
      "--after <id>",
      "begin after this event; 0: all that are kept",
      integerOf(0, Number.MAX_SAFE_INTEGER),
    )
    .option(
      "--types <list>",
      "only these: zone.created, or payment.* for a family, with commas between",
    )
    .option("--zone <zone-id>", "only of this zone")
    .addHelpText("after", HELP)
    .action((options: EventOptions) => follow(options));
}

/** Follows the feed for ever; throws where the steward refuses, or was never reached. */
async function follow(options: EventOptions): Promise<void> {
  const download = await openDownload(options);
  const stream = new EventStream(options.after);
  let wasReached = false;
  for (let delayMs = RETRY_MS; ; delayMs = Math.min(2 * delayMs, RETRY_MAX_MS)) {
    try {
      const body = await download(toPath(options, stream.lastId));
      wasReached = true;
      delayMs = RETRY_MS;
      for await (const event of stream.read(body)) print(event, options);
    } catch (error) {
      if (!wasReached || !isPassing(error)) throw error;
    }
    process.stderr.write(
      `${toTime(Math.floor(Date.now() / 1000))} the feed broke off; trying again\n`,
    );
    await setTimeout(delayMs);
  }
}

/** What a steward that ends, or starts, answers is no refusal. */
function isPassing(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  const { status } = error as { status?: number };
  return status === undefined || status === 429 || status >= 500;
}

function toPath({ types, zone }: EventOptions, after: number | undefined): string {
  const query = new URLSearchParams();
  if (after !== undefined) query.set("after", String(after));
  if (types !== undefined) query.set("types", types);
  if (zone !== undefined) query.set("zone_id", zone);
  return `/v1/events?${query}`;
}

function print(event: JsonObject, { json }: EventOptions): void {
  process.stdout.write(json ? `${toJsonLine(event)}\n` : `${toLine(event)}\n`);
}

function toLine({ id, type, created_at, zone_id, data }: JsonObject): string {
  const at = typeof created_at === "number" ? toTime(created_at) : "";
  const fields = Object.entries((data ?? {}) as JsonObject).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return toPlain(
    [id ?? "-", at, type, zone_id ?? "", ...fields].filter((part) => part !== "").join(" "),
  );
}
