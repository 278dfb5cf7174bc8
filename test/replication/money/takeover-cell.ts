import { Agent, AgentError } from "../../../src/client/agent.ts";
import { createId } from "../../../src/protocol/ids.ts";
import { persist } from "../../payments/matrix/plan.ts";
import type { Payer } from "../../payments/support/engine.ts";
import type { Reply } from "../../support/wire-client.ts";
import { until } from "../support/replicated-zone.ts";
import { insist } from "../support/talker.ts";
import type { Row } from "./rows.ts";
import type { StewardChild } from "./steward-child.ts";
import { PRICE, type TakeoverWorld, toZoneDraft } from "./takeover-world.ts";

/** How long whatever a row waits for may take on a busy machine. */
const WAIT_MS = 60_000;
const RECONNECT = { initialDelayMs: 20, maxDelayMs: 200 };

/** A zone of two stewards, of which the first dies where it is told, with its creator and a payer. */
export class TakeoverCell implements AsyncDisposable {
  readonly row: string;
  readonly requestId = createId("req");
  readonly a: StewardChild;
  readonly b: StewardChild;
  readonly payer: Payer;
  readonly agent: Agent;
  readonly zoneId: string;
  private readonly world: TakeoverWorld;
  private readonly creator: Agent;

  private constructor(
    world: TakeoverWorld,
    parts: Pick<TakeoverCell, "row" | "a" | "b" | "payer" | "agent" | "zoneId"> & {
      readonly creator: Agent;
    },
  ) {
    this.world = world;
    this.row = parts.row;
    this.a = parts.a;
    this.b = parts.b;
    this.payer = parts.payer;
    this.agent = parts.agent;
    this.zoneId = parts.zoneId;
    this.creator = parts.creator;
  }

  static async create(
    world: TakeoverWorld,
    row: string,
    { kill, minAcks }: Pick<Row, "kill" | "minAcks">,
  ): Promise<TakeoverCell> {
    const [a, b, payer] = await Promise.all([world.steward(), world.steward(), world.payer()]);
    await Promise.all([a.start(kill), b.start()]);
    const { chain, usdc, settlement, escrow } = world.pay;
    const connect = (name: string, urls: readonly string[]) =>
      Agent.connect(urls, {
        ...{ name, wallet: payer.key, pacing: false, reconnect: RECONNECT },
        key: crypto.getRandomValues(new Uint8Array(32)),
        chains: { [chain.chainId]: { usdc, settlement, escrow, rpcUrl: chain.rpcUrl } },
      });
    const [creator, agent] = await Promise.all([
      connect("creator", [a.wireUrl, b.wireUrl]),
      connect("payer", [a.wireUrl, b.wireUrl]),
    ]);
    const steward_set = [
      { node_id: a.nodeId, entrypoint: a.wireUrl, role: "primary" as const },
      { node_id: b.nodeId, entrypoint: b.wireUrl, role: "replica" as const, voter: true },
    ];
    const draft = { ...toZoneDraft(chain.chainId, minAcks), steward_set };
    const { zoneId } = await creator.creator.create(draft as never);
    await insist(() => agent.join(zoneId));
    return new TakeoverCell(world, { row, a, b, payer, agent, creator, zoneId });
  }

  /** Buys an action, as an agent should that is told what to do by errors; `undelivered` is an outcome. */
  async buy(action: string): Promise<Reply> {
    const signal = AbortSignal.timeout(WAIT_MS);
    const options = { pay: { maxAmount: PRICE }, signal, requestId: this.requestId };
    try {
      return await persist(signal, () =>
        this.agent.request(this.zoneId, action, { row: this.row }, options),
      );
    } catch (error) {
      if (error instanceof AgentError && error.code === "undelivered") return { undelivered: true };
      throw error;
    }
  }

  /** Waits for the first steward's death, and has the creator name the second one. */
  async takeOver(work: Promise<unknown>): Promise<void> {
    await this.a.killed(work);
    await insist(() => this.creator.creator.promote(this.zoneId, this.b.nodeId));
  }

  /** The first steward is back, and follows. */
  async comeBack(): Promise<void> {
    await this.a.start();
    await until("it has what the other one has", () => this.isLevel(), WAIT_MS);
  }

  /** Whether both copies are the same. */
  isLevel(): boolean {
    const sql = "SELECT epoch, n, digest FROM replicated_zones WHERE zone_id = ?";
    const [one, other] = [this.a, this.b].map((steward) => steward.read(sql, this.zoneId));
    return JSON.stringify(one) === JSON.stringify(other);
  }

  /** The state of the request at the second steward, once it is one of these. */
  async untilRequest(states: readonly string[]): Promise<string> {
    let state = "";
    const sql = "SELECT state FROM requests WHERE request_id = ?";
    await until(
      `the request is ${states.join(" or ")}`,
      () => {
        state = String(this.b.read<Reply>(sql, this.requestId)[0]?.state);
        return states.includes(state);
      },
      WAIT_MS,
    );
    return state;
  }

  /** The request's payment at the second steward, as its operator sees it. */
  async payment(): Promise<Reply> {
    const { body } = await this.b.api("GET", "/v1/payments");
    return body.payments.find(({ request_id }: Reply) => request_id === this.requestId);
  }

  /** Waits until something is so. */
  async until(check: () => Promise<boolean>): Promise<void> {
    await until(`of ${this.row}`, check, WAIT_MS);
  }

  /** Waits until the payer has so much. */
  async untilPayerHas(amount: bigint): Promise<void> {
    const { balanceOf } = this.world.pay;
    await until(
      `the payer has ${amount}`,
      async () => (await balanceOf(this.payer.address)) === amount,
      WAIT_MS,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.agent.close(), this.creator.close()]);
    await Promise.all([this.a[Symbol.asyncDispose](), this.b[Symbol.asyncDispose]()]);
  }
}
