import type { NodeKey } from "../../src/identity/node-key.ts";
import { createId } from "../../src/protocol/ids.ts";
import { signZone } from "../support/creator.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";

/** A steward with a zone of a remote creator, whose providers a test connects. */
export interface ProviderRig extends AsyncDisposable {
  readonly steward: TestSteward;
  readonly creator: WireClient;
  readonly zoneId: string;
  /** Connects a member. */
  join(key?: NodeKey): Promise<WireClient>;
  /** Approves a node; returns the answer. */
  approve(nodeId: string, actions?: string[]): Promise<Reply>;
  /** Connects an approved provider that offers `work`. */
  provide(key?: NodeKey): Promise<WireClient>;
}

/** Boots it; `work` is fulfilled by providers. */
export async function startProviderRig(
  handler: Record<string, unknown> = {},
  options: { dataDir?: string; nowMs?: () => number } = {},
): Promise<ProviderRig> {
  const work = { type: "provider", ...handler };
  const steward = await startSteward({
    ...options,
    config: {
      handlers: { "*": { work, other: work, echo: { type: "echo" } } },
      zones: { creation: "anyone" },
    },
  });
  const creator = await WireClient.connect(steward.wireUrl, { key: createAgentKey() });
  const zone = signZone(creator.key, steward.nodeId, {
    actions: ["work", "other"].map((name) => ({ name, description: "An action." })),
  });
  await creator.ask({ type: "zone.create", envelope: zone.envelope });
  const zone_id = zone.id;
  const clients = [creator];
  const join = async (key?: NodeKey) => {
    const client = await WireClient.connect(steward.wireUrl, key ? { key } : {});
    clients.push(client);
    await client.ask({ type: "zone.join", zone_id });
    return client;
  };
  const approve = (node_id: string, actions = ["work"]) =>
    creator.ask({ type: "zone.approve", zone_id, node_id, actions });
  return {
    steward,
    creator,
    zoneId: zone_id,
    join,
    approve,
    provide: async (key) => {
      const client = await join(key);
      await approve(client.nodeId);
      const reply = await client.ask({ type: "zone.provide", zone_id, actions: ["work"] });
      if (reply.type !== "zone.providing") throw new Error(JSON.stringify(reply));
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) await client[Symbol.asyncDispose]();
      await steward[Symbol.asyncDispose]();
    },
  };
}

/** Asks for `work`; the answer comes when a provider has answered. */
export function startWork(client: WireClient, zoneId: string, params: object = {}): Promise<Reply> {
  const body = { type: "zone.request", request_id: createId("req"), zone_id: zoneId };
  return client.ask({ ...body, action: "work", params });
}

/** Answers an invocation; resolves with the id of the message once it is acknowledged. */
export async function sendResult(provider: WireClient, fields: Reply): Promise<void> {
  const id = provider.sendBody({ type: "zone.result", ...fields });
  await provider.take((e) => e.type === "message_ack" && e.fields.msg_id === id);
}
