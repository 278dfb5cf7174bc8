import type { Metric } from "./metric.ts";
import type { Readings } from "./readings.ts";

const WEI_PER_COIN = 1e18;

/** Metrics of payments and chains; a steward without a chain has none. */
export const PAYMENT_METRICS: readonly Metric<Readings>[] = [
  {
    name: "steward_payments",
    type: "gauge",
    help: "Payments that are kept, by state.",
    labels: ["state"],
    read: ({ paid }) => paid?.payments.map(({ state, count }) => [state, count] as const),
  },
  {
    name: "steward_transactions",
    type: "gauge",
    help: "Transactions of the wallet that are not final, by chain and state.",
    labels: ["chain", "state"],
    read: ({ paid }) =>
      paid?.transactions.map(
        ({ chainId, state, count }) => [`${chainId} ${state}`, count] as const,
      ),
  },
  {
    name: "steward_rpc_calls_total",
    type: "counter",
    help: "Calls of a chain's nodes by outcome: answered (reverts are answers), refused, limited, unavailable.",
    labels: ["chain", "outcome"],
    read: ({ paid }) =>
      paid?.rpcCalls.flatMap(({ chainId, calls }) =>
        calls.map(([outcome, count]) => [`${chainId} ${outcome}`, count] as const),
      ),
  },
  {
    name: "steward_chain_ok",
    type: "gauge",
    help: "1 where payments can be taken on the chain but for gas.",
    labels: ["chain"],
    read: ({ chains }) => chains.map(({ chain_id, ok }) => [`${chain_id}`, Number(ok)] as const),
  },
  {
    name: "steward_chain_block_number",
    type: "gauge",
    help: "The newest block that a node of the chain showed.",
    labels: ["chain"],
    read: ({ chains }) =>
      chains.flatMap(({ chain_id, block_number }) =>
        block_number === undefined ? [] : [[`${chain_id}`, block_number] as const],
      ),
  },
  {
    name: "steward_chain_block_age_seconds",
    type: "gauge",
    help: "How old that block is.",
    labels: ["chain"],
    read: ({ chains }) =>
      chains.flatMap(({ chain_id, block_age_secs }) =>
        block_age_secs === undefined ? [] : [[`${chain_id}`, block_age_secs] as const],
      ),
  },
  {
    name: "steward_wallet_gas_coins",
    type: "gauge",
    help: "What the wallet has for gas, in the chain's own coin (10^18 wei).",
    labels: ["chain"],
    read: ({ chains }) =>
      chains.flatMap(({ chain_id, gas_balance }) =>
        gas_balance === undefined
          ? []
          : [[`${chain_id}`, Number(gas_balance) / WEI_PER_COIN] as const],
      ),
  },
  {
    name: "steward_wallet_gas_ok",
    type: "gauge",
    help: "1 where that is enough and fees are below fee_max_wei: else nothing is quoted.",
    labels: ["chain"],
    read: ({ chains }) =>
      chains.map(({ chain_id, gas_ok }) => [`${chain_id}`, Number(gas_ok)] as const),
  },
  {
    name: "steward_alarm",
    type: "gauge",
    help: "1 for each alarm of a chain that is shown by /readyz?verbose.",
    labels: ["chain", "alarm"],
    read: ({ chains }) =>
      chains.flatMap(({ chain_id, alarms }) =>
        alarms.map(({ id }) => [`${chain_id} ${id}`, 1] as const),
      ),
  },
];
