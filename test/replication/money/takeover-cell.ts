import { Agent, AgentError } from "../../../src/client/agent.ts";
import { createId } from "../../../src/protocol/ids.ts";
import { persist } from "../../payments/matrix/plan.ts";
import type { Payer } from "../../payments/support/engine.ts";
import type { Reply } from "../../support/wire-client.ts";
import type { Standing } from "../support/cluster.ts";
import { until } from "../support/replicated-zone.ts";
import { insist } from "../support/talker.ts";
import type { Row } from "./rows.ts";
import type { StewardChild } from "./steward-child.ts";
import { PRICE, type TakeoverWorld, toZoneDraft } from "./takeover-world.ts";

/** How long whatever a row waits for may take on a busy machine. */
const WAIT_MS = 60_000;
const RECONNECT = { initialDelayMs: 20, maxDelayMs: 200 };

type CellParts = Pick<TakeoverCell, "a" | "payer" | "agent" | "zoneId"> & {
  readonly voters: readonly StewardChild[];
  readonly creator: Agent;
};

/** A zone of two stewards, or three, of which the first dies where it is told, with its creator and a payer. */
export class TakeoverCell implements AsyncDisposable {
  readonly requestId = createId("req");
  readonly a: StewardChild;
  readonly row: string;
  readonly payer: Payer;
  readonly agent: Agent;
  readonly zoneId: string;
  private readonly world: TakeoverWorld;
  private readonly creator: Agent;
  /** Those that may take over. */
  private readonly voters: readonly StewardChild[];
  private next: StewardChild;

  private constructor(world: TakeoverWorld, row: string, parts: CellParts) {
    const { a, voters, payer, agent, creator, zoneId } = parts;
    this.world = world;
    this.row = row;
    this.a = a;
    this.voters = voters;
    this.next = voters[0] as StewardChild;
    this.payer = payer;
    this.agent = agent;
    this.creator = creator;
    this.zoneId = zoneId;
  }

  static async create(world: TakeoverWorld, name: string, row: Row): Promise<TakeoverCell> {
    const starting = Array.from({ length: row.hasThird ? 3 : 2 }, () => world.steward());
    const stewards = await Promise.all(starting);
    const payer = await world.payer();
    const [a, ...voters] = stewards as [StewardChild, ...StewardChild[]];
    await Promise.all([a.start(row.kill), ...voters.map((voter) => voter.start())]);
    const { chain, usdc, settlement, escrow } = world.pay;
    const connect = (agentName: string) =>
      Agent.connect(
        stewards.map(({ wireUrl }) => wireUrl),
        {
          ...{ name: agentName, wallet: payer.key, pacing: false, reconnect: RECONNECT },
          key: crypto.getRandomValues(new Uint8Array(32)),
          chains: { [chain.chainId]: { usdc, settlement, escrow, rpcUrl: chain.rpcUrl } },
        },
      );
    const [creator, agent] = await Promise.all([connect("creator"), connect("payer")]);
    const steward_set = stewards.map(({ nodeId: node_id, wireUrl: entrypoint }, index) => ({
      ...{ node_id, entrypoint },
      ...(index === 0 ? { role: "primary" } : { role: "replica", voter: true }),
    }));
    const draft = { ...toZoneDraft(chain.chainId, row.minAcks), steward_set };
    const { zoneId } = await creator.creator.create(draft as never);
    await insist(() => agent.join(zoneId));
    return new TakeoverCell(world, name, { a, voters, payer, agent, creator, zoneId });
  }

  /** Who takes over, or would. */
  get b(): StewardChild {
    return this.next;
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
    const rows = this.voters.map((voter) => ({ voter, n: this.standing(voter)?.n ?? 0 }));
    const [last] = rows.sort((one, other) => one.n - other.n);
    if (last !== undefined) this.next = last.voter;
    await insist(() => this.creator.creator.promote(this.zoneId, this.b.nodeId));
  }

  /** The first steward is back, and all hold the same. */
  async comeBack(): Promise<void> {
    await this.a.start();
    await until("it has what the other one has", () => this.isLevel(), WAIT_MS);
  }

  /** Whether all copies are the same. */
  isLevel(): boolean {
    const all = [this.a, ...this.voters].map((steward) => this.standing(steward)?.digest);
    return new Set(all).size === 1;
  }

  private standing(steward: StewardChild): Standing | undefined {
    const sql = "SELECT epoch, n, digest, halted FROM replicated_zones WHERE zone_id = ?";
    return steward.read<Standing>(sql, this.zoneId)[0];
  }

  /** The state of the request at who took over, once it is one of these. */
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

  /** The request's payment at who took over, as its operator sees it. */
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
    const stewards = [this.a, ...this.voters];
    await Promise.all(stewards.map((steward) => steward[Symbol.asyncDispose]()));
  }
}
