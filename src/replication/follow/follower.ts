import type { StagedSnapshot } from "../../store/replication/chunks.ts";
import type { LinkBody } from "../../wire/link-bodies.ts";
import type { LinkPort, LinkSession } from "../links/link-port.ts";
import type { FollowTarget } from "./follow-events.ts";
import { Following, type FollowingDeps } from "./following.ts";
import { InSlices } from "./in-slices.ts";

export interface FollowerDeps extends FollowingDeps {
  readonly links: Pick<LinkPort, "find">;
}

/** Follows other stewards' zones: asks, checks, applies, acknowledges; `docs/protocol.md` §9.5 and §9.6. */
export class Follower implements AsyncDisposable {
  private readonly deps: FollowerDeps;
  private readonly zones = new Map<string, Following>();
  private readonly slices = new Map<string, InSlices>();

  constructor(deps: FollowerDeps) {
    this.deps = deps;
  }

  /** Follows a steward from now on, in place of whom was followed before; undefined: nobody. */
  follow(zoneId: string, target: FollowTarget | undefined): void {
    this.zones.get(zoneId)?.stop();
    this.zones.delete(zoneId);
    this.slices.delete(zoneId);
    if (target === undefined) return;
    const following = new Following(this.deps, zoneId, target);
    this.zones.set(zoneId, following);
    this.slices.set(zoneId, this.createSlices(zoneId, following));
    const link = this.deps.links.find(target.from);
    if (link !== undefined) following.ask(link);
  }

  /** Asks anew whom a zone is followed from, in an epoch that keeps it. */
  again(zoneId: string): void {
    this.zones.get(zoneId)?.again();
  }

  /** Asks on a link that this steward dialed for what is followed from its other end. */
  linkUp(link: LinkSession): void {
    if (!link.isDialed) return;
    for (const following of this.zones.values()) {
      if (following.target.from === link.nodeId) following.ask(link);
    }
  }

  /** Forgets what came over a link. */
  linkDown(link: LinkSession): void {
    for (const following of this.zones.values()) following.linkDown(link);
  }

  /** Takes a zone.entries of so many bytes in its turn. */
  entries(link: LinkSession, body: LinkBody<"zone.entries">, bytes: number): void {
    const following = this.find(link, body.zone_id);
    this.slices.get(body.zone_id)?.take(bytes, () => following?.takeEntries(link, body));
  }

  /** Takes a zone.snapshot of so many bytes in its turn. */
  snapshot(link: LinkSession, body: LinkBody<"zone.snapshot">, bytes: number): void {
    const following = this.find(link, body.zone_id);
    this.slices.get(body.zone_id)?.take(bytes, () => following?.takeSnapshot(link, body));
  }

  /** Goes on with what stopped because the quarantine was full. */
  roomMade(): void {
    for (const following of this.zones.values()) following.roomMade();
  }

  /** Tells whether a snapshot is put aside as it comes, and still coming. */
  isStaging({ zoneId, snapshot }: StagedSnapshot): boolean {
    return this.zones.get(zoneId)?.staged === snapshot;
  }

  /** Whom a zone is followed from; undefined where it is followed from nobody. */
  targetOf(zoneId: string): FollowTarget | undefined {
    return this.zones.get(zoneId)?.target;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const zoneId of this.zones.keys()) this.follow(zoneId, undefined);
  }

  private createSlices(zoneId: string, following: Following): InSlices {
    return new InSlices(this.deps.window, (error) => {
      this.deps.log.error({ err: error, zone: zoneId }, "what a steward sent is not taken");
      following.askLater();
    });
  }

  private find(link: LinkSession, zoneId: string): Following | undefined {
    const following = this.zones.get(zoneId);
    return following?.target.from === link.nodeId ? following : undefined;
  }
}
