import { getAddress, type Hex, isAddress } from "viem";
import { z } from "zod";

/** An address in one case or valid EIP-55, kept as EIP-55. */
const address = z
  .string()
  .refine((text) => isAddress(text), "expected an address, in one case or with a valid checksum")
  .transform((text): Hex => getAddress(text));

/** A number of wei as a decimal string. */
const wei = z
  .string()
  .regex(/^[0-9]{1,30}$/, "expected a decimal number of wei")
  .transform((text) => BigInt(text));

/** An amount in the token's smallest unit as a decimal string. */
const amount = z
  .string()
  .regex(/^[0-9]{1,39}$/, "expected a decimal amount in the token's smallest unit")
  .transform((text) => BigInt(text));

/** One chain payments are taken on; `docs/protocol.md` §8. */
export const chainConfigSchema = z.strictObject({
  chain_id: z.int().positive(),
  /** What `price.network` of an action must say. */
  network: z.string().min(1).max(64),
  /** Asked in this order; the later ones serve while the earlier are down. */
  rpc_urls: z
    .array(z.url({ protocol: /^https?$/ }))
    .min(1)
    .max(8),
  usdc: address,
  settlement: address,
  escrow: address.optional(),
  /** Blocks, the one that holds the settlement included, before a payment counts. */
  confirmations: z.int().min(1).max(1000).default(1),
  /** No transaction on this chain offers more per unit of gas; default: `payments.fee_max_wei`. */
  fee_max_wei: wei.optional(),
  /** A block explorer's address, for the dashboard's links: `/tx/…` and `/address/…` are put behind it. */
  explorer_url: z
    .url({ protocol: /^https?$/ })
    .max(256)
    .optional(),
});

/** How payments are taken; keys of the configuration's `payments`. */
export const paymentsConfigSchema = z.strictObject({
  /** Agents refuse to sign for more than an hour ahead. */
  quote_ttl_secs: z.int().min(30).max(3_600).default(300),
  /** Requirements that nobody has paid, in all; the fuller, the fewer a node may have. */
  quotes_max: z.int().min(1).default(50_000),
  /** Of these, by one node. */
  quotes_per_node: z.int().min(1).default(500),
  /** Who gets what is left after the fees; default: the steward's wallet. */
  recipient: address.optional(),
  /** Cheaper actions are not quoted: settling one would cost more gas than it brings. */
  amount_min: amount.default(10_000n),
  /** Payments one transaction settles at most. */
  batch_max: z.int().min(1).max(200).default(100),
  /** Unmined transactions of the wallet at one time. */
  in_flight_max: z.int().min(1).max(64).default(12),
  /** For one RPC call, before the next URL is asked. */
  rpc_timeout_ms: z.int().min(100).max(60_000).default(4_000),
  /** A method of the nodes that fails, or a wait, for so long is an alarm. */
  alarm_after_secs: z.int().min(1).max(3_600).default(60),
  /** A token that refuses everybody and does not say why is tried again after so long. */
  token_pause_secs: z.int().min(1).max(3_600).default(60),
  /** Smart-account signatures the chain is asked about at one time; 32 times as many may wait. */
  signature_checks_max: z.int().min(1).max(1_000).default(8),
  /** A transaction that waits longer gets a higher fee. */
  stuck_after_secs: z.int().min(1).max(3_600).default(15),
  /** No transaction offers more per unit of gas; default: by the kind of chain (`fee-limit.ts`). */
  fee_max_wei: wei.optional(),
  /** Below it priced actions are refused; default: what two full batches cost at the present fee. */
  gas_low_wei: wei.optional(),
  /** A head older than this makes a chain whose node has stopped unavailable; 0 accepts any age. */
  head_age_max_secs: z.int().min(0).max(86_400).default(120),
});

export type ChainConfig = z.output<typeof chainConfigSchema>;
export type PaymentsConfig = z.output<typeof paymentsConfigSchema>;
