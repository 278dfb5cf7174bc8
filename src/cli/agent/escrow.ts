import type { Command } from "commander";
import type { Agent, EscrowInfo } from "../../client/agent.ts";
import { type Answer, printAnswer, toFields, toTable, toTime } from "../output.ts";
import { openWallet, WALLET_HELP, type WalletOptions } from "./actions.ts";
import { type AgentCommandOptions, addAgentCommand, withAgent } from "./session.ts";

type EscrowOptions = AgentCommandOptions & WalletOptions;

/** Adds the commands with which an agent decides about money it put in escrow. */
export function addAgentEscrowCommands(agent: Command): void {
  add(agent, "escrows", "list the escrows in the ledger").action((options: EscrowOptions) =>
    run(options, async (me) => toList(await me.escrows.list())),
  );
  add(agent, "escrow <escrow-id>", "show one").action((id: string, options: EscrowOptions) =>
    run(options, async (me) => toOne(await me.escrows.get(id))),
  );
  add(agent, "release <escrow-id>", "pay the recipient; there is no way back").action(
    (id: string, options: EscrowOptions) =>
      run(options, async (me) => toOne(await me.escrows.release(id))),
  );
  add(agent, "refund <escrow-id>", "have the money back, from the deadline on").action(
    (id: string, options: EscrowOptions) =>
      run(options, async (me) => toOne(await me.escrows.refund(id))),
  );
  add(agent, "dispute <escrow-id>", "dispute it, before its deadline").action(
    (id: string, options: EscrowOptions) =>
      run(options, async (me) => toOne(await me.escrows.dispute(id))),
  );
}

function add(agent: Command, usage: string, description: string): Command {
  return addAgentCommand(agent, usage, description)
    .option("--wallet-key-file <file>", "private key that paid, 0x-hex, mode 0600")
    .option("--chains <file>", "JSON: by chain id the only contracts to sign for")
    .option("--ledger <file>", "signed authorizations; default: the key file's name and .ledger")
    .addHelpText("after", WALLET_HELP);
}

async function run(options: EscrowOptions, ask: (agent: Agent) => Promise<Answer>): Promise<void> {
  await using paying = await openWallet(options);
  printAnswer(await withAgent(options, paying.options, ask), options.json);
}

function toOne(escrow: EscrowInfo): Answer {
  return { value: escrow, text: () => toFields(escrow) };
}

function toList(escrows: readonly EscrowInfo[]): Answer {
  const toRow = ({ escrow_id, status, amount, recipient, deadline }: EscrowInfo) => ({
    escrow: escrow_id,
    status,
    amount,
    recipient,
    deadline: toTime(deadline),
  });
  return { value: { escrows }, text: () => toTable(escrows.map(toRow)) };
}
