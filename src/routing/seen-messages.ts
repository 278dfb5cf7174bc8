import type { Write } from "../store/database.ts";
import type { PeerQueries } from "../store/zones/peers.ts";

/** Questions remembered in each of two generations, of which the older goes when the newer is full. */
const REMEMBERED_MAX = 10_000;

/**
 * Which messages were taken before: those that change something durably, with what they change; questions, which
 * may be answered again at the cost of an answer, in memory as far as that goes. `docs/protocol.md` §5.
 */
export class SeenMessages {
  private readonly peers: PeerQueries;
  private readonly now: () => number;
  private newer = new Set<string>();
  private older = new Set<string>();

  constructor(peers: PeerQueries, now: () => number) {
    this.peers = peers;
    this.now = now;
  }

  /** Notes a message that may change something; tells whether it is new. */
  note(write: Write, nodeId: string, messageId: string): boolean {
    if (this.isQuestion(nodeId + messageId)) return false;
    return this.peers.insertSeen(write, nodeId, messageId, this.now());
  }

  /** Notes a question; tells whether it is new, as far as that is remembered. */
  noteQuestion(nodeId: string, messageId: string): boolean {
    const id = nodeId + messageId;
    if (this.isQuestion(id) || this.peers.isSeen(nodeId, messageId)) return false;
    if (this.newer.size >= REMEMBERED_MAX) {
      this.older = this.newer;
      this.newer = new Set();
    }
    this.newer.add(id);
    return true;
  }

  private isQuestion(id: string): boolean {
    return this.newer.has(id) || this.older.has(id);
  }
}
