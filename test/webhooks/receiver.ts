import { createHmac } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What a receiver got. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read any field
  readonly body: any;
  /** What it was answered with; undefined where it was not. */
  answered?: number;
}

/** A real HTTP server of somebody who wants to hear of events; it can die and come back at its port. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  answer: (response: ServerResponse, received: Received) => void = (response) => {
    response.writeHead(204).end();
  };
  port = 0;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private waiting: (() => void)[] = [];

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await receiver.listen();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  async listen(): Promise<void> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of request) chunks.push(chunk as Buffer);
      } catch {
        return;
      }
      const text = Buffer.concat(chunks).toString();
      const received: Received = { headers: request.headers, text, body: JSON.parse(text) };
      this.received.push(received);
      response.on("finish", () => {
        received.answered = response.statusCode;
        this.wake();
      });
      this.answer(response, received);
      this.wake();
    });
    server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    this.server = server;
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    this.port = (server.address() as AddressInfo).port;
  }

  /** Those that it took. */
  listTaken(): Received[] {
    return this.received.filter(({ answered = 0 }) => answered >= 200 && answered < 300);
  }

  /** Resolves once it is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.waiting.push(resolve));
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

  private wake(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}

/** Which of these secrets signed a request: as the specification of Standard Webhooks says, from scratch. */
export function listSigners({ headers, text }: Received, secrets: readonly string[]): string[] {
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`;
  const given = String(headers["webhook-signature"]).split(" ");
  return secrets.filter((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    return given.includes(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  });
}
