import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { JsonObject } from "../../protocol/json.ts";
import { UsageError } from "../exit-codes.ts";
import { integerOf } from "../input.ts";
import { toFields } from "../output.ts";
import type { AdminApi } from "./admin-client.ts";
import {
  addListCommand,
  addOperatorCommand,
  type ListOptions,
  list,
  type OperatorOptions,
  operate,
} from "./operate.ts";

/** The most that the route lists on a page. */
const PAGE_ITEMS_MAX = 50;

interface ClaimableBody {
  readonly chain_id: number;
  readonly contract: string;
  readonly token: string;
  readonly payee: string;
  /** As the chain says; null where it does not answer. */
  readonly amount: string | null;
  readonly claimable: boolean;
  readonly message?: string;
  readonly claim: { readonly state: string; readonly tx_hash: string | null } | null;
}

interface ClaimOptions extends OperatorOptions {
  readonly chainId?: number;
  readonly usdc?: string;
  readonly payee?: string;
  readonly idempotencyKey?: string;
}

function toClaimRow(item: ClaimableBody): Readonly<Record<string, unknown>> {
  const { chain_id, contract, token, payee, amount, claimable, message, claim } = item;
  return {
    ...{ chain_id, token, payee, amount: amount ?? "unknown" },
    now: claimable ? "yes" : message,
    claim: claim?.state,
    transaction: claim?.tx_hash,
    contract,
  };
}

/** Adds `steward settlement claims` and `steward settlement claim`. */
export function addClaimCommands(settlement: Command): void {
  addListCommand(
    settlement,
    "claims",
    "list shares that the token refused to pay, with what the chain says of them now",
  ).action((options: ListOptions) =>
    operate(options, (api) => {
      const shown = { ...options, limit: options.limit ?? PAGE_ITEMS_MAX };
      const listing = { path: "/v1/claims", field: "claims", toRow: toClaimRow };
      return list<ClaimableBody>(api, shown, listing);
    }),
  );
  addOperatorCommand(
    settlement,
    "claim",
    "have such shares paid to their owner, by default to the steward's wallet",
  )
    .option("--chain-id <n>", "default: the only one listed", integerOf(1, Number.MAX_SAFE_INTEGER))
    .option("--usdc <address>", "the token; default: the only one listed")
    .option("--payee <address>", "the owner")
    .option("--idempotency-key <key>", "asked again with the same key, claim once")
    .action((options: ClaimOptions) =>
      operate(options, async (api) => {
        const body = { ...(await toTarget(api, options)) };
        const headers = { "idempotency-key": options.idempotencyKey ?? randomUUID() };
        const answer = await api<{ claims: JsonObject[] }>("POST", "/v1/claims", { body, headers });
        return { value: answer, text: () => answer.claims.map(toFields).join("\n\n") };
      }),
    );
}

async function toTarget(api: AdminApi, { chainId, usdc: token, payee }: ClaimOptions) {
  const owner = payee === undefined ? {} : { payee };
  if (chainId !== undefined && token !== undefined) return { chain_id: chainId, token, ...owner };
  const { claims } = await api<{ claims: ClaimableBody[] }>("GET", "/v1/claims");
  const targets = claims.filter(
    (item) =>
      (chainId === undefined || item.chain_id === chainId) &&
      (token === undefined || item.token.toLowerCase() === token.toLowerCase()),
  );
  const names = new Set(targets.map((item) => `${item.chain_id} ${item.token}`));
  const [first] = targets;
  if (names.size === 1 && first) return { chain_id: first.chain_id, token: first.token, ...owner };
  throw new UsageError(
    names.size === 0
      ? "Nothing is listed to claim; name --chain-id and --usdc to have the chain asked."
      : "Name --chain-id and --usdc: shares in several are listed.",
  );
}
