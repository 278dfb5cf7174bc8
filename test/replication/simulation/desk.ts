import type { JsonObject } from "../../../src/protocol/json.ts";
import type { SimChain } from "./chain.ts";
import type { SimSteward } from "./steward.ts";

/** What a client asks for. */
export type Call =
  | { readonly type: "say" | "read" }
  | { readonly type: "request"; readonly request: string; readonly nonce: string | undefined };

/** What it is answered. */
export type Reply =
  | { readonly type: "refused" | "unknown" | "said" | "pending" }
  | { readonly type: "required"; readonly nonce: string; readonly deadlineMs: number }
  | { readonly type: "final"; readonly state: string };

/** A request's record, as far as money goes. */
interface Account {
  readonly state:
    | "quoted"
    | "authorized"
    | "expired"
    | "paid"
    | "running"
    | "done"
    | "undelivered"
    | "refunding"
    | "refunded";
  readonly nonce: string;
  readonly deadlineMs: number;
  /** In which it was first asked for. */
  readonly epoch: number;
  /** Runs, or refunds. */
  readonly steward: string;
  /** The commit that says so. */
  readonly n: number;
  readonly isIdempotent: boolean;
}

const FINAL = new Set(["done", "undelivered", "refunding", "refunded"]);
const QUOTED_MS = 4_000;

/** Requests and their money at a simulated steward: `docs/protocol.md` §9.9 in small. */
export class SimDesk {
  private readonly steward: SimSteward;
  private readonly chain: SimChain;
  /** The runs that this process has under way. */
  private readonly running = new Set<string>();

  constructor(steward: SimSteward, chain: SimChain) {
    this.steward = steward;
    this.chain = chain;
  }

  /** Takes a client's call; whatever is answered has been released. */
  take(call: Call, reply: (reply: Reply) => void): void {
    const { steward } = this;
    if (call.type === "request") return this.takeRequest(call, reply);
    if (steward.epoch?.primary !== steward.id) {
      steward.checks.onReplicaRead(steward);
      return reply({ type: "refused" });
    }
    if (steward.findRefusal("other") !== undefined) return reply({ type: "refused" });
    if (call.type === "say") steward.commit([]);
    this.leave("other", { type: "said" }, reply);
  }

  private takeRequest(
    call: Extract<Call, { type: "request" }>,
    reply: (reply: Reply) => void,
  ): void {
    const { steward } = this;
    if (steward.findRefusal("money") !== undefined) return reply({ type: "refused" });
    const account = this.find(call.request);
    if (account === undefined || this.isSpent(account)) {
      const made = this.move(call.request, account, {
        state: "quoted",
        nonce: `${steward.name}${steward.random.int(0, 1e9)}`,
        deadlineMs: this.chain.nowMs + QUOTED_MS,
      });
      return this.leave("money", { type: "required", ...made }, reply);
    }
    if (account.state === "quoted" && account.nonce !== call.nonce) {
      return this.leave("money", { type: "required", ...account }, reply);
    }
    if (account.state === "quoted") this.move(call.request, account, { state: "authorized" });
    const { state } = account;
    const answer: Reply = FINAL.has(state) ? { type: "final", state } : { type: "pending" };
    this.leave("money", answer, reply);
  }

  /** Sees open requests through, as far as this steward is the zone's primary. */
  work(): void {
    const { steward } = this;
    if (steward.findCommitRefusal("money") !== undefined) return;
    for (const request of steward.draft.tip.requests.keys()) {
      const account = this.find(request);
      if (account !== undefined) this.workOn(request, account);
    }
  }

  private workOn(request: string, account: Account): void {
    const { steward, chain } = this;
    const isReleased = account.n <= steward.state.released.money;
    switch (account.state) {
      case "authorized":
        if (chain.isUsed(account.nonce)) return void this.move(request, account, { state: "paid" });
        if (chain.nowMs > account.deadlineMs) {
          return void this.move(request, account, { state: "expired" });
        }
        if (isReleased) chain.broadcast(request, account.nonce, account.deadlineMs);
        return;
      case "paid":
        if (!account.isIdempotent && this.isForgiven(account)) {
          return void this.move(request, account, { state: "undelivered" });
        }
        return this.run(request, account);
      case "running":
        if (account.steward === steward.id && this.running.has(request)) return;
        if (account.isIdempotent) return this.run(request, account);
        return void this.move(request, account, { state: "undelivered" });
      case "undelivered":
        if (this.isForgiven(account) || !steward.random.chance(0.2)) return;
        return void this.move(request, account, { state: "refunding", steward: steward.id });
      case "refunding":
        if (chain.refunds.has(request)) {
          return void this.move(request, account, { state: "refunded" });
        }
        if (isReleased && account.steward === steward.id) this.refund(request);
        return;
      default:
    }
  }

  private run(request: string, account: Account): void {
    const { steward } = this;
    const { n } = this.move(request, account, { state: "running", steward: steward.id });
    this.running.add(request);
    const run = () => {
      steward.checks.onInvoked(steward, request, account.isIdempotent);
      steward.later(steward.random.between(10, 900), () => this.finish(request));
    };
    steward.hold("money", n, { run, abort: () => this.running.delete(request), isLasting: true });
  }

  private finish(request: string): void {
    const { steward } = this;
    const account = this.find(request);
    const isMine = account?.state === "running" && account.steward === steward.id;
    if (!isMine || steward.findCommitRefusal("money") !== undefined) return;
    this.running.delete(request);
    this.move(request, account, { state: steward.random.chance(0.7) ? "done" : "undelivered" });
  }

  /** Sends a refund once, as this steward's wallet remembers and the chain shows. */
  private refund(request: string): void {
    const { steward, chain } = this;
    const { wallet } = steward.draft;
    if (wallet.has(request) || chain.refunds.get(request)?.includes(steward.id)) return;
    steward.draft = { ...steward.draft, wallet: new Set([...wallet, request]) };
    steward.afterCommit(() => {
      steward.checks.onRefunded(steward, request);
      chain.refund(request, steward.id);
    });
  }

  /**
   * Loss was accepted since it was asked for: it may have run, or been refunded, with nobody left to say so, or by
   * a steward that does not know of the epoch. Nothing of it happens by itself any more.
   */
  private isForgiven({ epoch }: Account): boolean {
    return this.steward.durable.epochs.some((next) => next.epoch > epoch && next.acceptsLoss);
  }

  private isSpent(account: Account): boolean {
    const { state, deadlineMs, nonce } = account;
    if (state === "expired") return true;
    return state === "quoted" && this.chain.nowMs > deadlineMs && !this.chain.isUsed(nonce);
  }

  private find(request: string): Account | undefined {
    return this.steward.draft.tip.requests.get(request) as Account | undefined;
  }

  /** Commits a request's next state. */
  private move(request: string, before: Account | undefined, change: Partial<Account>): Account {
    const { steward } = this;
    const epoch = steward.epoch?.epoch;
    const account = {
      ...(before ?? { steward: "", isIdempotent: request.endsWith("i"), epoch }),
      ...change,
      n: steward.draft.tip.position.n + 1,
    } as Account;
    const value = { ...account } as unknown as JsonObject;
    steward.commit([{ kind: "request", key: ["client", request], value }]);
    return account;
  }

  /** Answers once everything up to now is released. */
  private leave(kind: "money" | "other", answer: Reply, reply: (reply: Reply) => void): void {
    const { steward } = this;
    const { tip } = steward.draft;
    steward.hold(kind, tip.position.n, {
      run: () => {
        steward.checks.onLeft(steward, tip, kind);
        reply(answer);
      },
      abort: () => reply({ type: "unknown" }),
    });
  }
}
