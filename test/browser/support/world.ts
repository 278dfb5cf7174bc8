import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { Agent } from "../../../src/client/agent.ts";
import { Upstream } from "../../actions/upstream.ts";
import { NETWORK, type PaidSteward, startPaidSteward } from "../../support/paid-steward.ts";
import { launchBrowser } from "./browser.ts";

const [TRANSLATE, AUDIT] = ["translate", "audit"].map((name) =>
  fileURLToPath(new URL(`../../../src/dev/${name}-module.ts`, import.meta.url)),
);

/** A steward with a chain, a browser, and a service that hangs up on whoever asks it. */
export interface BrowserWorld extends AsyncDisposable {
  readonly paid: PaidSteward;
  readonly browser: Browser;
  /** Connects an agent that can pay. */
  connect(name: string): Promise<Agent>;
}

/** The actions of the journey's zone, as its creator types them. */
export const ACTIONS = [
  { name: "echo", description: "Answers its params.", params: { text: "string" } },
  {
    name: "translate",
    description: "Translates word by word with a small phrasebook.",
    params: { text: "string", source_lang: "string", target_lang: "string" },
    price: { amount: "2000000", asset: "USDC", network: NETWORK },
  },
  {
    name: "report",
    description: "Writes a report, by a service that is out of order.",
    params: { topic: "string" },
    price: { amount: "750000", asset: "USDC", network: NETWORK },
  },
];

/** Starts everything a person at the dashboard would have in front of him. */
export async function startBrowserWorld(): Promise<BrowserWorld> {
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(await Upstream.start());
  upstream.answer = (response) => response.socket?.resetAndDestroy();
  const paid = stack.use(
    await startPaidSteward({
      name: "harbour",
      replication: { allow: ["*"] },
      admin: { dashboard: { chart_step_ms: 1000 } },
      handlers: {
        "*": {
          echo: { type: "echo" },
          translate: { type: "module", path: TRANSLATE },
          audit: { type: "module", path: AUDIT },
          report: { type: "http", url: upstream.url, allow_private: ["127.0.0.1"] },
        },
      },
    }),
  );
  const browser = stack.use(await launchBrowser());
  const { usdc, settlement, escrow } = paid.contracts;
  const owned = stack.move();
  return {
    paid,
    browser,
    connect: (name) =>
      Agent.connect(paid.steward.wireUrl, {
        key: crypto.getRandomValues(new Uint8Array(32)),
        name,
        wallet: paid.payer,
        chains: { [paid.chain.chainId]: { usdc, settlement, escrow } },
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Logs in with a token and waits for the overview. */
export async function logIn(page: Page, token: string): Promise<void> {
  await page.goto("/admin");
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

/** Puts something on every page: an escrow, a second steward, an invitation, a ban, a webhook, a backup, a token. */
export async function fillPages({ paid, connect }: BrowserWorld): Promise<Agent> {
  const { steward } = paid;
  const audit = {
    name: "audit",
    description: "Counts a text, and finds words written twice.",
    params: { text: "string" },
    price: { amount: "5000000", asset: "USDC", network: NETWORK, settlement_mode: "escrow" },
  };
  const zoneId = await steward.createZone({ name: "archive", actions: [...ACTIONS, audit] });
  const agent = await connect("ben");
  await agent.join(zoneId);
  const pay = { maxAmount: 5_000_000n };
  await agent.request(zoneId, "audit", { text: "twice twice" }, { pay });
  await agent.send(zoneId, "hello");
  const nodeId = `atlas_${"0".repeat(64)}`;
  const at = `/v1/zones/${zoneId}`;
  const made = await Promise.all([
    steward.api("POST", `${at}/stewards`, { node_id: nodeId, entrypoint: "ws://127.0.0.1:1/wire" }),
    steward.api("POST", `${at}/invites`, { max_uses: 3 }),
    steward.api("PUT", `${at}/bans/${nodeId}`, { reason: "noise" }),
    steward.api("PUT", `${at}/providers/${agent.nodeId}`, { actions: ["echo"] }),
    steward.api("POST", "/v1/webhooks", {
      url: "https://hooks.example/",
      events: ["member.joined"],
    }),
    steward.api("POST", "/v1/tokens", { name: "reader", scope: "read" }),
    steward.api("POST", "/v1/backups", {}),
  ]);
  const refused = made.filter(({ status }) => status >= 300);
  if (refused.length > 0) throw new Error(JSON.stringify(refused.map(({ body }) => body)));
  return agent;
}
