import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "../../../src/client/agent.ts";
import { createId } from "../../../src/protocol/ids.ts";

/** Something of a zone that was acknowledged to who sent it. */
export interface Acknowledged {
  readonly seq: number;
  readonly id: string;
}

/** A member that sends until it is told the outcome, and keeps what it is shown, in the order of that. */
export class Talker {
  readonly agent: Agent;
  readonly shown: number[] = [];
  readonly sent: Acknowledged[] = [];
  rewinds = 0;
  joinedAt = 0;
  private readonly zoneId: string;

  private constructor(agent: Agent, zoneId: string) {
    this.agent = agent;
    this.zoneId = zoneId;
    agent.on("message", ({ seq }) => this.shown.push(seq));
    agent.on("event", ({ seq }) => this.shown.push(seq));
    agent.on("rewound", () => {
      this.rewinds += 1;
    });
  }

  /** Connects to the first of the URLs that answers, and joins. */
  static async join(urls: readonly string[], zoneId: string): Promise<Talker> {
    const agent = await insist(() =>
      Agent.connect(urls, {
        key: crypto.getRandomValues(new Uint8Array(32)),
        name: "talker",
        pacing: false,
        pingIntervalMs: 2000,
        reconnect: { initialDelayMs: 50, maxDelayMs: 500 },
      }),
    );
    const talker = new Talker(agent, zoneId);
    const { seq } = await insist(() => agent.join(zoneId));
    talker.joinedAt = seq;
    return talker;
  }

  /** Sends a message under one id until it is acknowledged. */
  async say(content: string): Promise<void> {
    const id = createId("zmsg");
    const { seq } = await insist(() => this.agent.send(this.zoneId, content, { id }));
    this.sent.push({ seq, id });
  }

  /** The entries since it joined up to `last` that it was neither shown nor told as its own. */
  listMissed(last: number): number[] {
    const seen = new Set([...this.shown, ...this.sent.map(({ seq }) => seq)]);
    const since = Array.from({ length: last - this.joinedAt }, (_, i) => this.joinedAt + 1 + i);
    return since.filter((seq) => !seen.has(seq));
  }
}

/** Repeats what may be repeated until it succeeds, for two minutes at most. */
export async function insist<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const endMs = performance.now() + 120_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await sleep(100);
    }
  }
}
