import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { nodeIdField } from "../../protocol/schema-fields.ts";
import type { ProviderRow } from "../../store/zones/providers.ts";
import { approveProvider, revokeProvider } from "../../zones/members/providers.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const PATH = "/v1/zones/{zone_id}/providers/{node_id}";

const approvalSchema = z.strictObject({
  actions: z.array(z.string().min(1).max(64)).min(1).max(256),
});

const providerBody = z.object({
  node_id: nodeIdField,
  actions: z.array(z.string()),
  approved_by: z.string(),
  approved_at: z.int(),
  online: z.boolean().describe("it has a session here"),
});

/** `/v1/zones/{zone_id}/providers`: who may fulfil which actions. */
export function createProviderRoutes(deps: AdminDeps): Route[] {
  return [listProviders(deps), putProvider(deps), removeProvider(deps)];
}

function listProviders({ zones }: AdminDeps): Route {
  return createRoute({
    id: "listProviders",
    method: "GET",
    path: "/v1/zones/{zone_id}/providers",
    tag: "members",
    summary: "Who may fulfil which actions of a zone",
    scope: "read",
    query: pageSchema,
    answers: { 200: toListSchema("providers", providerBody) },
    kind: "read",
    read: ({ params, query: { after, limit } }) => {
      const { zoneId } = zones.reader.get(params.zone_id).row;
      const rows = zones.providers.listProviders(zoneId, after, limit + 1);
      const { items, next } = toPage(rows, limit, {
        toCursor: (row) => row.nodeId,
        toItem: (row) => toProviderBody(zones, row),
      });
      return { status: 200, body: { providers: items, next } };
    },
  });
}

function putProvider({ zones }: AdminDeps): Route {
  return createRoute({
    id: "putProvider",
    method: "PUT",
    path: PATH,
    tag: "members",
    summary: "Lets a node fulfil actions, these and no others",
    scope: "operate",
    body: approvalSchema,
    answers: { 200: providerBody },
    errors: ["stopped", "action_not_found", "conflict", "rate_limited"],
    kind: "change",
    look: ({ params }) => findProvider(zones, params),
    change: (write, { params, body: { actions } }) => {
      const target = { zoneId: params.zone_id, nodeId: params.node_id };
      const row = approveProvider(write, zones, { ...target, actions, approvedBy: "operator" });
      return { status: 200, body: toProviderBody(zones, row) };
    },
  });
}

function removeProvider({ zones }: AdminDeps): Route {
  return createRoute({
    id: "removeProvider",
    method: "DELETE",
    path: PATH,
    tag: "members",
    summary: "Ends an approval",
    scope: "operate",
    answers: { 204: null },
    errors: ["not_found", "conflict"],
    kind: "change",
    look: ({ params }) => findProvider(zones, params),
    change: (write, { params }) => {
      const target = { zoneId: params.zone_id, nodeId: params.node_id };
      if (!revokeProvider(write, zones, target)) {
        throw new StewardError("not_found", { message: "It is no approved provider." });
      }
      return { status: 204 };
    },
  });
}

function findProvider(
  zones: Pick<AdminDeps["zones"], "providers" | "rooms">,
  { zone_id, node_id }: { readonly zone_id: string; readonly node_id: string },
) {
  const row = zones.providers.findProvider(zone_id, node_id);
  return row && toProviderBody(zones, row);
}

function toProviderBody(
  { rooms }: Pick<AdminDeps["zones"], "rooms">,
  row: ProviderRow,
): z.output<typeof providerBody> {
  return {
    node_id: row.nodeId,
    actions: [...row.actions],
    approved_by: row.approvedBy,
    approved_at: row.approvedAt,
    online: rooms.isOnline(row.nodeId),
  };
}
