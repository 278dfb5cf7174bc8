import { expect } from "vitest";
import { writeCanonicalJson } from "../wire/independent/canonical-json.ts";
import { type ChainedEntry, verifyChain, type ZoneFile } from "./zone-file.ts";

interface Attempt {
  readonly nodeId: string;
  readonly content: unknown;
  /** AtlasMessage ids under which it was sent, where the test knows them. */
  readonly messageIds: string[];
}

/** Everything the agents of a test did and were told, to hold the log against. */
export class Book {
  /** By zmsg id: what an agent tried to say. */
  readonly attempts = new Map<string, Attempt>();
  /** By zmsg id: the place the steward acknowledged. */
  readonly sent = new Map<string, number>();
  /** Node ids whose last acknowledged change was a join or a leave; none is under way. */
  readonly membership = new Map<string, "joined" | "left" | "unknown">();
  /** By seq: what any agent was handed, as canonical JSON. */
  readonly delivered = new Map<number, string>();
  /** Anything an agent was told that it should not have been. */
  readonly problems: string[] = [];
  private acknowledged = 0;
  private readonly waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  /** Notes one acknowledgement, of whatever kind. */
  note(): void {
    this.acknowledged++;
    for (const waiter of [...this.waiting]) {
      if (this.acknowledged < waiter.count) continue;
      this.waiting.splice(this.waiting.indexOf(waiter), 1);
      waiter.resolve();
    }
  }

  /** Resolves after that many further acknowledgements. */
  after(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ count: this.acknowledged + count, resolve });
    });
  }

  /** Notes the place of a message; a message has one place for ever. */
  noteSent(id: string, seq: number): void {
    const before = this.sent.get(id) ?? seq;
    if (before !== seq) this.problems.push(`${id} is at ${before} and at ${seq}`);
    this.sent.set(id, seq);
    this.note();
  }

  /** Notes a delivery; the same place holds the same thing for everybody. */
  noteDelivery(body: Readonly<Record<string, unknown>>): void {
    const text = writeCanonicalJson(body);
    const before = this.delivered.get(body.seq as number) ?? text;
    if (before !== text) this.problems.push(`two deliveries at ${body.seq}: ${before} ${text}`);
    this.delivered.set(body.seq as number, text);
  }

  /** Holds the file a killed steward left against everything that was acknowledged or delivered. */
  check(zoneId: string, file: ZoneFile): void {
    expect(this.problems).toEqual([]);
    const { entries } = file;
    expect(verifyChain(zoneId, entries)).toBe(file.headHash);
    expect(file.headSeq).toBe(entries.length);
    this.checkMembers(file);
    this.checkMessages(file);
    for (const [seq, text] of this.delivered) {
      expect(text).toBe(writeCanonicalJson(toDelivery(entries[seq - 1])));
    }
  }

  private checkMembers({ entries, members, memberCount }: ZoneFile): void {
    expect(members.length).toBe(memberCount);
    const logged = new Set<string>();
    for (const { entry } of entries) {
      if (entry.data.event === "joined") logged.add(entry.node_id);
      if (entry.data.event === "left") logged.delete(entry.node_id);
    }
    expect([...members].sort()).toEqual([...logged].sort());
    for (const [nodeId, state] of this.membership) {
      if (state !== "unknown") expect(logged.has(nodeId)).toBe(state === "joined");
    }
  }

  private checkMessages({ entries, seen }: ZoneFile): void {
    const logged = new Map<unknown, ChainedEntry["entry"]>();
    for (const { entry } of entries) {
      if (entry.kind === "message") logged.set(entry.data.id, entry);
    }
    for (const [id, seq] of this.sent) expect(logged.get(id)?.seq, id).toBe(seq);
    for (const [id, entry] of logged) {
      const attempt = this.attempts.get(id as string);
      expect(attempt?.nodeId).toBe(entry.node_id);
      expect(attempt?.content).toEqual(entry.data.content);
    }
    for (const [id, { nodeId, messageIds }] of this.attempts) {
      // Acknowledgement, deduplication row and effect are one thing: all there or none.
      const remembered = messageIds.some((messageId) => seen.has(`${nodeId} ${messageId}`));
      if (messageIds.length > 0) expect(remembered, id).toBe(logged.has(id));
    }
  }
}

/** The body in which a member hears of an entry; `docs/protocol.md` §6. */
export function toDelivery(chained: ChainedEntry | undefined): Record<string, unknown> {
  if (chained === undefined) return {};
  const { zone_id, seq, timestamp, kind, node_id, data } = chained.entry;
  if (kind === "message") {
    return { type: "zone.message", zone_id, seq, from: node_id, timestamp, ...data };
  }
  return { type: "zone.event", zone_id, seq, node_id, timestamp, ...data };
}
