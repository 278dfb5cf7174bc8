import { afterAll, beforeAll, expect, test } from "vitest";
import { readCount } from "../support/counts.ts";
import { startRpcProxy } from "../support/rpc-proxy.ts";
import { Trouble } from "./matrix/trouble.ts";
import {
  type AuthorizationJson,
  askQuote,
  fundPayer,
  HookRecorder,
  type Payer,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";
import { type EngineChild, startEngineChild } from "./support/engine-child.ts";
import type { EngineNews, PaymentOrder } from "./support/engine-process.ts";

const PAYMENTS = readCount("PAYMENT_SOAK_RUNS");
const PAYERS = readCount("PAYMENT_SOAK_PAYERS");
const KILLS = readCount("PAYMENT_SOAK_KILLS");
const FUNDS = 1_000_000_000n;
const AMOUNT = 2_000_000n;

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

type Kind = "good" | "unfunded" | "replayed" | "malformed";
interface Plan extends PaymentOrder {
  kind: Kind;
}

/** Five in a hundred each are unfunded, another request's authorization, or malformed. */
function kindOf(i: number): Kind {
  if (i % 20 === 7) return "unfunded";
  if (i % 20 === 11) return "replayed";
  return i % 20 === 17 ? "malformed" : "good";
}

async function makePlans(dir: { value: string }, payers: Payer[]): Promise<Plan[]> {
  const quoting = { quote_ttl_secs: 3_000, quotes_per_node: PAYMENTS };
  const engine = await startEngine(world, { payments: quoting });
  const poor = await fundPayer(world, 1n);
  const plans: Plan[] = [];
  let former: AuthorizationJson | undefined;
  for (let i = 0; i < PAYMENTS; i++) {
    const kind = kindOf(i);
    const { key, quote } = await askQuote(engine, world);
    const payer = kind === "unfunded" ? poor : (payers[i % payers.length] as Payer);
    const own = await pay(payer, quote.payment_requirement, {
      kind: i % 2 === 0 ? "receive" : "transfer",
    });
    const authorization =
      kind === "replayed" ? former : kind === "malformed" ? { ...own, r: 1 } : own;
    if (kind === "good") former = own;
    plans.push({ key, kind, authorization });
  }
  dir.value = engine.dir;
  await engine.stop();
  return plans;
}

/** The chain does not say at present, and the agent is to ask again. */
const UNAVAILABLE = "CHAIN_UNAVAILABLE";
const ASK_AGAIN_MS = 50;

const ENDS: Record<Kind, string[]> = {
  good: ["settled"],
  unfunded: ["failed"],
  replayed: ["AUTHORIZATION_USED", "NONCE_MISMATCH"],
  malformed: ["MALFORMED_AUTHORIZATION"],
};

/** Sends what has no end yet to a new process, and waits for all ends or for so many of them. */
async function run(child: EngineChild, open: Map<string, Plan>, ends: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let seen = 0;
  child.news.on("news", ({ requestId, event }: EngineNews) => {
    const plan = open.get(requestId ?? "");
    if (!plan || event === "accepted" || event === "joined") return;
    if (event === UNAVAILABLE) {
      setTimeout(
        () => child.send({ key: plan.key, authorization: plan.authorization }),
        ASK_AGAIN_MS,
      );
      return;
    }
    if (!ENDS[plan.kind].includes(event)) reject(new Error(`${plan.kind} ended as ${event}`));
    open.delete(requestId ?? "");
    seen += 1;
    if (seen >= ends || open.size === 0) resolve();
  });
  for (const { key, authorization } of open.values()) child.send({ key, authorization });
  await promise;
}

test("books and chain agree after crashes, behind a node that goes wrong: every good payment once, nobody else charged", async () => {
  const payers: Payer[] = [];
  while (payers.length < PAYERS) payers.push(await fundPayer(world, FUNDS));
  const dir = { value: "" };
  const plans = await makePlans(dir, payers);
  const open = new Map(plans.map((plan) => [plan.key.requestId, plan]));
  await using proxy = await startRpcProxy(world.chain.rpcUrl);
  const trouble = new Trouble(proxy);
  const payments = { rpc_timeout_ms: 300, stuck_after_secs: 1 };
  const options = { rpcUrls: [proxy.url], dir: dir.value, payments };
  for (let kill = 0; kill < KILLS && open.size > 0; kill++) {
    const child = await startEngineChild(world, options);
    trouble.paused = false;
    await run(child, open, Math.ceil(PAYMENTS / (KILLS + 1)));
    child.kill();
    await child.exited;
    trouble.pause();
  }
  const hooks = new HookRecorder();
  await using last = await startEngine(world, { ...options, hooks });
  trouble.paused = false;
  for (const { key, authorization, kind } of open.values()) {
    let answer: unknown;
    do {
      answer = await last.payments.accept(key, authorization).catch((error) => error.reason);
    } while (answer === UNAVAILABLE);
    if (kind === "good" && answer !== "settled") await hooks.until("settled", key.requestId);
  }
  trouble.pause();
  expect(trouble.begun.size).toBeGreaterThan(0);
  const good = plans.filter((plan) => plan.kind === "good");
  for (const { key, authorization } of good) {
    expect(await last.payments.accept(key, authorization)).toBe("settled");
  }
  const [audit] = await last.payments.audit();
  expect(audit).toMatchObject({
    differences: [],
    pending: 0,
    settled: (AMOUNT * BigInt(good.length)).toString(),
  });
  for (const [i, payer] of payers.entries()) {
    const paid = good.filter((plan) => plans.indexOf(plan) % payers.length === i).length;
    expect(await world.balanceOf(payer.address)).toBe(FUNDS - AMOUNT * BigInt(paid));
  }
  expect(await world.balanceOf(world.settlement)).toBe(0n);
  expect(await world.balanceOf(world.recipient)).toBe(1_978_000n * BigInt(good.length));
});
