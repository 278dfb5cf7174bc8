import type { PrivateKeyAccount } from "viem";
import type { Settle } from "./load.ts";

/** Whoever settles payments: all a load needs of it. */
export interface Settler<Ticket> {
  /** Gets so many payments of one agent ready to be sent, signatures included. */
  prepare(account: PrivateKeyAccount, count: number): Promise<Ticket[]>;
  settle: Settle<Ticket>;
}
