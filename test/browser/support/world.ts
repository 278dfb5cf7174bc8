import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { Agent } from "../../../src/client/agent.ts";
import { Upstream } from "../../actions/upstream.ts";
import { NETWORK, type PaidSteward, startPaidSteward } from "../../support/paid-steward.ts";
import { launchBrowser } from "./browser.ts";

const TRANSLATE = fileURLToPath(new URL("../../../src/dev/translate-module.ts", import.meta.url));

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
      admin: { dashboard: { chart_step_ms: 1000 } },
      handlers: {
        "*": {
          echo: { type: "echo" },
          translate: { type: "module", path: TRANSLATE },
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
