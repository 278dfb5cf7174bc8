import type { Position } from "../../../src/protocol/commit.ts";
import { judge } from "./copy.ts";
import type { Tip } from "./history.ts";
import type { SimMessage } from "./messages.ts";
import type { SimSteward } from "./steward.ts";

type Pushed = Extract<SimMessage, { type: "entries" | "begin" | "chunk" | "end" }>;

/** Whom a steward follows or recovers from, and how far it has come. */
interface Source {
  readonly node: string;
  readonly isRecover: boolean;
  /** Names what was asked last, for refusals. */
  ask: number;
  /** What was asked last has not begun to be answered: what comes may be of what was asked before. */
  isAsking: boolean;
  askedAtMs: number;
  heardAtMs: number;
  /** A snapshot under way: complete at `upto`. */
  side: { tip: Tip; upto: number | undefined; readonly epoch: number } | undefined;
}

const RETRY_MS = 150;

/** The following side of a simulated steward. */
export class SimFollower {
  private readonly steward: SimSteward;
  private source: Source | undefined;
  private asks = 0;

  constructor(steward: SimSteward) {
    this.steward = steward;
  }

  /** Turns to another steward, or to none. */
  turn(node: string | undefined, isRecover: boolean): void {
    if (node === undefined && this.source?.isRecover !== isRecover) return;
    this.source =
      node === undefined
        ? undefined
        : { node, isRecover, ask: 0, isAsking: true, askedAtMs: 0, heardAtMs: 0, side: undefined };
    this.ask();
  }

  /** Asks anew: its primary may have ended what it was sent, another one having been primary in between. */
  onEpoch(): void {
    if (this.source?.side === undefined) this.ask();
  }

  onLinkUp(node: string): void {
    if (this.source?.node === node) this.ask();
  }

  /** Asks again where nothing came for L, or a snapshot of another epoch is under way. */
  tick(): void {
    const { source, steward } = this;
    if (source === undefined) return;
    const isStale = source.side !== undefined && source.side.epoch !== steward.epoch?.epoch;
    if (isStale || steward.localMs - Math.max(source.heardAtMs, source.askedAtMs) > 1_000)
      this.ask();
  }

  onRefused(node: string, ask: number): void {
    const { source } = this;
    if (source?.node !== node || source.ask !== ask) return;
    this.steward.later(RETRY_MS, () => {
      if (this.source === source && source.ask === ask) this.ask();
    });
  }

  /** Takes what was pushed, in one write, and acknowledges after its COMMIT. */
  onPushed(node: string, message: Pushed): void {
    const { source, steward } = this;
    if (source?.node !== node || steward.durable.halted !== undefined) return;
    if (message.epoch !== steward.epoch?.epoch) return;
    source.heardAtMs = steward.localMs;
    switch (message.type) {
      case "begin":
        source.isAsking = false;
        source.side = { tip: message.tip, upto: undefined, epoch: message.epoch };
        steward.feed({ type: "copying", isUnderWay: true });
        return this.progress(source);
      case "chunk":
        return source.side === undefined ? undefined : this.progress(source);
      case "end":
        if (source.side === undefined) return;
        source.side.upto = message.upto;
        return this.finish(source);
      default:
        return this.take(source, message);
    }
  }

  private ask(): void {
    const { source, steward } = this;
    const epoch = steward.epoch;
    if (source === undefined || epoch === undefined) return;
    this.asks += 1;
    source.ask = this.asks;
    source.isAsking = true;
    source.askedAtMs = steward.localMs;
    source.side = undefined;
    steward.send(source.node, {
      type: "replicate",
      ask: source.ask,
      epoch: epoch.epoch,
      envelopeHash: epoch.hash,
      position: steward.durable.isComplete ? (steward.durable.position ?? null) : null,
      isRecover: source.isRecover,
    });
  }

  /** A chunk is durable: it is acknowledged without an n. */
  private progress(source: Source): void {
    const { steward } = this;
    if (source.isRecover) {
      steward.feed({ type: "recovery", from: source.node, outcome: "progress" });
    }
    this.acknowledge(source, undefined);
  }

  private take(source: Source, message: Extract<Pushed, { type: "entries" }>): void {
    const { steward } = this;
    const own = steward.draft.tip;
    const tip = source.side?.tip ?? (steward.durable.isComplete ? own : undefined);
    if (tip === undefined) return;
    const stand = steward.toStand(tip, source.side !== undefined, source.isRecover);
    const taking = judge(steward.decisions, stand, message);
    if (taking.verdict === "gap") return source.isAsking ? undefined : this.ask();
    if (taking.verdict === "halt") return source.isAsking ? undefined : this.refuse(source);
    if (taking.verdict === "drop") return;
    if (taking.verdict === "apply") {
      if (source.side !== undefined) source.side.tip = taking.tip;
      else steward.apply(source.node, taking.tip);
    }
    const last = message.commits.at(-1)?.n ?? 0;
    // What is skipped may not have been compared: what is before it is not kept.
    if (taking.verdict === "apply") source.isAsking = false;
    this.finish(source);
    if (!source.isRecover) {
      steward.feed({ type: "told", epoch: message.epoch, n: last, released: message.released });
    }
    const isNew = message.commits.length > 0;
    if (isNew && source.side === undefined) this.acknowledge(source, steward.draft.tip.position);
  }

  /** Puts a complete snapshot in place of the copy. */
  private finish(source: Source): void {
    const { steward } = this;
    const { side } = source;
    if (side?.upto === undefined || side.tip.position.n < side.upto) return;
    source.side = undefined;
    steward.replace(source.node, side.tip);
    this.acknowledge(source, side.tip.position);
  }

  private refuse(source: Source): void {
    const { steward } = this;
    if (source.isRecover) {
      steward.feed({ type: "recovery", from: source.node, outcome: "wrong" });
    } else {
      steward.feed({ type: "halt", reason: "EVIDENCE" });
    }
  }

  private acknowledge({ node, ask }: Source, position: Position | undefined): void {
    const { steward } = this;
    const epoch = steward.epoch?.epoch ?? 0;
    const ack = {
      type: "ack",
      ask,
      epoch,
      n: position?.n,
      digest: position?.digest ?? "",
    } as const;
    steward.afterCommit(() => {
      steward.checks.onAck(steward, epoch, position);
      steward.send(node, ack);
    });
  }
}
