import { Serving } from "./serving.ts";
import { type StreamsDeps, toStreamParts } from "./stream-parts.ts";
import { Subscribing } from "./subscribing.ts";

/** Sends zones to followers, and follows; `docs/protocol.md` §9.5 and §9.6. */
export class Streams implements AsyncDisposable {
  readonly serving: Serving;
  readonly subscribing: Subscribing;

  constructor(deps: StreamsDeps) {
    const parts = toStreamParts(deps);
    this.serving = new Serving(deps, parts);
    this.subscribing = new Subscribing(deps, parts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.subscribing.follower[Symbol.asyncDispose]();
    await this.serving.feeds[Symbol.asyncDispose]();
  }
}
