import type { Command } from "commander";
import type { JsonObject } from "../wire/json.ts";
import {
  addListCommand,
  addOperatorCommand,
  addOperatorFamily,
  type ListOptions,
  list,
  type OperatorOptions,
  operate,
} from "./operator.ts";
import { toFields, toTime } from "./output.ts";

interface PaymentBody {
  readonly id: string;
  readonly state: string;
  readonly action: string;
  readonly amount: string;
  readonly payer: string | null;
  readonly settlement: { readonly tx_hash: string } | null;
  readonly created_at: number;
}

/** Adds `steward settlement …`. */
export function addSettlementCommands(program: Command): void {
  const settlement = addOperatorFamily(program, "settlement", "follow quotes and settlements");
  addListCommand(settlement, "list", "list quotes and settlements, newest first")
    .option("--zone <zone-id>", "only those of this zone")
    .option("--state <state>", "only those in this state")
    .action((options: ListOptions & { zone?: string; state?: string }) =>
      operate(options, (api) =>
        list<PaymentBody>(api, options, {
          path: "/v1/payments",
          field: "payments",
          query: { zone_id: options.zone, state: options.state },
          toRow: ({ id, state, action, amount, payer, settlement: receipt, created_at }) => ({
            payment: id,
            state,
            action,
            amount,
            payer,
            transaction: receipt?.tx_hash,
            quoted: toTime(created_at),
          }),
        }),
      ),
    );
  addOperatorCommand(
    settlement,
    "show <payment-id>",
    "show one with its receipt and history",
  ).action((paymentId: string, options: OperatorOptions) =>
    operate(options, async (api) => {
      const path = `/v1/payments/${encodeURIComponent(paymentId)}`;
      const payment = await api<JsonObject>("GET", path);
      return { value: payment, text: () => toFields(payment) };
    }),
  );
}
