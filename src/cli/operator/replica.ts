import type { Command } from "commander";
import type { JsonObject } from "../../protocol/json.ts";
import { type Answer, toDone, toFields, toPrettyJson, toTable, toTime } from "../output.ts";
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

interface PeerBody {
  readonly node_id: string;
  readonly role: string;
  readonly voter?: boolean;
  readonly url: string | null;
  readonly connected: boolean;
  readonly state: string | null;
  readonly acked_n: number | null;
  readonly lag_n: number | null;
}

interface ReplicaBody {
  readonly zone_id: string;
  readonly role: string;
  readonly state: string;
  readonly epoch: number;
  readonly position: { readonly n: number } | null;
  readonly head_seq: number;
  readonly primary: string;
  readonly in_charge: { readonly money: boolean; readonly other: boolean };
  readonly waiting_for: readonly string[];
  readonly peers: readonly PeerBody[];
  readonly quarantined: number;
  readonly evidence: number;
}

interface EvidenceBody {
  readonly id: number;
  readonly kind: string;
  readonly signer: string;
  readonly epoch: number;
  readonly at: number;
}

interface CutBody {
  readonly id: string;
  readonly at: number;
  readonly epoch: number;
  readonly entries: readonly JsonObject[];
  readonly records: readonly JsonObject[];
}

/** Adds `steward replica …`. */
export function addReplicaCommands(program: Command): void {
  const replica = addOperatorFamily(
    program,
    "replica",
    "replicated zones: where they stand, their stewards, taking over",
  );
  addReadCommands(replica);
  addSetCommands(replica);
  addOperatorCommand(
    replica,
    "promote <zone-id> [node-id]",
    "name another steward primary, this one where none is said; needs the zone's creator key here",
  )
    .option("--accept-loss", "sign that what earlier epochs acknowledged may be gone")
    .action((zoneId: string, nodeId: string | undefined, options: PromoteOptions) =>
      operate(options, async (api) => {
        const body = {
          ...(nodeId !== undefined && { node_id: nodeId }),
          ...(options.acceptLoss && { accept_loss: true }),
        };
        return toFieldsAnswer(await api("POST", `${toPath(zoneId)}/promote`, { body }));
      }),
    );
  addOperatorCommand(
    replica,
    "resync <zone-id>",
    "have this steward take another copy, or, as primary, go on after evidence",
  )
    .option("--branch <hash>", "go by the other one of two envelopes of one epoch")
    .action((zoneId: string, options: OperatorOptions & { branch?: string }) =>
      operate(options, async (api) => {
        const { branch } = options;
        const body = { ...(branch !== undefined && { branch }) };
        return toShown(await api("POST", `${toPath(zoneId)}/resync`, { body }));
      }),
    );
}

type PromoteOptions = OperatorOptions & { readonly acceptLoss?: boolean };

function addReadCommands(replica: Command): void {
  addListCommand(
    replica,
    "list",
    "list replicated zones and how this steward stands in them",
  ).action((options: ListOptions) =>
    operate(options, (api) =>
      list<ReplicaBody>(api, options, { path: "/v1/replicas", field: "replicas", toRow }),
    ),
  );
  addOperatorCommand(
    replica,
    "show <zone-id>",
    "show a replicated zone and its other stewards",
  ).action((zoneId: string, options: OperatorOptions) =>
    operate(options, async (api) => toShown(await api("GET", toPath(zoneId)))),
  );
  addListCommand(
    replica,
    "evidence <zone-id>",
    "list proof of what stewards or the creator did wrong",
  )
    .addHelpText("after", "\nWith --json it is what `steward verify-evidence` reads.")
    .action((zoneId: string, options: ListOptions) =>
      operate(options, (api) =>
        list<EvidenceBody>(api, options, {
          path: `${toPath(zoneId)}/evidence`,
          field: "evidence",
          toRow: ({ id, kind, signer, epoch, at }) => ({ id, kind, signer, epoch, at: toTime(at) }),
        }),
      ),
    );
  addListCommand(replica, "quarantine <zone-id>", "list what was set aside, or remove it")
    .option("--remove <id>", "remove what a cut set aside, for good")
    .action((zoneId: string, options: ListOptions & { remove?: string }) =>
      operate(options, (api) =>
        options.remove === undefined
          ? listCuts(api, zoneId, options)
          : removeCut(api, zoneId, options.remove),
      ),
    );
}

function addSetCommands(replica: Command): void {
  addOperatorCommand(
    replica,
    "add <zone-id> <node-id> <entrypoint>",
    "have another steward follow a zone, and vote once it is ready; needs the creator key here",
  ).action((zoneId: string, nodeId: string, entrypoint: string, options: OperatorOptions) =>
    operate(options, async (api) => {
      const body = { node_id: nodeId, entrypoint };
      return toFieldsAnswer(await api("POST", toStewardsPath(zoneId), { body }));
    }),
  );
  addOperatorCommand(
    replica,
    "remove <zone-id> <node-id>",
    "name a steward no more; needs the creator key here",
  ).action((zoneId: string, nodeId: string, options: OperatorOptions) =>
    operate(options, async (api) => {
      const path = `${toStewardsPath(zoneId)}/${encodeURIComponent(nodeId)}`;
      return toFieldsAnswer(await api("DELETE", path));
    }),
  );
}

function listCuts(api: AdminApi, zoneId: string, options: ListOptions): Promise<Answer> {
  return list<CutBody>(api, options, {
    path: `${toPath(zoneId)}/quarantine`,
    field: "quarantine",
    toRow: ({ id, at, epoch, entries, records }) => ({
      id,
      at: toTime(at),
      epoch,
      entries: entries.length,
      records: records.length,
    }),
  });
}

async function removeCut(api: AdminApi, zoneId: string, id: string): Promise<Answer> {
  const path = `${toPath(zoneId)}/quarantine/${encodeURIComponent(id)}`;
  for (;;) {
    const { more } = await api<{ more: boolean }>("DELETE", path);
    if (!more) return toDone({ zone_id: zoneId, removed: id }, `removed ${id}`);
  }
}

function toPath(zoneId: string): string {
  return `/v1/replicas/${encodeURIComponent(zoneId)}`;
}

function toStewardsPath(zoneId: string): string {
  return `/v1/zones/${encodeURIComponent(zoneId)}/stewards`;
}

function toRow(body: ReplicaBody) {
  const { zone_id, role, state, epoch, position, in_charge, quarantined, evidence } = body;
  return {
    zone: zone_id,
    role,
    state,
    epoch,
    n: position?.n ?? "",
    messages: in_charge.other,
    money: in_charge.money,
    quarantined,
    evidence,
  };
}

function toShown(body: ReplicaBody): Answer {
  const { primary, head_seq, waiting_for } = body;
  const waiting = waiting_for.length === 0 ? undefined : waiting_for.join(", ");
  const peers = body.peers.map(({ node_id, role, voter, connected, state, acked_n, lag_n }) => ({
    steward: node_id,
    role: voter === undefined ? role : voter ? "voter" : "learner",
    connected,
    state,
    acked_n,
    lag_n,
  }));
  return {
    value: body,
    text: () =>
      `${toFields({ ...toRow(body), head_seq, primary, waiting_for: waiting })}\n\n${toTable(peers)}`,
  };
}

function toFieldsAnswer(body: JsonObject): Answer {
  return { value: body, text: () => toPrettyJson(body) };
}
