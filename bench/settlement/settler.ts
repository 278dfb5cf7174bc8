import type { PrivateKeyAccount } from "viem";
import type { Settle } from "./load.ts";

/** Whoever settles payments: all a load needs of it. */
export interface Settler<Ticket> {
  /** Gets one payment of each agent ready to be sent, signature included. */
  prepare(agents: readonly PrivateKeyAccount[]): Promise<Ticket[]>;
  settle: Settle<Ticket>;
}
