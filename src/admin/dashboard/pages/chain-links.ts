import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { PageDeps } from "../frame/page-deps.ts";
import { renderId } from "../frame/parts.ts";

/** What stands for no address in a payment's terms. */
const NOBODY = /^0x0{40}$/;

type Chains = PageDeps["config"]["chains"];

/** Links to what a chain holds, at the explorer that the configuration names for it. */
export interface ChainLinks {
  /** A transaction; a dash where there is none. */
  readonly tx: (chainId: number, hash: string | null | undefined) => Markup | string;
  readonly address: (chainId: number, address: string | null | undefined) => Markup | string;
  /** A chain by its network's name. */
  readonly name: (chainId: number) => string;
}

/** Makes them; without `explorer_url` ids are shown as they are. */
export function createChainLinks(chains: Chains): ChainLinks {
  const find = (chainId: number) => chains.find(({ chain_id }) => chain_id === chainId);
  const render = (kind: "tx" | "address") => (chainId: number, id: string | null | undefined) => {
    if (id === null || id === undefined || id === "" || NOBODY.test(id)) return "–";
    const base = find(chainId)?.explorer_url;
    if (base === undefined) return renderId(id);
    const href = `${base.replace(/\/+$/, "")}/${kind}/${encodeURIComponent(id)}`;
    return html`<a href="${href}" rel="noopener noreferrer">${renderId(id)}</a>`;
  };
  return {
    tx: render("tx"),
    address: render("address"),
    name: (chainId) => {
      const chain = find(chainId);
      return chain === undefined ? `chain ${chainId}` : `${chain.network} (${chainId})`;
    },
  };
}
