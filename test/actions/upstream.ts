import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect } from "vitest";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

/** A request an upstream got. */
export interface Received {
  readonly method: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read any field
  readonly body: any;
}

type Answer = (response: ServerResponse, received: Received) => void;

/** A real HTTP server whose answer a test chooses, and that can die and come back. */
export class Upstream implements AsyncDisposable {
  readonly received: Received[] = [];
  answer: Answer = (response) => json(response, 200, { ok: true });
  port = 0;
  /** Connections that came. */
  connections = 0;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private waiting: (() => void)[] = [];

  static async start(host = "127.0.0.1"): Promise<Upstream> {
    const upstream = new Upstream();
    await upstream.listen(host);
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/run`;
  }

  /** Listens, on the port it had before where there was one. */
  async listen(host = "127.0.0.1"): Promise<void> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const { method, headers } = request;
      const received = { method, headers, text, body: JSON.parse(text) };
      this.received.push(received);
      for (const wake of this.waiting.splice(0)) wake();
      this.answer(response, received);
    });
    server.on("connection", (socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, host, resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  /** Resolves once this many requests have come. */
  async got(count: number): Promise<void> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Cuts every connection and refuses new ones. */
  async die(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.die();
  }
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** A steward with one zone, and a member to ask for its actions. */
export interface Rig extends AsyncDisposable {
  readonly steward: TestSteward;
  readonly client: WireClient;
  readonly zoneId: string;
  /** Asks for an action under a new request id. */
  ask(action: string, params?: object): Promise<Reply>;
}

/** Boots a steward with these handlers, each of its own free action. */
export async function startRig(
  handlers: Record<string, unknown>,
  options: { nowMs?: () => number; config?: Record<string, unknown> } = {},
): Promise<Rig> {
  const { nowMs, config } = options;
  const steward = await startSteward({
    config: { handlers: { "*": handlers }, ...config },
    ...(nowMs && { nowMs }),
  });
  const zoneId = await steward.createZone({
    actions: Object.keys(handlers).map((name) => ({ name, description: "An action." })),
  });
  const client = await WireClient.connect(steward.wireUrl);
  expect((await client.ask({ type: "zone.join", zone_id: zoneId })).type).toBe("zone.joined");
  let count = 0;
  return {
    steward,
    client,
    zoneId,
    ask: (action, params = {}) =>
      client.ask({
        type: "zone.request",
        request_id: `req_${count++}`,
        zone_id: zoneId,
        action,
        params,
      }),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await steward[Symbol.asyncDispose]();
    },
  };
}
