import { join } from "node:path";
import Database from "better-sqlite3";
import { expect } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { signZone } from "../support/creator.ts";
import type { ApiAnswer, TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { startPayingSteward } from "./paying-steward.ts";
import { createNodeId, createRemoteZone, ZONE_INPUT } from "./support.ts";

const PRICE = { amount: "2000000", asset: "USDC", network: "anvil" };
/** Where nobody listens. */
const DOWN = "http://127.0.0.1:1/";
const CONFIG = {
  replication: { allow: ["*"] },
  webhooks: { allow_private: ["127.0.0.1"], attempts_max: 1, webhooks_max: 1000 },
  handlers: {
    "*": {
      echo: { type: "echo" },
      down: { type: "http", url: DOWN, allow_private: ["127.0.0.1"] },
    },
  },
};

/** What a request names and carries. */
export interface Ask {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A steward in which every operation finds something to work on. */
export interface ApiWorld extends AsyncDisposable {
  readonly steward: TestSteward;
  /** By scope. */
  readonly tokens: Readonly<Record<"read" | "operate", string>>;
  readonly zone: string;
  /** That another steward is to hold, too. */
  readonly replicated: string;
  readonly payment: string;
  readonly member: WireClient;
  /** Creates a zone that nobody else uses. */
  createZone(): Promise<string>;
  /** Calls the API as admin. */
  readonly api: TestSteward["api"];
}

/** Starts it, with a chain. */
export async function startApiWorld(): Promise<ApiWorld> {
  await using stack = new AsyncDisposableStack();
  const { steward } = stack.use(await startPayingSteward(CONFIG));
  const actions = ["echo", "down"].map((name) => ({ name, description: "Does." }));
  const paid = { name: "paid", description: "Costs.", price: PRICE };
  const zone = await steward.createZone({ actions: [...actions, { ...paid, name: "echo2" }] });
  const priced = await steward.createZone({ actions: [{ ...paid, name: "echo" }] });
  const replicated = await steward.createZone();
  const member = stack.use(await WireClient.connect(steward.wireUrl));
  for (const zone_id of [zone, priced]) await member.ask({ type: "zone.join", zone_id });
  const quote = { type: "zone.request", request_id: createId("req"), zone_id: priced };
  await member.ask({ ...quote, action: "echo", params: {} });
  const tokens = { read: "", operate: "" };
  for (const scope of ["read", "operate"] as const) {
    const made = await steward.api("POST", "/v1/tokens", { name: scope, scope });
    tokens[scope] = made.body.token;
  }
  const learner = { node_id: createNodeId(), entrypoint: "ws://127.0.0.1:1/wire" };
  await steward.api("POST", `/v1/zones/${replicated}/stewards`, learner);
  const { payments } = (await steward.api("GET", "/v1/payments")).body;
  const owned = stack.move();
  return {
    ...{ steward, tokens, zone, replicated, member, payment: payments[0].id },
    createZone: () => steward.createZone(),
    api: steward.api,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A body that does not end by itself is read as far as it comes at once. */
async function readText(response: Response): Promise<string> {
  if (response.headers.get("content-type") !== "text/event-stream") return await response.text();
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(first?.value);
}

/** Calls an operation; what is no JSON is its text. */
export async function call(
  { steward }: ApiWorld,
  { method, path }: { readonly method: string; readonly path: string },
  { params = {}, query = "", body, headers = {} }: Ask,
  token = steward.token,
): Promise<ApiAnswer> {
  const at = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? "x"),
  );
  const response = await fetch(`${steward.httpUrl}${at}${query}`, {
    method,
    headers: {
      ...(token !== "" && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await readText(response);
  const isJson = response.headers.get("content-type") === "application/json";
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text || undefined,
  };
}

type Prepare = (world: ApiWorld) => Ask | Promise<Ask>;

const inZone: Prepare = ({ zone }) => ({ params: { zone_id: zone } });
const inReplicated: Prepare = ({ replicated }) => ({ params: { zone_id: replicated } });
const ofNobody = (zone_id: string) => ({ params: { zone_id, node_id: createNodeId() } });

/** What each operation that needs something succeeds with; others succeed with nothing. */
export const SUCCESSES: Readonly<Record<string, Prepare>> = {
  createZone: () => ({ body: ZONE_INPUT }),
  getZone: inZone,
  updateZone: async ({ createZone }) => ({
    params: { zone_id: await createZone() },
    body: { ...ZONE_INPUT, topic: "changed" },
    headers: { "if-match": '"1"' },
  }),
  stopZone: async ({ createZone }) => ({ params: { zone_id: await createZone() } }),
  resumeZone: async ({ steward, api }) => {
    const { id, sign } = createRemoteZone(steward);
    await api("POST", "/v1/zones", { envelope: sign({ epoch: 1, prev: null }) });
    await api("POST", `/v1/zones/${id}/stop`);
    return { params: { zone_id: id } };
  },
  deleteZone: inStopped,
  exportZone: inZone,
  listZoneEpochs: inZone,
  listZoneLog: inZone,
  listMembers: inZone,
  removeMember: async ({ createZone, member }) => {
    const zone_id = await createZone();
    await member.ask({ type: "zone.join", zone_id });
    return { params: { zone_id, node_id: member.nodeId } };
  },
  listZoneBans: inZone,
  putZoneBan: ({ zone }) => ({ ...ofNobody(zone), body: { reason: "noise" } }),
  removeZoneBan: async ({ zone, api }) => {
    const { params } = ofNobody(zone);
    await api("PUT", `/v1/zones/${zone}/bans/${params.node_id}`);
    return { params };
  },
  listInvites: inZone,
  createInvite: inZone,
  revokeInvite: async ({ zone, api }) => {
    const { body } = await api("POST", `/v1/zones/${zone}/invites`);
    return { params: { zone_id: zone, invite_id: body.invite_id } };
  },
  listProviders: inZone,
  putProvider: ({ zone }) => ({ ...ofNobody(zone), body: { actions: ["echo"] } }),
  removeProvider: async ({ zone, api }) => {
    const { params } = ofNobody(zone);
    await api("PUT", `/v1/zones/${zone}/providers/${params.node_id}`, { actions: ["echo"] });
    return { params };
  },
  getPayment: ({ payment }) => ({ params: { payment_id: payment } }),
  getReplica: inReplicated,
  listEvidence: inReplicated,
  listQuarantine: inReplicated,
  removeQuarantine: inReplicated,
  addSteward: async ({ createZone }) => ({
    params: { zone_id: await createZone() },
    body: { node_id: createNodeId(), entrypoint: "ws://127.0.0.1:1/wire" },
  }),
  removeSteward: async ({ createZone, api }) => {
    const zone_id = await createZone();
    const node_id = createNodeId();
    const body = { node_id, entrypoint: "ws://127.0.0.1:1/wire" };
    await api("POST", `/v1/zones/${zone_id}/stewards`, body);
    return { params: { zone_id, node_id } };
  },
  promoteReplica: inReplicated,
  endSession: async ({ steward, api }) => {
    const client = await WireClient.connect(steward.wireUrl);
    const { sessions } = (await api("GET", "/v1/sessions?limit=500")).body;
    const own = sessions.find(({ node_id }: Reply) => node_id === client.nodeId);
    return { params: { session_id: own.id } };
  },
  putWireBan: () => ({
    params: { node_id: createNodeId() },
    body: { expires_at: Math.floor(Date.now() / 1000) + 3600 },
  }),
  createToken: () => ({ body: { name: "made", scope: "read" } }),
  deleteToken: async ({ api }) => {
    const { body } = await api("POST", "/v1/tokens", { name: "short", scope: "read" });
    return { params: { token_id: body.id } };
  },
  closeBreaker: () => ({ params: { breaker: "127.0.0.1:1" } }),
  createWebhook: () => ({ body: HOOK }),
  getWebhook: withWebhook,
  updateWebhook: async (world) => ({ ...(await withWebhook(world)), body: { state: "paused" } }),
  deleteWebhook: withWebhook,
  rotateWebhookSecret: withWebhook,
  testWebhook: withWebhook,
  listWebhookDeliveries: withWebhook,
  replayDeadDeliveries: withWebhook,
  replayWebhookDelivery: withDeadDelivery,
  getBackup: async ({ api }) => {
    const { body } = await api("POST", "/v1/backups");
    return { params: { backup_id: body.id } };
  },
};

const HOOK = { url: DOWN, events: ["zone.created"], allow_private: true };

async function withWebhook({ api }: ApiWorld): Promise<{ params: { webhook_id: string } }> {
  const { body } = await api("POST", "/v1/webhooks", HOOK);
  return { params: { webhook_id: body.id } };
}

async function withDeadDelivery(world: ApiWorld): Promise<Ask> {
  const { params } = await withWebhook(world);
  await world.createZone();
  const path = `/v1/webhooks/${params.webhook_id}/deliveries?state=dead`;
  const list = async () => (await world.api("GET", path)).body.deliveries;
  await expect.poll(list).toHaveLength(1);
  return { params: { ...params, delivery_id: (await list())[0].id } };
}

/** What is refused with 409 or 412 because of how things are. */
export const CONFLICTS: Readonly<Record<string, Prepare>> = {
  updateZone: ({ zone }) => ({
    params: { zone_id: zone },
    body: ZONE_INPUT,
    headers: { "if-match": '"99"' },
  }),
  stopZone: ({ zone }) => ({ params: { zone_id: zone }, headers: { "if-match": '"99"' } }),
  deleteZone: inZone,
  removeMember: inStopped,
  putZoneBan: inStopped,
  removeZoneBan: inStopped,
  createInvite: inStopped,
  putProvider: async (world) => ({ ...(await ofOther(world)), body: { actions: ["echo"] } }),
  revokeInvite: ofOther,
  removeProvider: ofOther,
  resyncReplica: inReplicated,
  addSteward: ({ replicated, steward }) => ({
    params: { zone_id: replicated },
    body: { node_id: steward.nodeId, entrypoint: "ws://127.0.0.1:1/wire" },
  }),
  removeSteward: ({ replicated, steward }) => ({
    params: { zone_id: replicated, node_id: steward.nodeId },
  }),
  updateWebhook: async (world) => {
    const { params } = await withWebhook(world);
    // As after a master key was lost, and what it sealed given up.
    const db = new Database(join(world.steward.dataDir, "steward.sqlite"));
    const forget = db.prepare("UPDATE webhooks SET secret_sealed = '' WHERE webhook_id = ?");
    forget.run(params.webhook_id);
    db.close();
    return { params, body: { state: "active" } };
  },
  putWireBan: ({ steward }) => ({
    params: { node_id: steward.nodeId },
    body: { expires_at: Math.floor(Date.now() / 1000) + 3600 },
  }),
  deleteToken: async ({ api }) => {
    const { tokens } = (await api("GET", "/v1/tokens?limit=1")).body;
    return { params: { token_id: tokens[0].id } };
  },
  reloadConfig: () => ({}),
};

/** A zone with an invitation and a provider, whose primary is another steward now. */
async function ofOther({ steward, api }: ApiWorld): Promise<Ask> {
  const zone = signZone(createAgentKey(), steward.nodeId);
  const path = `/v1/zones/${zone.id}`;
  await api("POST", "/v1/zones", { envelope: zone.envelope });
  const { body } = await api("POST", `${path}/invites`);
  const node_id = createNodeId();
  await api("PUT", `${path}/providers/${node_id}`, { actions: ["echo"] });
  const next = zone.next({
    steward_set: [
      { node_id: createNodeId(), entrypoint: "ws://127.0.0.1:1/wire", role: "primary" },
      { node_id: steward.nodeId, entrypoint: steward.wireUrl, role: "replica", voter: true },
    ],
  });
  await api("PUT", path, { envelope: next.envelope }, { "if-match": '"1"' });
  return { params: { zone_id: zone.id, node_id, invite_id: body.invite_id } };
}

async function inStopped({ createZone, api }: ApiWorld): Promise<Ask> {
  const zone_id = await createZone();
  await api("POST", `/v1/zones/${zone_id}/stop`);
  return { params: { zone_id, node_id: createNodeId() } };
}

/** Operations that succeed only with money on a chain, or after a fault: where they do. */
export const ELSEWHERE: Readonly<Record<string, readonly [file: string, names: string]>> = {
  refundPayment: ["test/admin/refund.test.ts", "/refund"],
  declareRefundLost: ["test/admin/lost-refund.test.ts", "/refund/lost"],
  retryPayment: ["test/admin/refund.test.ts", "/retry"],
  claimShares: ["test/admin/claims.test.ts", "/v1/claims"],
  getEscrow: ["test/payments/escrow/wire.test.ts", "/v1/escrows/"],
  releaseEscrow: ["test/payments/escrow/shell.test.ts", "release"],
  refundEscrow: ["test/requests/escrowed.test.ts", "/refund"],
  disputeEscrow: ["test/payments/escrow/shell.test.ts", "dispute"],
  resyncReplica: ["test/replication/operator.test.ts", "/resync"],
  liftWireBan: ["test/admin/peers.test.ts", "/v1/bans/"],
  releaseWallet: ["test/payments/copied-wallet.test.ts", "/v1/wallets/release"],
  reloadConfig: ["test/cli/reload.test.ts", "reload"],
};
