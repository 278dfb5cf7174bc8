import { expect } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import type { Upstream } from "../actions/upstream.ts";
import { authorize, NETWORK, type PaidSteward } from "../support/paid-steward.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";

export const PRICE = { amount: "2000000", asset: "USDC", network: NETWORK };

/** A configuration whose `run` and `free` post to an upstream, and `work` goes to providers. */
export function toConfig(upstream: Upstream) {
  const http = { type: "http", url: upstream.url, allow_private: ["127.0.0.1"], timeout_ms: 500 };
  return {
    handlers: { "*": { run: http, free: http, work: { type: "provider" } } },
    zones: { payment_wait_ms: 5000 },
  };
}

/** Creates a zone that sells `run` and `work`, and gives `free` away. */
export function createZone(steward: TestSteward): Promise<string> {
  return steward.createZone({
    actions: [
      { name: "run", description: "By HTTP.", price: PRICE },
      { name: "work", description: "By a provider.", price: PRICE },
      { name: "free", description: "By HTTP, for nothing." },
    ],
  });
}

export async function join(steward: TestSteward, zone_id: string, key = createAgentKey()) {
  const client = await WireClient.connect(steward.wireUrl, { key });
  expect((await client.ask({ type: "zone.join", zone_id })).type).toBe("zone.joined");
  return client;
}

/** A request for an action and the requirement it was answered with. */
export interface Quoted {
  readonly request_id: string;
  readonly payment_requirement: Reply;
}

/** Asks for an action that costs. */
export async function quote(
  client: WireClient,
  zone_id: string,
  action: string,
  params: Reply = {},
): Promise<Quoted> {
  const request_id = createId("req");
  const answer = await client.ask({ type: "zone.request", request_id, zone_id, action, params });
  expect(answer.type).toBe("zone.payment_required");
  return { request_id, payment_requirement: answer.payment_requirement };
}

/** Pays for a quoted request; returns the id of the message. */
export async function payFor(
  client: WireClient,
  { payer }: PaidSteward,
  { request_id, payment_requirement }: Quoted,
): Promise<string> {
  const authorization = await authorize(payment_requirement, payer);
  return client.sendBody({ type: "zone.payment", request_id, authorization });
}

/** Asks for a request's receipt until it is in a state. */
export async function untilState(
  client: WireClient,
  request_id: string,
  state: string,
): Promise<Reply> {
  for (;;) {
    const receipt = await client.ask({ type: "zone.receipt", request_id });
    expect(receipt.type).toBe("zone.pending");
    if (receipt.state === state) return receipt;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
