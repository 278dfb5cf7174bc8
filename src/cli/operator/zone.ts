import type { Command } from "commander";
import type { JsonObject } from "../../protocol/json.ts";
import { integerOf, readJsonObject } from "../input.ts";
import { type Answer, toFields, toPrettyJson, toTime } from "../output.ts";
import type { AdminApi } from "./admin-client.ts";
import {
  addListCommand,
  addOperatorCommand,
  addOperatorFamily,
  type ListOptions,
  list,
  type OperatorOptions,
  operate,
} from "./operate.ts";
import { addZoneFileCommands } from "./zone-file.ts";

interface ZoneBody {
  readonly id: string;
  readonly epoch: number;
  readonly state: string;
  readonly members: number;
  readonly envelope: { readonly manifest: JsonObject };
}

interface EpochItem {
  readonly epoch: number;
  readonly kept: boolean;
  readonly hash: string;
  readonly state?: string;
  readonly signed_at?: number;
  readonly signature_valid?: boolean;
  readonly follows?: boolean;
}

interface LogItem {
  readonly entry: {
    readonly seq: number;
    readonly timestamp: number;
    readonly kind: string;
    readonly node_id: string;
    readonly data: JsonObject;
  };
}

type EpochOptions = OperatorOptions & { readonly ifEpoch?: number };

/** Fields of a manifest that only the steward fills in; a create-input has none of them. */
const STEADY_FIELDS = ["version", "id", "created_at"];

/** Adds `steward zone …`. */
export function addZoneCommands(program: Command): void {
  const zone = addOperatorFamily(program, "zone", "create, read, change and end zones");
  addReadCommands(zone);
  addZoneFileCommands(zone);
  addOperatorCommand(zone, "create <file>", "create a zone from a JSON file, - for standard input")
    .option("--idempotency-key <key>", "asked again with the same key, create no second one")
    .addHelpText("after", CREATE_HELP)
    .action((file: string, options: OperatorOptions & { idempotencyKey?: string }) =>
      operate(options, async (api) => {
        const key = options.idempotencyKey;
        const headers = { ...(key !== undefined && { "idempotency-key": key }) };
        const body = await readJsonObject(file);
        return toZoneAnswer(await api("POST", "/v1/zones", { body, headers }));
      }),
    );
  addEpochCommand(zone, "update <zone-id> <file>", "replace the fields a JSON file has")
    .addHelpText("after", UPDATE_HELP)
    .action((zoneId: string, file: string, options: EpochOptions) =>
      operate(options, async (api) => toZoneAnswer(await update(api, zoneId, file, options))),
    );
  addEpochCommand(
    zone,
    "stop <zone-id>",
    "end a zone for good; suspend one of another creator",
  ).action((zoneId: string, options: EpochOptions) =>
    operate(options, async (api) => {
      const { ifEpoch } = options;
      const headers = { ...(ifEpoch !== undefined && { "if-match": `"${ifEpoch}"` }) };
      return toZoneAnswer(await api("POST", `${toPath(zoneId)}/stop`, { headers }));
    }),
  );
  addOperatorCommand(
    zone,
    "resume <zone-id>",
    "take the hosting of a suspended zone up again",
  ).action((zoneId: string, options: OperatorOptions) =>
    operate(options, async (api) => toZoneAnswer(await api("POST", `${toPath(zoneId)}/resume`))),
  );
}

function addReadCommands(zone: Command): void {
  addListCommand(zone, "list", "list zones")
    .option("--type <type>", "only zones of this type")
    .option("--topic <topic>", "only zones of this topic")
    .option("--keyword <text>", "only zones with this in name or description")
    .action((options: ListOptions & { type?: string; topic?: string; keyword?: string }) =>
      operate(options, (api) => {
        const { type, topic, keyword } = options;
        const query = { type, topic, keyword };
        return list(api, options, { path: "/v1/zones", field: "zones", query, toRow: toZoneRow });
      }),
    );
  addOperatorCommand(zone, "show <zone-id>", "show a zone and its signed envelope").action(
    (zoneId: string, options: OperatorOptions) =>
      operate(options, async (api) => toZoneAnswer(await api("GET", toPath(zoneId)))),
  );
  addListCommand(
    zone,
    "epochs <zone-id>",
    "check what a zone's creator signed, oldest first",
  ).action((zoneId: string, options: ListOptions) =>
    operate(options, (api) =>
      list<EpochItem>(api, options, {
        path: `${toPath(zoneId)}/epochs`,
        field: "epochs",
        toRow: toEpochRow,
      }),
    ),
  );
  addListCommand(zone, "log <zone-id>", "read a zone's log, oldest first").action(
    (zoneId: string, options: ListOptions) =>
      operate(options, (api) =>
        list<LogItem>(api, options, {
          path: `${toPath(zoneId)}/log`,
          field: "entries",
          toRow: ({ entry }) => ({
            seq: entry.seq,
            time: toTime(entry.timestamp),
            kind: entry.kind,
            node: entry.node_id,
            data: entry.data,
          }),
        }),
      ),
  );
}

function toEpochRow(item: EpochItem) {
  const { epoch, kept, signature_valid, follows, state, signed_at, hash } = item;
  const signature = kept ? (signature_valid ? "valid" : "NOT VALID") : "only its hash is kept";
  const chain = follows === undefined ? "-" : follows ? "yes" : "NO";
  const signed = signed_at === undefined ? "-" : toTime(signed_at);
  return { epoch, signature, follows: chain, state: state ?? "-", signed, hash };
}

function addEpochCommand(parent: Command, usage: string, description: string): Command {
  return addOperatorCommand(parent, usage, description).option(
    "--if-epoch <n>",
    "only if the zone is at this epoch",
    integerOf(1, Number.MAX_SAFE_INTEGER),
  );
}

/** The route replaces the whole input, so that what the file leaves out comes from the zone. */
async function update(
  api: AdminApi,
  zoneId: string,
  file: string,
  { ifEpoch }: EpochOptions,
): Promise<ZoneBody> {
  const given = await readJsonObject(file);
  const { epoch, envelope } = await api<ZoneBody>("GET", toPath(zoneId));
  const headers = { "if-match": `"${ifEpoch ?? epoch}"` };
  const body = given.envelope === undefined ? toInput(envelope.manifest, given) : given;
  return api("PUT", toPath(zoneId), { body, headers });
}

function toInput(manifest: JsonObject, given: JsonObject): JsonObject {
  const said = Object.entries(manifest).filter(([field]) => !STEADY_FIELDS.includes(field));
  const { node_id: _, ...creator } = manifest.creator as JsonObject;
  return { ...Object.fromEntries(said), creator, ...given };
}

function toPath(zoneId: string): string {
  return `/v1/zones/${encodeURIComponent(zoneId)}`;
}

function toZoneRow({ id, epoch, state, members, envelope }: ZoneBody) {
  const { name, type } = envelope.manifest;
  return { zone: id, name, type, state, epoch, members };
}

function toZoneAnswer(body: ZoneBody): Answer {
  return {
    value: body,
    text: () => `${toFields(toZoneRow(body))}\n\n${toPrettyJson(body.envelope.manifest)}`,
  };
}

const CREATE_HELP = `
The file holds a create-input, which the steward signs as creator:
  {"name": "my-zone", "description": "What it is for.", "type": "service",
   "actions": [{"name": "echo", "description": "Answers its params.", "params": {"text": "string"}}]}
or {"envelope": …} that a remote creator signed. A replicated zone names its other stewards, and how many
of them must hold what is acknowledged (docs/protocol.md, section 9):
  "steward_set": [{"node_id": "atlas_…", "entrypoint": "wss://…/wire", "role": "primary"},
                  {"node_id": "atlas_…", "entrypoint": "wss://…/wire", "role": "replica", "voter": true}],
  "replication": {"min_acks": 1, "lease_ms": 10000}`;

const UPDATE_HELP = `
Each field of the file replaces the zone's as a whole, null removes one, what the file leaves out
stays. {"envelope": …} is the next epoch that a remote creator signed.`;
