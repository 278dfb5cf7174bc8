import type { AgentCore } from "../agent-core.ts";
import { type CallOptions, createDeadline, type Deadline } from "../deadline.ts";
import { createKeyedLock } from "../requests/pay.ts";
import type { ZoneChange, ZoneInput } from "../zones/draft.ts";
import type { ZoneInfo } from "../zones/info.ts";
import {
  type BanOptions,
  createZone,
  type Invitation,
  type InviteOptions,
  invite,
  moderate,
  stopZone,
  updateZone,
} from "./creator.ts";
import { type PromoteOptions, type Promotion, promote } from "./promote.ts";

/**
 * `agent.creator`: for zones the agent created. It signs their envelopes with its own key, which no
 * steward ever sees; `docs/protocol.md` §6.
 */
export class CreatorMethods {
  readonly #core: AgentCore;
  /** Two epochs signed at once would be a fork, which stewards keep as evidence. */
  readonly #lock = createKeyedLock();

  constructor(core: AgentCore) {
    this.#core = core;
  }

  /**
   * Creates a zone: signs its first envelope, with the connected node as primary where the input has
   * no `steward_set`, and has it hosted there; `docs/protocol.md` §6.
   */
  async create(input: ZoneInput, options: CallOptions = {}): Promise<ZoneInfo> {
    return createZone(this.#core, input, this.#toDeadline(options));
  }

  /**
   * Signs a zone's next epoch: each field of the change replaces the zone's as a whole, null removes
   * one. Use one agent at a time for one zone: two could sign the same epoch; `docs/protocol.md` §6.
   */
  async update(zoneId: string, change: ZoneChange, options: CallOptions = {}): Promise<ZoneInfo> {
    const deadline = this.#toDeadline(options);
    return this.#lock(zoneId, () => updateZone(this.#core, zoneId, change, deadline));
  }

  /**
   * Names another steward primary: asks all of them for the newest envelope, signs the next, stores it
   * (`envelopes` of the options), and hands it to the node first, which takes over once that loses
   * nothing. Call it again after a lost answer: it sends the same envelope; `docs/protocol.md` §9.8.
   */
  async promote(zoneId: string, nodeId: string, options: PromoteOptions = {}): Promise<Promotion> {
    const deadline = this.#toDeadline(options);
    const input = { ...options, zoneId, nodeId };
    return this.#lock(zoneId, () => promote(this.#core, input, deadline));
  }

  /** Signs a zone's end; there is no way back; `docs/protocol.md` §6. */
  async stop(zoneId: string, options: CallOptions = {}): Promise<ZoneInfo> {
    const deadline = this.#toDeadline(options);
    return this.#lock(zoneId, () => stopZone(this.#core, zoneId, deadline));
  }

  /** Bans a node from the zone and ends its membership; `docs/protocol.md` §6. */
  async ban(zoneId: string, nodeId: string, options: BanOptions = {}): Promise<void> {
    const { reason, expiresAt } = options;
    const target = { zone_id: zoneId, node_id: nodeId };
    const fields = { type: "zone.ban", ...target, reason, expires_at: expiresAt };
    await moderate(this.#core, fields, this.#toDeadline(options));
  }

  /** Lifts a ban; the node may join again; `docs/protocol.md` §6. */
  async unban(zoneId: string, nodeId: string, options: CallOptions = {}): Promise<void> {
    const fields = { type: "zone.unban", zone_id: zoneId, node_id: nodeId };
    await moderate(this.#core, fields, this.#toDeadline(options));
  }

  /** Creates an invitation to the zone; its secret is in the answer only; `docs/protocol.md` §6. */
  async invite(zoneId: string, options: InviteOptions = {}): Promise<Invitation> {
    return invite(this.#core, zoneId, { ...options, deadline: this.#toDeadline(options) });
  }

  /** Approves a member as provider of actions; an empty list withdraws it; `docs/protocol.md` §6. */
  async approve(
    zoneId: string,
    nodeId: string,
    actions: readonly string[],
    options: CallOptions = {},
  ): Promise<void> {
    const fields = { type: "zone.approve", zone_id: zoneId, node_id: nodeId, actions };
    await moderate(this.#core, fields, this.#toDeadline(options));
  }

  #toDeadline(options: CallOptions): Deadline {
    return createDeadline(options, this.#core.settings.timeoutMs);
  }
}
