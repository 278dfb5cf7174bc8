import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Which way bytes go: `there` from who dials to who is dialed, `back` the other way. */
export type Way = "there" | "back";

interface Pair {
  readonly dialer: Socket;
  readonly target: Socket;
}

/** Stands between two stewards, or an agent and its steward, and cuts, halves and delays what goes through. */
export class LinkProxy implements AsyncDisposable {
  readonly url: string;
  private readonly server: Server;
  private target: URL;
  private readonly pairs = new Set<Pair>();
  private readonly swallowed = new Set<Way>();
  private delayMs = 0;
  private isCut = false;

  private constructor(server: Server, targetUrl: string) {
    this.server = server;
    this.target = new URL(targetUrl);
    const url = new URL(targetUrl);
    url.port = String((server.address() as AddressInfo).port);
    this.url = url.href;
    server.on("connection", (socket) => this.accept(socket));
  }

  /**
   * Listens on a port of its own.
   * @param targetUrl the wire URL that is behind it
   */
  static async open(targetUrl: string): Promise<LinkProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new LinkProxy(server, targetUrl);
  }

  /** How many connections are open. */
  get count(): number {
    return this.pairs.size;
  }

  /** Leads to another wire URL from now on: whoever is behind it was started anew. */
  lead(targetUrl: string): void {
    this.target = new URL(targetUrl);
    this.breakAll();
  }

  /** Breaks every connection and refuses new ones. */
  cut(): void {
    this.isCut = true;
    this.breakAll();
  }

  /** Breaks every connection; new ones are taken. */
  breakAll(): void {
    for (const { dialer, target } of this.pairs) {
      dialer.destroy();
      target.destroy();
    }
  }

  /** Lets bytes of one way vanish, the connections open: who sends them hears nothing of it. */
  swallow(way: Way): void {
    this.swallowed.add(way);
  }

  /** Holds everything back for so long, in its order. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** Passes everything again. Connections of which something vanished are broken: what came would be no frames. */
  heal(): void {
    this.isCut = false;
    this.delayMs = 0;
    if (this.swallowed.size > 0) this.breakAll();
    this.swallowed.clear();
  }

  private accept(dialer: Socket): void {
    dialer.on("error", () => dialer.destroy());
    if (this.isCut) {
      dialer.destroy();
      return;
    }
    const target = connect(Number(this.target.port), this.target.hostname);
    const pair = { dialer, target };
    this.pairs.add(pair);
    target.on("error", () => target.destroy());
    this.carry("there", dialer, target);
    this.carry("back", target, dialer);
    const forget = () => {
      dialer.destroy();
      target.destroy();
      this.pairs.delete(pair);
    };
    dialer.on("close", forget);
    target.on("close", forget);
  }

  private carry(way: Way, from: Socket, to: Socket): void {
    let last = Promise.resolve();
    from.on("data", (bytes) => {
      if (this.swallowed.has(way)) return;
      const dueMs = performance.now() + this.delayMs;
      last = last.then(async () => {
        const waitMs = dueMs - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        if (!to.destroyed) to.write(bytes);
      });
    });
    from.on("end", () => to.end());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.breakAll();
    this.server.close();
    await once(this.server, "close");
  }
}
