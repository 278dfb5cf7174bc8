import type { Hex } from "viem";
import type { Write } from "../../store/database.ts";
import type { TxKind } from "../../store/payments/schema.ts";
import type { TxRow } from "../../store/payments/txs.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainLog } from "../chain/reads.ts";
import type { SettleCall } from "../contracts/settle-call.ts";
import type { SendGate } from "../ledger/send-gate.ts";
import type { Carrier, PaymentContext } from "../ledger/transitions.ts";
import type { HeldJobs } from "./held-jobs.ts";

/** A transaction of the wallet that settles nothing. */
export interface Job extends SettleCall {
  readonly kind: TxKind;
  readonly to: Hex;
  /** Ties what is to be done to its transaction, inside the write that makes it durable. */
  readonly claim: (write: Write, tx: Carrier) => boolean;
}

/** What is known of a mined transaction of the wallet. */
export interface MinedTx {
  readonly txHash: string;
  readonly blockNumber: number;
  readonly succeeded: boolean;
  readonly logs: readonly ChainLog[];
}

/** What of each kind no node can judge now. */
export interface Held {
  readonly escrow: HeldJobs<number>;
  readonly refund: HeldJobs<string>;
  readonly claim: HeldJobs<number>;
}

/** What of each kind waits for its zone's other stewards. */
export type JobSends = Readonly<Record<"refund" | "register" | "escrow", SendGate>>;

/** Who sends the next job. */
export interface JobInput {
  readonly chain: Chain;
  readonly wallet: Hex;
  readonly held: Held;
  readonly sends: JobSends;
  /** Hears of one that waits because nodes answer but do not execute it, with a node's words. */
  readonly onUnjudged: (kind: TxKind, words: string) => void;
}

/** One kind of thing the wallet does beside settling. */
export interface WalletJob {
  /** The kind of its transactions. */
  readonly kind: TxKind;
  /** The next one to send, as a transaction. @throws RpcError where no node answers */
  next(deps: PaymentContext, input: JobInput): Promise<Job | undefined>;
  /** Records what a mined transaction did. */
  applied(write: Write, deps: PaymentContext, tx: TxRow, mined: MinedTx): void;
  /** Takes back what a reorg undid, while its transaction may be mined again. */
  undone?(write: Write, deps: PaymentContext, tx: TxRow): void;
  /** Lets what a lost transaction was to do be done again. */
  returned(write: Write, deps: PaymentContext, tx: TxRow): void;
}
