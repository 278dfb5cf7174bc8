import type { JsonObject } from "../../protocol/json.ts";
import { findPrimary } from "../../protocol/manifest.ts";
import { assertNotOlder, type VerifiedZone, verifyZoneEnvelope } from "./envelope.ts";

/** Zones remembered; past it the one looked at longest ago is forgotten, pinned ones last. */
export const ZONES_REMEMBERED_MAX = 10_000;

interface Page {
  readonly zone: VerifiedZone;
  stale: boolean;
}

/** Remembers the newest verified envelope of every zone the agent looked at; `docs/protocol.md` §6. */
export class ZoneBook {
  readonly #pages = new Map<string, Page>();
  readonly #isPinned: (zoneId: string) => boolean;
  readonly #zonesMax: number;

  /** @param isPinned zones that must not be forgotten */
  constructor(isPinned: (zoneId: string) => boolean, zonesMax = ZONES_REMEMBERED_MAX) {
    this.#isPinned = isPinned;
    this.#zonesMax = zonesMax;
  }

  /** Finds a zone's newest envelope. */
  find(zoneId: string): VerifiedZone | undefined {
    return this.#pages.get(zoneId)?.zone;
  }

  /** Finds a zone's newest envelope unless a newer one is known to exist. */
  findFresh(zoneId: string): VerifiedZone | undefined {
    const page = this.#pages.get(zoneId);
    return page?.stale === false ? page.zone : undefined;
  }

  /** Finds the node id of a zone's primary. */
  findPrimary(zoneId: string): string | undefined {
    const zone = this.find(zoneId);
    return zone && findPrimary(zone.manifest);
  }

  /** Notes that a newer envelope exists. */
  markStale(zoneId: string): void {
    const page = this.#pages.get(zoneId);
    if (page !== undefined) page.stale = true;
  }

  /**
   * Verifies an envelope, compares it with the newest known one and remembers it.
   * @throws AgentError `envelope_invalid`
   */
  async accept(zoneId: string, json: JsonObject): Promise<VerifiedZone> {
    const zone = await verifyZoneEnvelope(json, zoneId);
    assertNotOlder(this.find(zoneId), zone);
    this.#pages.delete(zoneId);
    this.#pages.set(zoneId, { zone, stale: false });
    if (this.#pages.size > this.#zonesMax) this.#forgetOne();
    return zone;
  }

  #forgetOne(): void {
    for (const zoneId of this.#pages.keys()) {
      if (this.#isPinned(zoneId)) continue;
      this.#pages.delete(zoneId);
      return;
    }
  }
}
