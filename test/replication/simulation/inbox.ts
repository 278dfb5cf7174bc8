import type { Epoch } from "../../../src/replication/core/state.ts";
import type { SimMessage } from "./messages.ts";
import type { SimSteward } from "./steward.ts";

/** What a simulated steward does with each body of section 9, within a write. */
export class SimInbox {
  private readonly steward: SimSteward;

  constructor(steward: SimSteward) {
    this.steward = steward;
  }

  take(from: string, message: SimMessage): void {
    switch (message.type) {
      case "epoch":
        return this.onEpoch(from, message.envelopes);
      case "position":
        return this.onPosition(from, message);
      case "replicate":
        return this.onReplicate(from, message);
      case "refused":
        if (message.envelopes.length > 0) this.steward.adopt(message.envelopes);
        return this.steward.follower.onRefused(from, message.ask);
      case "ack":
        return this.onAck(from, message);
      default:
        return this.steward.follower.onPushed(from, message);
    }
  }

  /** Adopts, commits, then answers. */
  private onEpoch(from: string, envelopes: readonly Epoch[]): void {
    this.steward.adopt(envelopes);
    this.steward.afterCommit(() => this.steward.send(from, this.toPosition()));
    const { epoch } = this.steward;
    const newest = envelopes.at(-1);
    if (epoch === undefined || newest === undefined || newest.epoch >= epoch.epoch) return;
    const behind = this.steward.durable.epochs.filter((past) => past.epoch > newest.epoch);
    this.steward.afterCommit(() => this.steward.send(from, { type: "epoch", envelopes: behind }));
  }

  private toPosition(): SimMessage {
    const { durable, disk, epoch } = this.steward;
    const position = durable.isComplete ? (durable.position ?? null) : null;
    this.steward.checks.onReport(this.steward, position);
    return {
      type: "position",
      epoch: epoch?.epoch ?? 0,
      envelopeHash: epoch?.hash,
      position,
      head: disk.tip.head,
      isLost: durable.isLost,
    };
  }

  private onPosition(from: string, told: Extract<SimMessage, { type: "position" }>): void {
    const { position, head } = told;
    const { maySign } = this.steward.toStand(this.steward.draft.tip, false, true);
    const isSigned =
      head === undefined
        ? position?.n === 0
        : maySign(head.steward, head.epoch) && position !== null;
    this.steward.feed({
      type: "position",
      from,
      epoch: told.epoch,
      envelopeHash: told.envelopeHash,
      position,
      isSound: position === null || isSigned,
      isLost: told.isLost,
      ownDigest: position === null ? undefined : this.steward.ownDigest(position.n),
    });
  }

  private onReplicate(from: string, asked: Extract<SimMessage, { type: "replicate" }>): void {
    const { ask, isRecover, position } = asked;
    const ownDigest = position === null ? undefined : this.steward.ownDigest(position.n);
    const answer = this.steward.decisions.judgeReplicate(this.steward.state, {
      ...asked,
      from,
      ownDigest,
    });
    if (answer.type === "refuse") {
      const after = answer.envelopesAfter;
      const envelopes =
        after === undefined ? [] : this.steward.durable.epochs.filter((past) => past.epoch > after);
      this.steward.send(from, { type: "refused", ask, envelopes });
      return;
    }
    const isStreamed = answer.type === "stream" && position !== null;
    this.steward.feed({
      type: "followed",
      from,
      epoch: asked.epoch,
      position: isStreamed ? position : null,
    });
    if (!isStreamed)
      return this.steward.feeds.snapshot(from, ask, this.steward.toServed(), isRecover);
    this.steward.feeds.stream(from, ask, position.n, isRecover);
    this.steward.afterCommit(() =>
      this.steward.feeds.acknowledge(from, ask, position.n, this.steward.toServed()),
    );
  }

  private onAck(from: string, ack: Extract<SimMessage, { type: "ack" }>): void {
    const { n, digest, epoch } = ack;
    if (n !== undefined) {
      this.steward.feed({
        type: "ack",
        from,
        epoch,
        n,
        digest,
        ownDigest: this.steward.ownDigest(n),
      });
    }
    this.steward.afterCommit(() =>
      this.steward.feeds.acknowledge(from, ack.ask, n, this.steward.toServed()),
    );
  }
}
