import type { AgentCore } from "../agent-core.ts";
import { AgentError } from "../agent-error.ts";
import { parseReply } from "../calls/replies.ts";
import { type CallOptions, createDeadline, type Deadline } from "../deadline.ts";
import { type EscrowInfo, parseEscrow, signEscrowOp } from "../requests/escrow.ts";
import type { LedgerEntry } from "../requests/ledger.ts";
import { useLedger } from "../requests/pay.ts";

/** Milliseconds an operation on an escrow may take by default: its transaction included. */
const ESCROW_TIMEOUT_MS = 60_000;

const GOALS = { release: "released", refund: "refunded", dispute: "disputed" } as const;

/** `agent.escrows`: for money the agent put in escrow; `docs/protocol.md` §8. */
export class EscrowMethods {
  readonly #core: AgentCore;

  constructor(core: AgentCore) {
    this.#core = core;
  }

  /**
   * Reads every escrow that the agent's ledger knows of, as this steward has it; those of other
   * stewards are left out.
   * @throws AgentError `invalid_input` where the ledger cannot list its entries
   */
  async list(options: CallOptions = {}): Promise<EscrowInfo[]> {
    const deadline = createDeadline(options, ESCROW_TIMEOUT_MS);
    const found: EscrowInfo[] = [];
    for (const entry of await this.#listEntries()) {
      if (entry.escrowId === undefined) continue;
      const escrow = await this.#ask(entry.escrowId, { op: "show" }, { entry, deadline }).catch(
        (error: unknown) => {
          // An authorization that was never taken has no escrow, nor has another steward's.
          if (error instanceof AgentError && error.code === "invalid_params") return undefined;
          throw error;
        },
      );
      if (escrow !== undefined) found.push(escrow);
    }
    return found;
  }

  /**
   * Reads an escrow of one of the agent's requests.
   * @throws AgentError `receipt_invalid` where it is not what the agent paid for
   */
  async get(escrowId: string, options: CallOptions = {}): Promise<EscrowInfo> {
    const deadline = createDeadline(options, this.#core.settings.timeoutMs);
    const entry = await this.#findEntry(escrowId);
    return this.#ask(escrowId, { op: "show" }, { entry, deadline });
  }

  /**
   * Releases an escrow to its recipient: the wallet signs, the steward carries it and pays the gas.
   * There is no way back. Returns it once it is released on chain.
   */
  release(escrowId: string, options: CallOptions = {}): Promise<EscrowInfo> {
    return this.#change(escrowId, "release", options);
  }

  /** Has the steward refund an escrow; by wire it does so from the escrow's deadline on. */
  refund(escrowId: string, options: CallOptions = {}): Promise<EscrowInfo> {
    return this.#change(escrowId, "refund", options);
  }

  /** Disputes an escrow before its deadline, which moves it once by seven days. */
  dispute(escrowId: string, options: CallOptions = {}): Promise<EscrowInfo> {
    return this.#change(escrowId, "dispute", options);
  }

  async #change(
    escrowId: string,
    op: "release" | "refund" | "dispute",
    options: CallOptions,
  ): Promise<EscrowInfo> {
    const deadline = createDeadline(options, ESCROW_TIMEOUT_MS);
    const entry = await this.#findEntry(escrowId);
    const known = await this.#ask(escrowId, { op: "show" }, { entry, deadline });
    if (known.status === GOALS[op]) return known;
    const { wallet, chains } = this.#core.settings;
    if (op !== "refund" && wallet === undefined) throw new AgentError("wallet_missing");
    const signature =
      op === "refund" || wallet === undefined
        ? undefined
        : await signEscrowOp(known, op, { wallet, chains });
    for (;;) {
      // The steward waits for the chain before it answers; asked again it joins what is under way.
      const escrow = await this.#ask(escrowId, { op, signature }, { entry, deadline });
      if (escrow.pending === undefined || escrow.status === GOALS[op]) return escrow;
    }
  }

  async #ask(
    escrowId: string,
    fields: { readonly op: string; readonly signature?: string | undefined },
    { entry, deadline }: { entry: LedgerEntry | undefined; deadline: Deadline },
  ): Promise<EscrowInfo> {
    const { body } = await this.#core.ask(
      { type: "zone.escrow", escrow_id: escrowId, ...fields },
      { deadline, ...(entry !== undefined && { zoneId: entry.zoneId }) },
    );
    const { escrow } = parseReply("zone.escrow_state", body);
    return parseEscrow(escrow, { escrowId, chains: this.#core.settings.chains, entry });
  }

  async #findEntry(escrowId: string): Promise<LedgerEntry | undefined> {
    const { ledger } = this.#core.settings;
    if (ledger.list === undefined) return undefined;
    const id = escrowId.toLowerCase();
    return (await this.#listEntries()).find((entry) => entry.escrowId === id);
  }

  async #listEntries(): Promise<LedgerEntry[]> {
    const { ledger } = this.#core.settings;
    const entries = await useLedger(async () => ledger.list?.());
    if (entries !== undefined) return entries;
    throw new AgentError("invalid_input", { message: "ledger: this one cannot list its entries." });
  }
}
