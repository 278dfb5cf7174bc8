import type { TxRow } from "../../store/payments/txs.ts";
import type { AlarmId } from "./alarms.ts";
import type { GasWatch } from "./gas-watch.ts";
import type { RpcError } from "./rpc-endpoint.ts";
import type { RpcMeaning } from "./rpc-errors.ts";
import type { AlarmBell } from "./rpc-watch.ts";

const AGAIN_MS_MIN = 500;
const AGAIN_MS_MAX = 10_000;

/** What a refusal raises; those that pass by themselves raise nothing. */
const ALARMS: Partial<Record<RpcMeaning, AlarmId | "none">> = {
  underpriced: "send-underpriced",
  "no-funds": "send-no-funds",
  "gas-cap": "send-too-large",
  // Some transaction has this nonce already, perhaps ours: the account's mined count decides, not
  // this error.
  "nonce-used": "none",
  "nonce-gap": "none",
  // A development node (anvil) mines while it is sent to, and says that what it has just mined
  // reverted.
  reverted: "none",
};

type SentTx = Pick<TxRow, "txId" | "nonce" | "gasLimit">;

/** What no transaction may have more of, by EIP-7825. */
const TX_GAS_MAX = 1n << 24n;
/** One payment's worth: no cap of a chain that can be used is lower. */
const TX_GAS_MIN = 2_000_000n;

function toLess(gas: bigint): bigint {
  return gas / 2n > TX_GAS_MIN ? gas / 2n : TX_GAS_MIN;
}

interface Refused {
  readonly error: RpcError;
  readonly alarm: AlarmId | undefined;
  readonly count: number;
  readonly againAtMs: number;
}

/** Remembers which of the wallet's transactions the nodes refuse, so that they are not sent in a loop. */
export class SendWatch {
  /** The most gas a transaction may have, as far as the nodes said. */
  txGasMax = TX_GAS_MAX;
  private readonly bell: AlarmBell;
  private readonly gas: GasWatch;
  private readonly refused = new Map<number, Refused>();

  constructor(bell: AlarmBell, gas: GasWatch) {
    this.bell = bell;
    this.gas = gas;
  }

  /** Why a transaction was refused when it was sent last. */
  findMeaning(txId: number): RpcMeaning | undefined {
    return this.refused.get(txId)?.error.meaning;
  }

  /** Whether a transaction may be sent now. */
  isDue(txId: number): boolean {
    return performance.now() >= (this.refused.get(txId)?.againAtMs ?? 0);
  }

  /** No node took a transaction, and one said why. */
  note({ txId, nonce, gasLimit }: SentTx, error: RpcError): void {
    const count = (this.refused.get(txId)?.count ?? 0) + 1;
    const waitMs = Math.min(AGAIN_MS_MIN * 2 ** (count - 1), AGAIN_MS_MAX);
    const named = ALARMS[error.meaning ?? "unknown"] ?? "send-refused";
    const alarm = named === "none" ? undefined : named;
    this.refused.set(txId, { error, alarm, count, againAtMs: performance.now() + waitMs });
    if (error.meaning === "underpriced") this.gas.tips.demand(error.words);
    if (error.meaning === "gas-cap") this.txGasMax = toLess(BigInt(gasLimit));
    if (alarm) this.bell.alarm(alarm, { nonce }, error.words);
  }

  /** A node took a transaction, or it is not to be sent any more. */
  forget(txId: number): void {
    const was = this.refused.get(txId);
    if (!was) return;
    this.refused.delete(txId);
    const others = [...this.refused.values()].some(({ alarm }) => alarm === was.alarm);
    if (was.alarm && !others) this.bell.endAlarm(was.alarm);
  }
}
