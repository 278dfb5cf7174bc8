import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { ConfirmedOperator } from "../../protocol/operator-binding.ts";
import type { Session } from "../../session/session.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const sessionBody = z.object({
  id: z.string(),
  address: z.string(),
  opened_at: z.int(),
  buffered_bytes: z.int(),
  node_id: z.string().optional(),
  name: z.string().optional(),
  skills: z.array(z.string()).optional(),
  wallet: z.string().optional(),
  capabilities: z.array(z.string()).optional(),
  bound: z.boolean().optional(),
  trust: z.string().optional(),
  /** Who answers for the node, where its trust is `verified`; the name is the node's own word. */
  operator: z
    .object({
      fid: z.int(),
      username: z.string().optional(),
      custody_address: z.string(),
      valid_until: z.int(),
    })
    .optional(),
  /** Why the operator binding that the node showed did not make it `verified`. */
  trust_reason: z.string().optional(),
});

/** `/v1/sessions`: peers that are connected now. */
export function createSessionRoutes(deps: AdminDeps): Route[] {
  return [listSessions(deps), endSession(deps)];
}

function listSessions({ sessions }: AdminDeps): Route {
  return createRoute({
    id: "listSessions",
    method: "GET",
    path: "/v1/sessions",
    tag: "peers",
    summary: "Peers that are connected now, the oldest session first",
    scope: "read",
    query: pageSchema,
    answers: { 200: toListSchema("sessions", sessionBody) },
    kind: "read",
    read: ({ query: { after, limit } }) => {
      const later = sessions
        .list()
        .filter((session) => session.id > after)
        .sort((left, right) => (left.id < right.id ? -1 : 1));
      const { items, next } = toPage(later, limit, {
        toCursor: (session) => session.id,
        toItem: toSessionBody,
      });
      return { status: 200, body: { sessions: items, next } };
    },
  });
}

function endSession({ sessions, store }: AdminDeps): Route {
  return createRoute({
    id: "endSession",
    method: "DELETE",
    path: "/v1/sessions/{session_id}",
    tag: "peers",
    summary: "Ends a connection; the peer may come back",
    scope: "operate",
    answers: { 204: null },
    errors: ["not_found"],
    kind: "change",
    look: ({ params }, answer) => {
      const session = answer === undefined ? sessions.find(params.session_id) : undefined;
      return (
        session && { node_id: session.peer?.nodeId, address: session.connection.remoteAddress }
      );
    },
    change: (_write, { params }) => {
      const session = sessions.find(params.session_id);
      if (session === undefined) throw new StewardError("not_found");
      store.gate(() => session.disconnect("normal", "The operator closed the session."));
      return { status: 204 };
    },
  });
}

function toOperatorBody({ fid, username, custodyAddress, validUntil }: ConfirmedOperator) {
  return {
    fid,
    ...(username !== undefined && { username }),
    custody_address: custodyAddress,
    valid_until: validUntil,
  };
}

function toSessionBody({
  id,
  connection,
  openedAtMs,
  peer,
}: Session): z.output<typeof sessionBody> {
  return {
    id,
    address: connection.remoteAddress,
    opened_at: Math.floor(openedAtMs / 1000),
    buffered_bytes: connection.bufferedBytes,
    ...(peer && {
      node_id: peer.nodeId,
      name: peer.name,
      skills: [...peer.skills],
      ...(peer.wallet !== undefined && { wallet: peer.wallet }),
      capabilities: [...peer.capabilities],
      bound: peer.bound,
      trust: peer.trust,
      ...(peer.operator && { operator: toOperatorBody(peer.operator) }),
      ...(peer.bindingFault && { trust_reason: peer.bindingFault }),
    }),
  };
}
