import { type Command, Option } from "commander";
import type { JsonObject } from "../../protocol/json.ts";
import { toFields, toTime } from "../output.ts";
import {
  addListCommand,
  addOperatorCommand,
  addOperatorFamily,
  type ListOptions,
  list,
  type OperatorOptions,
  operate,
} from "./operate.ts";
import { addClaimCommands } from "./settlement-claims.ts";
import { addWalletCommands } from "./settlement-wallet.ts";

interface PaymentBody {
  readonly id: string;
  readonly state: string;
  readonly action: string;
  readonly amount: string;
  readonly payer: string | null;
  readonly settlement: { readonly tx_hash: string } | null;
  readonly created_at: number;
  readonly request: {
    readonly state: string;
    readonly failure: { readonly reason: string; readonly message: string } | null;
  } | null;
  /** What to do, where it waits for the operator. */
  readonly hint?: string;
}

interface RefundOptions extends OperatorOptions {
  readonly reason?: string;
  readonly takeOver?: boolean;
  readonly paidBy?: string;
  readonly notPaidBy?: readonly string[];
}

function toPaymentRow(payment: PaymentBody): Readonly<Record<string, unknown>> {
  const { id, state, request, action, amount, payer, settlement, created_at } = payment;
  return {
    payment: id,
    state,
    request: request?.state,
    reason: request?.failure?.reason,
    action,
    amount,
    payer,
    transaction: settlement?.tx_hash,
    quoted: toTime(created_at),
  };
}

/** Adds `steward settlement …`. */
export function addSettlementCommands(program: Command): void {
  const settlement = addOperatorFamily(program, "settlement", "follow quotes and settlements");
  addListCommand(settlement, "list", "list quotes and settlements, newest first")
    .option("--zone <zone-id>", "only those of this zone")
    .option("--state <state>", "only those in this state")
    .addOption(
      new Option(
        "--waiting <whom>",
        "only those paid and undelivered or failed, or whose refund failed",
      ).choices(["operator"]),
    )
    .action((options: ListOptions & { zone?: string; state?: string; waiting?: string }) =>
      operate(options, (api) =>
        list<PaymentBody>(api, options, {
          path: "/v1/payments",
          field: "payments",
          query: { zone_id: options.zone, state: options.state, waiting: options.waiting },
          toRow: toPaymentRow,
          toNote: ({ id, request, hint }) =>
            hint && `${id}: ${request?.failure?.message ?? ""} ${hint}`,
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
  addOperatorCommand(settlement, "refund <payment-id>", "give a payment back to its payer")
    .option("--reason <text>", "kept with the refund")
    .option(
      "--take-over",
      "where another steward began it: pay it here, at the risk of paying twice",
    )
    .option("--paid-by <hash>", "the transaction that paid it already: noted, nothing is sent")
    .option("--not-paid-by <hash...>", "transactions that paid as much for something else")
    .action((paymentId: string, options: RefundOptions) =>
      operate(options, async (api) => {
        const path = `/v1/payments/${encodeURIComponent(paymentId)}/refund`;
        const { reason, takeOver, paidBy, notPaidBy } = options;
        const body = {
          ...(reason && { reason }),
          ...(takeOver && { take_over: true }),
          ...(paidBy && { paid_by: paidBy }),
          ...(notPaidBy && { not_paid_by: notPaidBy }),
        };
        const answer = await api<{ refund: JsonObject }>("POST", path, { body });
        return { value: answer, text: () => toFields(answer.refund) };
      }),
    );
  addOperatorCommand(
    settlement,
    "declare-lost <payment-id>",
    "say that a refund which no node shows was never paid; then it may be asked for again",
  )
    .requiredOption("--reason <text>", "how you know; kept in the payment's history")
    .action((paymentId: string, options: OperatorOptions & { reason: string }) =>
      operate(options, async (api) => {
        const path = `/v1/payments/${encodeURIComponent(paymentId)}/refund/lost`;
        const body = { reason: options.reason };
        const answer = await api<{ refund: JsonObject }>("POST", path, { body });
        return { value: answer, text: () => toFields(answer.refund) };
      }),
    );
  addOperatorCommand(
    settlement,
    "retry <payment-id>",
    "run a paid request again that failed or whose outcome is unknown",
  ).action((paymentId: string, options: OperatorOptions) =>
    operate(options, async (api) => {
      const path = `/v1/payments/${encodeURIComponent(paymentId)}/retry`;
      const answer = await api<JsonObject>("POST", path, { body: {} });
      return { value: answer, text: () => toFields(answer) };
    }),
  );
  addClaimCommands(settlement);
  addWalletCommands(settlement);
  addBookCommands(settlement);
}

function addBookCommands(settlement: Command): void {
  addOperatorCommand(
    settlement,
    "reconcile",
    "compare every accepted payment with the chain; exits 1 on a difference",
  ).action((options: OperatorOptions) =>
    operate(options, async (api) => {
      const answer = await api<{ chains: ChainAudit[] }>("GET", "/v1/reconciliation");
      if (answer.chains.some(({ differences }) => differences.length > 0)) process.exitCode = 1;
      return { value: answer, text: () => answer.chains.map(toAuditText).join("\n") };
    }),
  );
  addOperatorCommand(settlement, "accounts", "gross, fees, net and gas per zone and day")
    .option("--zone <zone-id>", "only this zone")
    .action((options: OperatorOptions & { zone?: string }) =>
      operate(options, async (api) => {
        const query = options.zone === undefined ? "" : `?zone_id=${options.zone}`;
        const answer = await api<{ accounts: JsonObject[] }>("GET", `/v1/accounts${query}`);
        return { value: answer, text: () => answer.accounts.map(toFields).join("\n\n") };
      }),
    );
}

interface ChainAudit {
  readonly chain_id: number;
  readonly checked: number;
  readonly differences: readonly JsonObject[];
}

function toAuditText({ chain_id, checked, differences }: ChainAudit): string {
  const head = `chain ${chain_id}: ${checked} checked, ${differences.length} different`;
  return [head, ...differences.map((difference) => JSON.stringify(difference))].join("\n");
}
