import type { JsonObject } from "../protocol/json.ts";
import { isReplicated } from "../protocol/steward-set.ts";
import { type AgentError, asAgentError } from "./agent-error.ts";
import type { StewardPort } from "./calls/outbox.ts";
import type { StewardHint } from "./calls/replies.ts";
import type { Peer } from "./link/handshake.ts";
import type { DialTarget } from "./link/link.ts";
import { isLoopback, parseWireAddress } from "./link/wire-address.ts";
import type { ZoneBook } from "./zones/book.ts";
import { isNamed, type VerifiedZone } from "./zones/envelope.ts";
import { findCommonStewards, RefusalCount } from "./zones/stewards.ts";

/** A zone that changed is looked at within this, at random: its members hear of it all at once. */
const LOOK_WITHIN_MS = 30_000;

/** The same where it may have another primary, to whom messages are signed. */
const LOOK_SOON_MS = 2000;
/** Stewards that an error names and that are asked. */
const HINTS_MAX = 4;

interface StewardFinderDeps {
  readonly book: ZoneBook;
  readonly allowInsecure: boolean;
  /** The URL that the user gave. */
  readonly firstUrl: string;
  readonly findPeer: () => Peer | undefined;
  readonly listJoined: () => readonly string[];
  /** Asks for a zone's newest envelope, ahead of what waits for it. */
  readonly inspect: (zoneId: string) => Promise<unknown>;
  /** Asks another node for a zone's envelope. */
  readonly look: (target: DialTarget, zoneId: string) => Promise<JsonObject>;
  /** As `inspect`, while the zone's calls wait. */
  readonly renew: (zoneId: string) => Promise<void>;
  /** Looks for another steward to be connected to. */
  readonly move: () => void;
  readonly report: (error: AgentError) => void;
}

/** Knows which stewards may act for the agent's zones, and when to look for another; §9.14. */
export class StewardFinder implements StewardPort {
  readonly #deps: StewardFinderDeps;
  readonly #refusals = new RefusalCount();
  /** By node id: where it answered, for those whose zones do not say where they are. */
  readonly #urls = new Map<string, string>();
  readonly #looks = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(deps: StewardFinderDeps) {
    this.#deps = deps;
  }

  /** Whether several stewards hold a zone; `docs/protocol.md` §9. */
  isReplicated(zoneId: string): boolean {
    const zone = this.#deps.book.find(zoneId);
    return zone !== undefined && isReplicated(zone.manifest);
  }

  /** Notes where a node answered, in a new session. */
  notePeer(nodeId: string, url: string): void {
    this.#urls.set(nodeId, url);
    this.#refusals.reset();
  }

  /** Moves after the second answer that says "not here"; `docs/protocol.md` §9.14. */
  noteRefusal(zoneId: string, error: AgentError): void {
    if (!this.isReplicated(zoneId) || !this.#refusals.note()) return;
    const hints = (error.details?.entrypoints ?? []) as readonly StewardHint[];
    this.#learn(zoneId, hints).then(() => this.#deps.move());
  }

  /**
   * Asks stewards that only an error named for the zone's envelope: where its creator signed that they
   * are, they are by then among those that may be moved to, and else nothing came of it.
   */
  async #learn(zoneId: string, hints: readonly StewardHint[]): Promise<void> {
    const { book, look, findPeer } = this.#deps;
    const named = book.find(zoneId)?.manifest.steward_set ?? [];
    const unknown = hints.filter(
      ({ node_id }) =>
        node_id !== findPeer()?.nodeId && !named.some((ref) => ref.node_id === node_id),
    );
    for (const { node_id, entrypoint } of unknown.slice(0, HINTS_MAX)) {
      const target = this.findTarget(node_id, entrypoint);
      const envelope = target && (await look(target, zoneId).catch(() => undefined));
      const known = envelope && (await book.accept(zoneId, envelope).catch(() => undefined));
      if (known !== undefined && isNamed(known, node_id)) return;
    }
  }

  /** Hears of a zone's new epoch: its stewards may be others by now. */
  noteChange(zoneId: string): void {
    if (this.#looks.has(zoneId)) return;
    const look = () => {
      this.#looks.delete(zoneId);
      if (this.#deps.book.findFresh(zoneId) === undefined) this.#deps.renew(zoneId);
    };
    const withinMs = this.isReplicated(zoneId) ? LOOK_SOON_MS : LOOK_WITHIN_MS;
    this.#looks.set(zoneId, setTimeout(look, Math.random() * withinMs));
  }

  /** Moves where the newest envelope of a joined zone no longer names the connected node. */
  noteEnvelope(zone: VerifiedZone): void {
    const { manifest } = zone;
    if (!isReplicated(manifest) || !this.#deps.listJoined().includes(manifest.id)) return;
    const nodeId = this.#deps.findPeer()?.nodeId;
    if (nodeId === undefined || !isNamed(zone, nodeId)) this.#deps.move();
  }

  /** Ends what is still planned. */
  stop(): void {
    for (const look of this.#looks.values()) clearTimeout(look);
    this.#looks.clear();
  }

  /** Looks for a zone's newest envelope; never rejects. */
  async renew(zoneId: string): Promise<void> {
    await this.#deps.inspect(zoneId).catch((thrown: unknown) => {
      const error = asAgentError(thrown, "protocol_error");
      if (error.code !== "closed") this.#deps.report(error);
    });
  }

  /**
   * The stewards that may take the connected one's place, in the order in which they are tried. On this
   * machine only where the user's own URL is: others' zones do not choose what is dialled here.
   */
  findOthers(): DialTarget[] {
    const { book, listJoined, findPeer } = this.#deps;
    const joined = listJoined().map((zoneId) => book.find(zoneId));
    const zones = joined.filter((zone) => zone !== undefined);
    const without = findPeer()?.nodeId;
    const stewards = findCommonStewards(zones, {
      without,
      random: Math.random,
      findUrl: (nodeId) => this.#urls.get(nodeId),
    });
    return stewards.flatMap(({ nodeId, url }) => this.findTarget(nodeId, url) ?? []);
  }

  /**
   * Where a steward is dialled; undefined where nobody says, or where this agent cannot or must not dial.
   * @param entrypoint as its zone says
   */
  findTarget(nodeId: string, entrypoint: string | undefined): DialTarget | undefined {
    const url = entrypoint ?? this.#urls.get(nodeId);
    if (url === undefined) return undefined;
    try {
      const isLocal = isLoopback(new URL(this.#deps.firstUrl).hostname);
      if (!isLocal && isLoopback(new URL(url).hostname)) return undefined;
      return { ...parseWireAddress(url, this.#deps.allowInsecure), expectNodeId: nodeId };
    } catch {
      return undefined;
    }
  }
}
