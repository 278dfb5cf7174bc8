import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import { type AuditRow, endAuditEntry, insertAuditEntry } from "../../store/admin/audit.ts";
import type { Store, Write } from "../../store/database.ts";
import type { AdminToken } from "../deps.ts";
import type { Call, Route } from "./route.ts";

/** What a part of an entry may take, in characters of JSON; more is left out. */
const PART_CHARS_MAX = 2000;

/** Who asks, from where. */
export interface Asker {
  readonly requestId: string;
  /** The client's address. */
  readonly address: string;
}

/** What an entry is made of. */
export interface AuditFacts {
  readonly store: Store;
  /** Unix seconds. */
  readonly now: () => number;
  readonly route: Route;
  readonly call: Call;
  readonly asker: Asker;
  /** What the route's `look` showed before. */
  readonly before: unknown;
}

/** What became of what was asked. */
export interface AuditOutcome {
  readonly status: number;
  /** What the route's `look` shows after. */
  readonly after?: unknown;
  /** Of a refusal. */
  readonly code?: string;
}

/** Notes a change, in its own write. */
export function noteChange(write: Write, facts: AuditFacts, outcome: AuditOutcome): void {
  insertAuditEntry(write, facts.store, toEntry(facts, outcome));
}

/** Notes that something is begun, whose end `endOrder` notes; returns the entry's number. */
export function beginOrder(write: Write, facts: AuditFacts): number {
  return insertAuditEntry(write, facts.store, toEntry(facts, undefined));
}

/** Notes what became of what was begun. */
export function endOrder(
  write: Write,
  seq: number,
  facts: AuditFacts,
  outcome: AuditOutcome,
): void {
  const { status, detail } = toEntry(facts, outcome);
  endAuditEntry(write, facts.store, { seq, status, detail });
}

function toEntry(facts: AuditFacts, outcome: AuditOutcome | undefined): Omit<AuditRow, "seq"> {
  const { route, call, asker, now } = facts;
  const token: AdminToken = call.token;
  return {
    kind: "change",
    at: now(),
    tokenId: token.tokenId,
    actor: token.name,
    address: asker.address,
    action: `${route.method} ${route.path}`,
    requestId: asker.requestId,
    status: outcome?.status ?? null,
    detail: toDetail(facts, outcome),
  };
}

function toDetail(
  { route, call, before }: AuditFacts,
  outcome: AuditOutcome | undefined,
): JsonObject {
  const { after, code } = outcome ?? {};
  return {
    ids: { ...call.params },
    ...toPart("asked", withoutFields(call.body, route.secretInput)),
    ...toPart("before", before),
    ...toPart("after", after),
    ...(code !== undefined && { code }),
  };
}

/** A field of an entry; absent where there is nothing, and where it is long it says only how long. */
function toPart(name: string, value: unknown): JsonObject {
  if (value === undefined || value === null) return {};
  const text = JSON.stringify(value);
  if (text === "{}") return {};
  const part: JsonValue =
    text.length > PART_CHARS_MAX ? { left_out_chars: text.length } : JSON.parse(text);
  return { [name]: part };
}

/** An object without some of its fields; anything else as it is. */
export function withoutFields(value: unknown, names: readonly string[] = []): unknown {
  if (typeof value !== "object" || value === null || names.length === 0) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}
