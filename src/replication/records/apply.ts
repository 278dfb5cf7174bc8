import type { ZoneRecord } from "../../protocol/commit.ts";
import { NODE_ID_PATTERN, REQUEST_ID_PATTERN } from "../../protocol/ids.ts";
import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import type { Write } from "../../store/database.ts";
import type { preparePlainRows, Row } from "../../store/replication/record-rows.ts";
import {
  type prepareReplicaRequestQueries,
  toRecordExpiry,
} from "../../store/replication/replica-requests.ts";
import { PLAIN_COLUMNS } from "./read.ts";
import { parseRequestValue, type RequestName } from "./request-value.ts";
import { parseValue, refuse } from "./values.ts";

const ROLES = ["creator", "provider", "member"];

/** What applying records needs. */
export interface ApplyDeps {
  readonly plain: ReturnType<typeof preparePlainRows>;
  readonly replicaRequests: ReturnType<typeof prepareReplicaRequestQueries>;
  /** Hears of each request record before it is put. */
  readonly onRequest?: (write: Write, name: RequestName, value: JsonObject) => void;
}

/**
 * Writes a record that another steward is in charge of, whole, over what was there;
 * `docs/protocol.md` §9.4. Call it where nothing is captured.
 * @throws StewardError `invalid_params` where it does not fit the tables: nothing of it may be kept then
 */
export function applyRecord(
  write: Write,
  deps: ApplyDeps,
  zoneId: string,
  record: ZoneRecord,
): void {
  const { kind, key, value } = record;
  const parsed = parseRecord(zoneId, record);
  const [first = "", second = ""] = key;
  if (kind === "request") {
    if (value === null) deps.replicaRequests.dropRequest(write, zoneId, first, second);
    else putRequest(write, deps, { zoneId, nodeId: first, requestId: second }, value);
    return;
  }
  if (parsed === undefined) return deps.plain.deletePlain(write, kind, zoneId, first);
  let isPut = false;
  try {
    isPut = deps.plain.putPlain(write, kind, zoneId, first, parsed);
  } catch (error) {
    // An invitation's hash that another one has.
    if (isConstraint(error)) throw refuse(`${kind}: another record has what is unique`);
    throw error;
  }
  if (!isPut) throw refuse(`${kind}: the id is another zone's`);
}

/**
 * The main row that a record describes, as far as it can be told without the tables; undefined of one that
 * is gone; `docs/protocol.md` §9.4.
 * @throws StewardError `invalid_params` where it does not fit them, whatever they hold
 */
export function parseRecord(zoneId: string, { kind, key, value }: ZoneRecord): Row | undefined {
  const [first = "", second = ""] = key;
  if (kind === "request") {
    if (key.length !== 2 || !NODE_ID_PATTERN.test(first) || !REQUEST_ID_PATTERN.test(second)) {
      throw refuse("record.key: expected a node id and a request id");
    }
    if (value === null) return undefined;
    return parseRequestValue({ zoneId, nodeId: first, requestId: second }, value).request;
  }
  if (!Object.hasOwn(PLAIN_COLUMNS, kind)) throw refuse("record.kind: unknown");
  if (key.length !== 1 || (kind !== "invite" && !NODE_ID_PATTERN.test(first))) {
    throw refuse("record.key: expected one id");
  }
  if (value === null) return undefined;
  const row = parseValue(PLAIN_COLUMNS[kind], value, kind);
  if (kind === "member") assertMember(row);
  if (kind === "provider") assertTexts(row.actions, "provider.actions");
  return row;
}

function putRequest(
  write: Write,
  { replicaRequests, onRequest }: ApplyDeps,
  name: RequestName,
  value: JsonObject,
): void {
  onRequest?.(write, name, value);
  replicaRequests.putReplicaRequest(write, {
    ...{ ...name, wallet: null },
    value: toCanonicalJson(value),
    expiresAt: toRecordExpiry(value),
    createdAt: value.created_at as number,
  });
}

function assertMember(row: Record<string, unknown>): void {
  if (!ROLES.includes(String(row.role))) throw refuse("member.role: unknown");
  assertTexts(row.skills, "member.skills");
}

function assertTexts(text: unknown, where: string): void {
  let list: unknown;
  try {
    list = JSON.parse(String(text));
  } catch {}
  if (Array.isArray(list) && list.every((item) => typeof item === "string")) return;
  throw refuse(`${where}: expected JSON of a list of strings`);
}

function isConstraint(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && code.startsWith("SQLITE_CONSTRAINT");
}
