import { decodeFunctionResult, encodeFunctionData, type Hex, isAddressEqual } from "viem";
import { zoneSettlementAbi } from "../../abi/zone-settlement.generated.ts";
import { toAddress, ZERO_ADDRESS } from "../../protocol/addresses.ts";
import { toZoneKey } from "../../protocol/terms.ts";
import type { Write } from "../../store/database.ts";
import type { RegistrationRow } from "../../store/payments/jobs.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import type { Chain } from "../chain/chain.ts";
import { readContract } from "../chain/reads.ts";
import type { PaymentContext } from "../ledger/transitions.ts";
import type { Job, JobInput, MinedTx, WalletJob } from "./job.ts";

const REGISTER_GAS = 350_000n;
const abi = zoneSettlementAbi;

/** What the registry on chain is to say about a zone; `docs/protocol.md` §6. */
export interface ZoneRegistration {
  readonly zoneId: string;
  readonly chainId: number;
  /** The creator's wallet, if it has one. */
  readonly creator?: string;
  readonly creatorFeeBps: number;
  readonly epoch: number;
  /** Hex sha256 of the envelope's signed bytes, with or without 0x. */
  readonly envelopeHash: string;
}

/**
 * Records what the registry is to say; an older epoch than recorded changes nothing. Where a former
 * epoch is on its way, a transaction of this one would be signed for a registry without it, and
 * could revert: it waits for the end of that.
 */
export function wantRegistration(
  write: Write,
  deps: PaymentContext,
  wanted: ZoneRegistration,
): void {
  const { zoneId, chainId, creator, creatorFeeBps, epoch, envelopeHash } = wanted;
  const known = deps.jobs.findRegistration(chainId, zoneId);
  if (known && known.epoch >= epoch) return;
  const isBusy = known?.state === "submitted";
  deps.jobs.putRegistration(write, {
    zoneId,
    chainId,
    creator: toAddress(creator ?? ZERO_ADDRESS),
    creatorFeeBps,
    epoch,
    envelopeHash: `0x${envelopeHash.replace(/^0x/, "")}`,
    state: isBusy ? "submitted" : "wanted",
    txId: isBusy ? known.txId : null,
    txHash: isBusy ? known.txHash : null,
    detail: null,
    updatedAt: deps.now(),
  });
}

/**
 * The next registration to send, as a transaction; one that somebody else holds is refused here.
 * @throws RpcError where no node answers
 */
async function nextRegistration(
  deps: PaymentContext,
  { chain, wallet, sends }: JobInput,
): Promise<Job | undefined> {
  const row = sends.register.pickFirst(
    (limit) => deps.jobs.listWantedRegistrations(chain.config.chain_id, limit),
    ({ zoneId, epoch }) => ({ id: `${zoneId}:${epoch}`, zoneId }),
  );
  if (!row) return undefined;
  const entry = await readEntry(chain, row.zoneId);
  if (entry.epoch >= BigInt(row.epoch) && entry.registrant !== ZERO_ADDRESS) {
    return end(deps, row, "registered", "the registry has this epoch or a newer one");
  }
  const free = isAddressEqual(entry.registrant, ZERO_ADDRESS);
  if (!free && !isAddressEqual(entry.registrant, wallet)) {
    return end(deps, row, "refused", `the id is registered by ${entry.registrant}`);
  }
  return {
    kind: "register",
    to: chain.config.settlement,
    data: free ? toRegisterData(row) : toUpdateData(row),
    gas: REGISTER_GAS,
    claim: (write, { id, hash }) =>
      deps.jobs.moveRegistration(write, row, ["wanted"], {
        state: "submitted",
        txId: id,
        txHash: hash,
        updatedAt: deps.now(),
      }),
  };
}

function end(
  deps: PaymentContext,
  row: RegistrationRow,
  state: "registered" | "refused",
  detail: string,
) {
  deps.store.write((write) =>
    deps.jobs.moveRegistration(write, row, ["wanted"], { state, detail, updatedAt: deps.now() }),
  );
  return undefined;
}

function readEntry(chain: Chain, zoneId: string): Promise<{ registrant: Hex; epoch: bigint }> {
  const functionName = "zones";
  const data = encodeFunctionData({ abi, functionName, args: [toZoneKey(zoneId)] });
  return readContract(chain.rpc, { to: chain.config.settlement, data }, "latest", (answer) => {
    const [registrant, epoch] = decodeFunctionResult({ abi, functionName, data: answer });
    return { registrant, epoch };
  });
}

function toRegisterData(row: RegistrationRow): Hex {
  return encodeFunctionData({
    abi,
    functionName: "registerZone",
    args: [
      row.zoneId,
      row.creator as Hex,
      row.creatorFeeBps,
      BigInt(row.epoch),
      row.envelopeHash as Hex,
    ],
  });
}

function toUpdateData(row: RegistrationRow): Hex {
  return encodeFunctionData({
    abi,
    functionName: "updateZone",
    args: [
      toZoneKey(row.zoneId),
      row.creator as Hex,
      row.creatorFeeBps,
      BigInt(row.epoch),
      row.envelopeHash as Hex,
    ],
  });
}

/**
 * Records what a mined transaction did for its registration, and wants a later epoch that came
 * meanwhile.
 */
function applyRegistration(write: Write, deps: PaymentContext, tx: TxRow, mined: MinedTx): void {
  const row = deps.jobs.findRegistrationOfTx(tx.txId);
  if (!row) return;
  const updatedAt = deps.now();
  const sent = deps.txs.getData(tx.txId);
  if (sent !== toRegisterData(row) && sent !== toUpdateData(row)) {
    const again = { state: "wanted" as const, txId: null, txHash: null, updatedAt };
    deps.jobs.moveRegistration(write, row, ["submitted"], again);
    return;
  }
  deps.jobs.moveRegistration(write, row, ["submitted"], {
    state: mined.succeeded ? "registered" : "refused",
    txHash: mined.txHash,
    detail: mined.succeeded ? null : "the transaction reverted",
    updatedAt,
  });
}

function returnRegistration(write: Write, deps: PaymentContext, tx: TxRow): void {
  const row = deps.jobs.findRegistrationOfTx(tx.txId);
  const again = { state: "wanted", txId: null, updatedAt: deps.now() } as const;
  if (row) deps.jobs.moveRegistration(write, row, ["submitted"], again);
}

/** Entries of zones in the registry on chain. */
export const registrationJobs: WalletJob = {
  kind: "register",
  next: nextRegistration,
  applied: applyRegistration,
  returned: returnRegistration,
};
