import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { type ActionOutcome, Agent, AgentError, createMemoryLedger } from "../../client/agent.ts";
import { ANVIL_CHAIN_ID } from "../../dev/anvil.ts";
import { type DevWorld, startDevWorld } from "../../dev/world.ts";
import { createId } from "../../protocol/ids.ts";
import { toRequestKey } from "../../protocol/terms.ts";
import {
  assertSplit,
  type Balances,
  DemoError,
  printBalances,
  readBalances,
  say,
} from "./balances.ts";
import { payByEscrow } from "./escrow.ts";

const PARAMS = { text: "Hello world, good morning", source_lang: "en", target_lang: "de" };
const PRICE = 2_000_000n;
const BLOCK_TIME_SECS = 0.1;

interface Agents {
  readonly alice: Agent;
  readonly bob: Agent;
  readonly wallet: Hex;
  readonly ledger: ReturnType<typeof createMemoryLedger>;
}

/** Runs the main job end to end on a local chain; throws where anything is not as it should be. */
export async function runDemo(): Promise<void> {
  const startedMs = Date.now();
  await using world = await startDevWorld({ blockTimeSecs: BLOCK_TIME_SECS, logLevel: "warn" });
  say("world", `steward ${world.steward.wireUrl}, chain ${world.rpcUrl}, zone ${world.zone.id}`);
  const agents = await connectAgents(world);
  try {
    await talk(world, agents);
    await pay(world, agents);
    await payByEscrow(world, agents);
  } finally {
    await Promise.all([agents.alice.close(), agents.bob.close()]);
  }
  say("done", `everything as it should be, ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
}

async function connectAgents(world: DevWorld): Promise<Agents> {
  const [payerKey] = world.fundedKeys;
  if (payerKey === undefined) throw new DemoError("The dev world has no funded key.");
  const ledger = createMemoryLedger();
  const { usdc, settlement, escrow } = world.contracts;
  const chains = { [ANVIL_CHAIN_ID]: { usdc, settlement, escrow, rpcUrl: world.rpcUrl } };
  const expectNodeId = world.steward.nodeId;
  const connect = (name: string, paying: object) =>
    Agent.connect(world.steward.wireUrl, {
      key: crypto.getRandomValues(new Uint8Array(32)),
      name,
      expectNodeId,
      ...paying,
    });
  const alice = await connect("alice", { wallet: payerKey, chains, ledger });
  const bob = await connect("bob", {});
  return { alice, bob, ledger, wallet: privateKeyToAccount(payerKey).address };
}

async function talk(world: DevWorld, { alice, bob }: Agents): Promise<void> {
  for (const [name, agent] of Object.entries({ alice, bob })) {
    const joined = await agent.join(world.zone.id);
    say(
      "join",
      `${name} ${agent.nodeId} is a ${joined.role}, the zone has ${joined.members} member(s)`,
    );
  }
  const arrived = new Promise<unknown>((resolve) => {
    bob.on("message", (message) => resolve(message.content));
  });
  const sent = await alice.send(world.zone.id, { text: "Hello from alice" });
  const content = await arrived;
  say("message", `bob received seq ${sent.seq}: ${JSON.stringify(content)}`);
}

async function pay(world: DevWorld, { alice, ledger, wallet }: Agents): Promise<void> {
  const { id: zoneId } = world.zone;
  const before = await readBalances(world, wallet);
  const requestId = createId("req");
  const quote = await readQuote(alice, zoneId, requestId);
  say("quote", `${quote.amount} units (2 USDC) to ${quote.recipient}, nonce ${quote.nonce}`);
  const paid = await alice.request(zoneId, "translate", PARAMS, {
    requestId,
    pay: { maxAmount: PRICE },
  });
  const receipt = getReceipt(paid);
  say("settled", `transaction ${receipt.tx_hash} in block ${receipt.block_number}`);
  say("result", JSON.stringify(paid.result));
  const after = await readBalances(world, wallet);
  printBalances(before, after);
  assertSplit(before, after, PRICE);
  await payAgain(world, { alice, ledger, requestId, receipt, wallet, after });
}

interface Quote {
  readonly amount: string;
  readonly recipient: string;
  readonly nonce: string;
}

async function readQuote(alice: Agent, zoneId: string, requestId: string): Promise<Quote> {
  try {
    await alice.request(zoneId, "translate", PARAMS, { requestId });
  } catch (error) {
    if (error instanceof AgentError && error.code === "payment_required") {
      return error.details?.payment_requirement as Quote;
    }
    throw error;
  }
  throw new DemoError("The priced action ran without payment.");
}

function getReceipt(outcome: ActionOutcome) {
  if (outcome.settlement === undefined) throw new DemoError("The answer has no receipt.");
  return outcome.settlement;
}

/** The same payment again is answered alike; its authorization pays for nothing else. */
async function payAgain(
  world: DevWorld,
  first: Pick<Agents, "alice" | "ledger" | "wallet"> & {
    requestId: string;
    receipt: ReturnType<typeof getReceipt>;
    after: Balances;
  },
): Promise<void> {
  const { alice, ledger, requestId, receipt, wallet, after } = first;
  const key = toRequestKey(alice.nodeId, requestId, { action: "translate", params: PARAMS });
  const authorization = (await ledger.get(key))?.authorization;
  const again = await alice.call({ type: "zone.payment", request_id: requestId, authorization });
  const same = (again.settlement as { tx_hash?: string } | undefined)?.tx_hash === receipt.tx_hash;
  if (!same) throw new DemoError("The same payment got another receipt.");
  say("again", "the same payment sent again returns the same receipt");
  const otherId = createId("req");
  await readQuote(alice, world.zone.id, otherId);
  const code = await alice
    .call({ type: "zone.payment", request_id: otherId, authorization })
    .then(() => "accepted")
    .catch((error: unknown) => (error instanceof AgentError ? error.code : "unknown"));
  if (code !== "payment_invalid") throw new DemoError(`Another request: ${code}`);
  say("theft", "the same authorization under another request is payment_invalid");
  const last = await readBalances(world, wallet);
  const moved = Object.entries(after).some(
    ([name, amount]) => last[name as keyof Balances] !== amount,
  );
  if (moved) throw new DemoError("A repeated payment moved money.");
}
