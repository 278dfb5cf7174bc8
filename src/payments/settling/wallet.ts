import type { Hex } from "viem";
import { parseSignature, serializeTransaction } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { keccak } from "../authorization/keccak.ts";

/** What one transaction says; fees in wei per unit of gas. */
export interface TxContent {
  readonly chainId: number;
  readonly nonce: number;
  readonly to: Hex;
  readonly data: Hex;
  readonly gas: bigint;
  readonly maxFee: bigint;
  readonly priorityFee: bigint;
}

/** A signed transaction and the hash it will have on chain. */
export interface SignedTx {
  readonly raw: Hex;
  readonly hash: Hex;
}

/** The key that pays for settlements. */
export class Wallet {
  readonly address: Hex;
  private readonly account: PrivateKeyAccount;

  constructor(key: Hex) {
    this.account = privateKeyToAccount(key);
    this.address = this.account.address;
  }

  /** Signs a transaction; nothing of it is known outside until it is broadcast. */
  async sign(content: TxContent): Promise<SignedTx> {
    const tx = {
      type: "eip1559" as const,
      chainId: content.chainId,
      nonce: content.nonce,
      to: content.to,
      data: content.data,
      gas: content.gas,
      maxFeePerGas: content.maxFee,
      maxPriorityFeePerGas: content.priorityFee,
    };
    const signature = await this.account.sign({ hash: keccak(serializeTransaction(tx)) });
    const raw = serializeTransaction(tx, parseSignature(signature));
    return { raw, hash: keccak(raw) };
  }
}
