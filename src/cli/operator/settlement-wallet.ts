import type { Command } from "commander";
import { integerOf } from "../input.ts";
import { toFields, toTable } from "../output.ts";
import { addOperatorCommand, type OperatorOptions, operate } from "./operate.ts";

interface WalletBody {
  readonly chain_id: number;
  readonly address: string;
  readonly state: string;
  readonly known_nonce?: number;
  readonly chain_nonce?: number;
  readonly unresolved?: number;
}

interface ReleasedBody extends WalletBody {
  readonly given_up: readonly string[];
}

type ReleaseOptions = OperatorOptions & { readonly nonce: number };

/** Adds `steward settlement wallet|release-wallet`. */
export function addWalletCommands(settlement: Command): void {
  addOperatorCommand(settlement, "wallet", "say whether the wallet may send, per chain").action(
    (options: OperatorOptions) =>
      operate(options, async (api) => {
        const body = await api<{ wallets: WalletBody[] }>("GET", "/v1/wallets");
        return { value: body, text: () => toTable(body.wallets.map(toRow)) };
      }),
  );
  addOperatorCommand(
    settlement,
    "release-wallet <chain-id>",
    "let a held wallet send again: no other steward has it",
  )
    .requiredOption(
      "--nonce <n>",
      "the chain's count as steward settlement wallet showed it",
      integerOf(0, Number.MAX_SAFE_INTEGER),
    )
    .addHelpText("after", HELP)
    .action((chainId: string, { nonce, ...options }: ReleaseOptions) =>
      operate(options, async (api) => {
        const body = { chain_id: Number(chainId), nonce };
        const wallet = await api<ReleasedBody>("POST", "/v1/wallets/release", { body });
        const given_up = wallet.given_up.join(" ");
        return { value: wallet, text: () => toFields({ ...toRow(wallet), given_up }) };
      }),
    );
}

function toRow({ chain_id, address, state, ...counts }: WalletBody) {
  const { known_nonce, chain_nonce, unresolved } = counts;
  return {
    chain: chain_id,
    wallet: address,
    state,
    known: known_nonce,
    mined: chain_nonce,
    unresolved,
  };
}

const HELP = `
A wallet is held where the chain has more transactions of it than the database knows of: that is an older copy, or the
original still runs. End every other process with this wallet first. Refunds that were asked for and not
sent are given up (their payments are listed), as they may have been paid: look, and ask again.`;
