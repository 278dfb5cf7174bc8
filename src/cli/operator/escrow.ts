import type { Command } from "commander";
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

interface EscrowBody {
  readonly escrow_id: string;
  readonly status: string;
  readonly amount: string;
  readonly depositor: string;
  readonly recipient: string;
  readonly deadline: number;
}

const CHANGES = {
  release: "carry the depositor's signed release, or decide as the arbiter",
  refund: "give the money back: as the recipient, as the arbiter, or for anyone from the deadline",
  dispute: "dispute it as the recipient, or carry the depositor's signed dispute",
} as const;

/** Adds `steward escrow …`. */
export function addEscrowCommands(program: Command): void {
  const escrow = addOperatorFamily(program, "escrow", "follow money in escrow and decide about it");
  addListCommand(escrow, "list", "list escrows, newest first")
    .option("--zone <zone-id>", "only those of this zone")
    .option("--status <status>", "only those in this status")
    .action((options: ListOptions & { zone?: string; status?: string }) =>
      operate(options, (api) =>
        list<EscrowBody>(api, options, {
          path: "/v1/escrows",
          field: "escrows",
          query: { zone_id: options.zone, status: options.status },
          toRow: ({ escrow_id, status, amount, depositor, recipient, deadline }) => ({
            escrow: escrow_id,
            status,
            amount,
            depositor,
            recipient,
            deadline: toTime(deadline),
          }),
        }),
      ),
    );
  addOperatorCommand(escrow, "show <escrow-id>", "show one").action(
    (escrowId: string, options: OperatorOptions) => runEscrow("GET", escrowId, "", options),
  );
  for (const [op, description] of Object.entries(CHANGES)) {
    const command = addOperatorCommand(escrow, `${op} <escrow-id>`, description);
    if (op !== "refund") command.option("--signature <hex>", "the depositor's EIP-712 signature");
    command.action((escrowId: string, options: OperatorOptions & { signature?: string }) =>
      runEscrow("POST", escrowId, `/${op}`, options),
    );
  }
}

function runEscrow(
  method: "GET" | "POST",
  escrowId: string,
  route: string,
  options: OperatorOptions & { readonly signature?: string },
): Promise<void> {
  return operate(options, async (api) => {
    const path = `/v1/escrows/${encodeURIComponent(escrowId)}${route}`;
    const { signature } = options;
    const body = signature === undefined ? {} : { signature };
    const escrow = await api<JsonObject>(method, path, method === "POST" ? { body } : {});
    return { value: escrow, text: () => toFields(escrow) };
  });
}
