import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import type { PageDeps } from "../frame/page-deps.ts";
import {
  type Column,
  renderBadge,
  renderLive,
  renderPager,
  renderTable,
  type Tone,
  toUsdc,
} from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import { type ChainLinks, createChainLinks } from "./chain-links.ts";
import { toListQuery } from "./lists.ts";

interface Claimable {
  readonly chain_id: number;
  readonly contract: string;
  readonly token: string;
  readonly payee: string;
  readonly amount: string | null;
  readonly claimable: boolean;
  readonly message?: string;
  readonly claim: {
    readonly state: string;
    readonly failure: string | null;
    readonly tx_hash: string | null;
  } | null;
}

interface Wallet {
  readonly chain_id: number;
  readonly address: string;
  readonly state: "unchecked" | "open" | "held";
  readonly known_nonce?: number;
  readonly chain_nonce?: number;
  readonly unresolved?: number;
}

const WALLET_MEANINGS: Readonly<Record<Wallet["state"], { tone: Tone; text: string }>> = {
  open: { tone: "good", text: "It sends." },
  unchecked: {
    tone: "warn",
    text: "The chain could not be asked yet what the wallet sent. It sends nothing until then.",
  },
  held: {
    tone: "bad",
    text: "The chain has transactions of this wallet that these books do not know: a restored copy, or another process with its key. Nothing is sent before your word.",
  },
};

/** `/admin/claims`: the settlement wallets, and the shares that a token refused to pay. */
export function createClaimPages({ config }: PageDeps): Page[] {
  const links = createChainLinks(config.chains);
  return [
    {
      path: "/claims",
      nav: "Wallets and claims",
      operation: "listWallets",
      render: async (view) => {
        const { wallets } = await view.api.read<{ wallets: Wallet[] }>("listWallets");
        const { claims, next } = await view.api.read<{ claims: Claimable[]; next?: string }>(
          "listClaims",
          { query: toListQuery(view) },
        );
        const body = html`<h1>Wallets and claims</h1>
<section><h2>Settlement wallets</h2>${renderLive("wallets", renderWallets(view, wallets, links), { isSpoken: true })}</section>
<section><h2>Shares that a token refused</h2>
<p class="quiet">Where the token refuses an owner (it is blocked there), everybody else is paid and the contract keeps this share for its owner. These are asked of the chains as the page loads.</p>
${renderClaims(view, claims, links)}${renderPager(view, next)}</section>`;
        return { title: "Wallets and claims", body };
      },
    },
  ];
}

function renderWallets(view: View, wallets: readonly Wallet[], links: ChainLinks): Markup {
  const columns: Column<Wallet>[] = [
    { title: "Chain", cell: ({ chain_id }) => links.name(chain_id) },
    { title: "Wallet", cell: ({ chain_id, address }) => links.address(chain_id, address) },
    { title: "State", cell: ({ state }) => renderBadge(state, WALLET_MEANINGS[state].tone) },
    { title: "What that means", cell: ({ state }) => WALLET_MEANINGS[state].text },
    { title: "Known here", cell: ({ known_nonce }) => known_nonce ?? "–", isNumber: true },
    { title: "On chain", cell: ({ chain_nonce }) => chain_nonce ?? "–", isNumber: true },
    { title: "Unresolved", cell: ({ unresolved }) => unresolved ?? "–", isNumber: true },
    {
      title: "Do",
      cell: ({ state, chain_id, chain_nonce }) =>
        state === "held" && chain_nonce !== undefined
          ? view.renderAction("releaseWallet", {
              filled: { chain_id: String(chain_id), nonce: String(chain_nonce) },
              isCompact: true,
            })
          : "",
    },
  ];
  return renderTable(
    "May the wallet send, and do the books know what it sent",
    columns,
    wallets,
    html`No chain is configured, so no wallet pays anything. <code>steward chain deploy --write steward.config.json</code> sets one up.`,
  );
}

function renderClaims(view: View, claims: readonly Claimable[], links: ChainLinks): Markup {
  const columns: Column<Claimable>[] = [
    { title: "Chain", cell: ({ chain_id }) => links.name(chain_id) },
    { title: "Owner", cell: ({ chain_id, payee }) => links.address(chain_id, payee) },
    {
      title: "Kept",
      cell: ({ amount }) => (amount === null ? "unknown" : toUsdc(amount)),
      isNumber: true,
    },
    { title: "Contract", cell: ({ chain_id, contract }) => links.address(chain_id, contract) },
    {
      title: "Standing",
      cell: ({ claimable, message, claim }) =>
        claim === null
          ? (message ?? (claimable ? "can be paid now" : "cannot be paid now"))
          : `claim ${claim.state}${claim.failure === null ? "" : `: ${claim.failure}`}`,
    },
    { title: "Transaction", cell: ({ chain_id, claim }) => links.tx(chain_id, claim?.tx_hash) },
    {
      title: "Do",
      cell: ({ claimable, chain_id, token, payee }) =>
        claimable
          ? view.renderAction("claimShares", {
              filled: { chain_id: String(chain_id), token, payee },
              isCompact: true,
            })
          : "",
    },
  ];
  return renderTable(
    "What the contracts keep for owners, as the chains say now",
    columns,
    claims,
    "No share was refused: every owner got what is his.",
  );
}
