import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Logger } from "./base/log.ts";
import type { Config } from "./config/config.ts";

/** From one look at the public URL to the next. */
const LOOK_MS = 300_000;
const TIMEOUT_MS = 5_000;
const ANSWER_CHARS_MAX = 1_000_000;
/** What was seen is told for so long. */
const SHOWN_SECS = 3_600;

const descriptionSchema = z.object({ node_id: z.string() });

/** Names the process that answers: another one with the same node id is a copy. */
export const INSTANCE_HEADER = "X-Steward-Instance";

export interface TwinWatchDeps {
  readonly config: Pick<Config, "http">;
  readonly key: { readonly nodeId: string };
  readonly log: Logger;
  /** Unix seconds. */
  readonly now: () => number;
}

/**
 * Notices another process that is this steward, too: a copy of the data directory that was started while
 * the original runs. It answers in this one's place at the public URL, or connects with this one's node
 * key; `docs/operations.md`, A copy beside the original.
 */
export class TwinWatch implements Disposable {
  /** Of this process; public. */
  readonly instanceId = randomUUID();
  private readonly deps: TwinWatchDeps;
  private readonly stop = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private seen: { readonly where: string; readonly at: number } | undefined;

  constructor(deps: TwinWatchDeps) {
    this.deps = deps;
  }

  /** Looks at the public URL, where there is one, now and from time to time. */
  start(): void {
    if (this.deps.config.http.public_url === undefined) return;
    const look = (): void => {
      this.look().catch((err: unknown) =>
        this.deps.log.debug({ err }, "the public URL did not answer this steward itself"),
      );
    };
    look();
    this.timer = setInterval(look, LOOK_MS).unref();
  }

  /** Somebody proved to have this steward's own node key. */
  noteSession(nodeId: string): void {
    if (nodeId === this.deps.key.nodeId) this.note("a session with this steward's own node key");
  }

  /** What an operator has to know. */
  findProblems(): readonly { readonly key: string; what: string; remedy: string }[] {
    const { seen, deps } = this;
    if (seen === undefined || deps.now() - seen.at > SHOWN_SECS) return [];
    const problem = {
      key: "http.public_url",
      what: `another process is this steward, too (${seen.where})`,
      remedy: "End one of the two: both have the same keys and the same wallet.",
    };
    return [problem];
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
    this.stop.abort();
  }

  private async look(): Promise<void> {
    const url = new URL("/.well-known/atlas.json", this.deps.config.http.public_url);
    url.protocol = url.protocol.replace(/^ws/, "http");
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.stop.signal]);
    const response = await fetch(url, { signal });
    const text = (await response.text()).slice(0, ANSWER_CHARS_MAX);
    const found = descriptionSchema.safeParse(JSON.parse(text)).data;
    if (found?.node_id !== this.deps.key.nodeId) return;
    const instanceId = response.headers.get(INSTANCE_HEADER);
    if (instanceId !== null && instanceId !== this.instanceId)
      this.note("it answers at http.public_url");
  }

  private note(where: string): void {
    this.seen = { where, at: this.deps.now() };
    this.deps.log.error(
      { where },
      "ALARM: another process is this steward, too; end one of the two",
    );
  }
}
