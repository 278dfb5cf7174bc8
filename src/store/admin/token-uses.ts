import type { Store, Write } from "../database.ts";
import { putLastUse } from "./tokens.ts";

/** From one writing to the next, seconds. */
const WRITE_EVERY_SECS = 60;

/** When tokens were last used: kept in memory, and written once a minute, outside of any request. */
export class TokenUses {
  private readonly store: Pick<Store, "raw">;
  private readonly uses = new Map<string, number>();
  private writtenAt = 0;

  constructor(store: Pick<Store, "raw">) {
    this.store = store;
  }

  /** Notes that a token was used, in Unix seconds. */
  note(tokenId: string, at: number): void {
    this.uses.set(tokenId, at);
  }

  /** When a token was used since the last writing. */
  find(tokenId: string): number | undefined {
    return this.uses.get(tokenId);
  }

  /** Writes what was noted, where the last time is a minute ago. */
  writeDue(write: Write, now: number): void {
    if (now - this.writtenAt >= WRITE_EVERY_SECS) this.write(write, now);
  }

  /** Writes what was noted. */
  write(write: Write, now: number): void {
    for (const [tokenId, at] of this.uses) putLastUse(write, this.store, tokenId, at);
    this.uses.clear();
    this.writtenAt = now;
  }
}
