import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { type LinkBody, parseLinkBody } from "../../wire/link-bodies.ts";
import { judgeReplicate, type ReplicateAnswer } from "../core/replicate.ts";
import { findEpoch } from "../core/zone.ts";
import { listEnvelopeBatch } from "../exchange/envelope-batch.ts";
import type { LinkMessage, LinkSession } from "../links/link-port.ts";
import { Feeds } from "../serve/feeds.ts";
import type { StreamParts, StreamsDeps } from "./stream-parts.ts";

type Ack = LinkBody<"zone.replica_ack">;
type Refused = Extract<ReplicateAnswer, { type: "refuse" }>;

/** Serves followers as the zones' machines decide: zone.replicate and zone.replica_ack; `docs/protocol.md` §9.5. */
export class Serving {
  readonly feeds: Feeds;
  private readonly deps: StreamsDeps;

  constructor(deps: StreamsDeps, parts: StreamParts) {
    const { machines, commitLog, key, config, hub } = deps;
    this.deps = deps;
    this.feeds = new Feeds({
      ...parts,
      ...{ key, limits: config },
      onEnd: (zoneId, from) => machines.dispatch(zoneId, { type: "unfollowed", from }),
    });
    commitLog.onCommit((_, ...made) => this.feeds.committed(...made));
    machines.on("endSubscription", (zoneId, { node }) => this.feeds.close(zoneId, node));
    machines.on("released", (zoneId, { other }) => this.feeds.released(zoneId, other));
    // Primary again or not: what followers are sent may be cut back.
    machines.on("deposed", (zoneId) => this.feeds.keepOnly(zoneId, undefined));
    machines.watch((zoneId, state) => {
      const epoch = state && findEpoch(state);
      if (epoch?.primary === key.nodeId) this.feeds.enterEpoch(zoneId, epoch.epoch);
      else this.feeds.keepOnly(zoneId, epoch?.epoch);
    });
    hub.desk.handle("zone.replicate", (link, message) => this.onReplicate(link, message));
    hub.desk.handle("zone.replica_ack", (_, message) => this.onAck(message));
    hub.desk.listen({ onDown: (link) => this.feeds.closeLink(link.id) });
  }

  private onReplicate(link: LinkSession, message: LinkMessage): void {
    const { machines } = this.deps;
    const body = parseLinkBody("zone.replicate", message.body.value.decode() as JsonObject);
    const { zone_id: zoneId, epoch, envelope_hash: envelopeHash, position, log, window } = body;
    const state = machines.find(zoneId);
    if (state === undefined) throw new StewardError("zone_not_found");
    const ownDigest = position === null ? undefined : this.feeds.digestFor(zoneId, position);
    const from = link.nodeId;
    const isRecover = body.recover === true;
    const asked = { from, epoch, envelopeHash, position, isRecover, ownDigest };
    const answer = judgeReplicate(state, asked);
    if (answer.type === "refuse") throw this.toRefusal(zoneId, answer);
    const { other: released } = state.released;
    const isStreamed = this.feeds.open(link, epoch, { zoneId, position, log, window, released });
    const holds = isStreamed ? position : null;
    machines.dispatch(zoneId, { type: "followed", from, epoch, position: holds });
  }

  private onAck(message: LinkMessage): void {
    const { machines } = this.deps;
    const body = parseLinkBody("zone.replica_ack", message.body.value.decode() as JsonObject);
    const { zone_id: zoneId, epoch } = body;
    const state = machines.find(zoneId);
    const own = state && findEpoch(state);
    if (own === undefined || epoch > own.epoch) return;
    if (epoch < own.epoch) {
      const refused = { type: "refuse", code: "stale_manifest", envelopesAfter: epoch } as const;
      throw this.toRefusal(zoneId, refused);
    }
    this.acknowledge(message.from, body);
  }

  private acknowledge(from: string, body: Ack): void {
    const { zone_id: zoneId, epoch } = body;
    if (!("n" in body)) {
      this.feeds.acknowledgeChunk(zoneId, from, body.snapshot, body.index);
      return;
    }
    const { n, digest } = body;
    const ownDigest = this.feeds.digestAt(zoneId, n);
    this.feeds.acknowledge(zoneId, from, n, digest);
    this.deps.machines.dispatch(zoneId, { type: "ack", from, epoch, n, digest, ownDigest });
  }

  private toRefusal(zoneId: string, refused: Refused): StewardError {
    const { zones, findSentOn } = this.deps;
    const { code, reason, envelopesAfter } = refused;
    const sentOn = findSentOn(zoneId, code, reason === "FORK" ? undefined : reason);
    if (sentOn !== undefined) return sentOn;
    const envelopes =
      envelopesAfter === undefined ? undefined : listEnvelopeBatch(zones, zoneId, envelopesAfter);
    return new StewardError(code, {
      ...(reason !== undefined && { reason }),
      ...(envelopes !== undefined && { details: { envelopes } }),
    });
  }
}
