import type { LocalAccount } from "viem";
import { z } from "zod";
import { isSameAddress, toAddress } from "../../protocol/addresses.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { addressField } from "../../protocol/manifest.ts";
import { optionalField } from "../../protocol/schema-fields.ts";
import { toEscrowId, toTaskId } from "../../protocol/terms.ts";
import { AgentError } from "../agent-error.ts";
import type { PayableChain } from "./chain-settings.ts";
import type { LedgerEntry } from "./ledger.ts";

const bytes32 = z.string().regex(/^0x[0-9a-fA-F]{64}$/, "expected 32 bytes of hex");
const amount = z.string().regex(/^[0-9]{1,78}$/, "expected a decimal amount");

const escrowSchema = z.object({
  escrow_id: bytes32,
  task_id: bytes32,
  request_id: z.string(),
  tx_hash: optionalField(bytes32),
  status: z.enum(["pending_deposit", "deposited", "released", "refunded", "disputed", "failed"]),
  deadline: z.int().positive(),
  chain_id: z.int().positive(),
  contract: addressField,
  token: addressField,
  amount,
  depositor: addressField,
  recipient: addressField,
  arbiter: optionalField(addressField),
  pending: optionalField(z.string()),
  resolved_tx_hash: optionalField(bytes32),
  resolved_at: optionalField(z.int()),
  protocol_fee: optionalField(amount),
  creator_fee: optionalField(amount),
  recipient_amount: optionalField(amount),
});

/** An escrow as the steward tells it; its status is on chain, too; `docs/protocol.md` §8. */
export type EscrowInfo = z.output<typeof escrowSchema>;

/** An escrow that changed, with the zone and request that it pays. */
export interface EscrowChange {
  readonly zoneId: string;
  readonly requestId: string;
  readonly escrow: EscrowInfo;
}

/** What an agent knows of an escrow before a steward tells it. */
export interface EscrowContext {
  readonly escrowId: string;
  readonly chains: ReadonlyMap<number, PayableChain>;
  readonly entry: LedgerEntry | undefined;
}

/**
 * Parses an escrow and compares it with what the agent knows: the id it asked for, its own `chains`
 * and its record of the payment; `docs/protocol.md` §8.
 * @throws AgentError `receipt_invalid`; its details hold what was told
 */
export function parseEscrow(raw: unknown, context: EscrowContext): EscrowInfo {
  const parsed = escrowSchema.safeParse(raw);
  const escrow = parsed.data;
  if (escrow === undefined || !isEscrowOf(escrow, context)) {
    const details = { escrow: raw as JsonObject };
    throw new AgentError("receipt_invalid", { details, cause: parsed.error });
  }
  return escrow;
}

function isEscrowOf(escrow: EscrowInfo, { escrowId, chains, entry }: EscrowContext): boolean {
  const { depositor, task_id, chain_id } = escrow;
  const ownId = toEscrowId(toAddress(depositor), toTaskId(escrow.request_id));
  if (task_id.toLowerCase() !== toTaskId(escrow.request_id)) return false;
  if (ownId !== escrowId.toLowerCase() || escrow.escrow_id.toLowerCase() !== ownId) return false;
  const chain = chains.get(chain_id);
  if (chain?.escrow !== undefined) {
    if (!isSameAddress(escrow.contract, chain.escrow)) return false;
    if (!isSameAddress(escrow.token, chain.token)) return false;
  }
  if (entry === undefined) return true;
  return (
    chain_id === entry.chainId &&
    escrow.amount === entry.amount &&
    isSameAddress(depositor, entry.from) &&
    isSameAddress(escrow.recipient, entry.recipient)
  );
}

/** Parses the news that an escrow changed; undefined where it is malformed. */
export function findEscrowChange(
  body: Readonly<Record<string, unknown>>,
  chains: ReadonlyMap<number, PayableChain>,
): EscrowChange | undefined {
  const { zone_id, escrow_id } = body;
  if (typeof zone_id !== "string" || typeof escrow_id !== "string") return undefined;
  try {
    const escrow = parseEscrow(body.escrow, { escrowId: escrow_id, chains, entry: undefined });
    return { zoneId: zone_id, requestId: escrow.request_id, escrow };
  } catch {
    return undefined;
  }
}

const TYPES = {
  Release: [
    { name: "escrowId", type: "bytes32" },
    { name: "recipient", type: "address" },
    { name: "amount", type: "uint256" },
  ],
  Dispute: [{ name: "escrowId", type: "bytes32" }],
} as const;

/**
 * Signs a release or a dispute for the escrow contract of the agent's own `chains`;
 * `docs/protocol.md` §8.
 * @throws AgentError `chain_not_allowed`, `invalid_input` where the wallet is not the depositor
 */
export async function signEscrowOp(
  escrow: EscrowInfo,
  op: "release" | "dispute",
  own: {
    readonly wallet: LocalAccount;
    readonly chains: ReadonlyMap<number, PayableChain>;
  },
): Promise<string> {
  const { wallet, chains } = own;
  const contract = chains.get(escrow.chain_id)?.escrow;
  if (contract === undefined) {
    const message = `chains has no escrow contract for chain ${escrow.chain_id}.`;
    throw new AgentError("chain_not_allowed", { message });
  }
  if (!isSameAddress(wallet.address, escrow.depositor)) {
    throw new AgentError("invalid_input", { message: "wallet: it is not the escrow's depositor." });
  }
  const domain = {
    name: "ZoneEscrow",
    version: "1",
    chainId: escrow.chain_id,
    verifyingContract: contract,
  };
  const escrowId = escrow.escrow_id as `0x${string}`;
  if (op === "dispute") {
    const message = { escrowId };
    return wallet.signTypedData({ domain, types: TYPES, primaryType: "Dispute", message });
  }
  const recipient = toAddress(escrow.recipient);
  const message = { escrowId, recipient, amount: BigInt(escrow.amount) };
  return wallet.signTypedData({ domain, types: TYPES, primaryType: "Release", message });
}
