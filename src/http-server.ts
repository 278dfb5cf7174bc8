import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { StartupError } from "./base/startup-error.ts";
import { refuseSocket } from "./transport/refuse-socket.ts";

const CONNECTIONS_CHECKING_MS = 5_000;
/** A socket on which nothing moves, a response that nobody reads included. */
const IDLE_TIMEOUT_MS = 300_000;
/** For answers to reach those who read them, at the end. */
const SENDING_MS = 500;

/** Answers HTTP requests. */
export interface FetchHandler {
  /** @param env what came with it: the request of `node:http` as `incoming` */
  fetch(request: Request, env: object): Response | Promise<Response>;
}

/** A bound HTTP server. */
export interface HttpListener extends AsyncDisposable {
  readonly server: Server;
  /** `host:port`, with the port that was bound. */
  readonly authority: string;
  /** Answers requests from now on by another handler. */
  serve(app: FetchHandler): void;
  /** Waits until the requests that came before are answered, at most so many milliseconds. */
  idle(ms: number): Promise<void>;
}

/**
 * Binds an HTTP server.
 * @param first answers until another handler is set
 * @param address port 0 takes a free one; `nextPorts` are tried where the port is taken
 * @throws StartupError when the port is taken, or cannot be listened on
 */
export async function listenHttp(
  first: FetchHandler,
  address: {
    readonly host: string;
    readonly port: number;
    readonly nextPorts?: readonly number[] | undefined;
    /** How long a request's headers, and all of it, may take to arrive. */
    readonly headers_timeout_ms: number;
    readonly request_timeout_ms: number;
  },
): Promise<HttpListener> {
  let app = first;
  const underWay = new Set<Promise<unknown>>();
  const answer = async (request: Request, env: object): Promise<Response> => {
    const answered = Promise.resolve(app.fetch(request, env));
    underWay.add(answered);
    return await answered.finally(() => underWay.delete(answered));
  };
  const server = createAdaptorServer({
    fetch: answer,
    serverOptions: {
      headersTimeout: Math.min(address.headers_timeout_ms, address.request_timeout_ms),
      requestTimeout: address.request_timeout_ms,
      connectionsCheckingInterval: Math.min(
        CONNECTIONS_CHECKING_MS,
        Math.ceil(address.headers_timeout_ms / 2),
      ),
    },
  }) as Server;
  server.setTimeout(IDLE_TIMEOUT_MS);
  server.on("connect", (_request, socket) => refuseSocket(socket, 405));
  await listenAt(server, address.host, [address.port, ...(address.nextPorts ?? [])]);
  const { port } = server.address() as AddressInfo;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return {
    server,
    authority: `${host}:${port}`,
    serve: (next) => {
      app = next;
    },
    idle: async (ms) => {
      const timeout = new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
      await Promise.race([Promise.allSettled([...underWay]), timeout]);
      // The answers are on their way once what was begun in this turn is.
      await new Promise((resolve) => setImmediate(resolve));
    },
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

/** Listens at the first port that is free. */
async function listenAt(server: Server, host: string, ports: readonly number[]): Promise<void> {
  const [port, ...others] = ports;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    if (!isTaken || others.length === 0) throw toListenError(error, host, port);
    await listenAt(server, host, others);
  }
}

/** Says what is wrong with the address, by the system's code. */
function toListenError(cause: unknown, host: string, port: number | undefined): StartupError {
  const { code } = cause as NodeJS.ErrnoException;
  const where = `${host}:${port}`;
  switch (code) {
    case "EADDRINUSE":
      return new StartupError(
        `Port ${port} of ${host} is taken by another process: end that one, or set http.port (--port).`,
        { cause },
      );
    case "EACCES":
      return new StartupError(
        `${where} may not be listened on by this user: take an http.port from 1024 on, behind a proxy.`,
        { fault: "usage", cause },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return new StartupError(
        `http.host: ${host} is no address of this machine (${code}); 0.0.0.0 or :: are all of them.`,
        { fault: "usage", cause },
      );
    default:
      return new StartupError(
        `${where} cannot be listened on (${code}): see http.host, http.port.`,
        {
          cause,
        },
      );
  }
}

/** Closes once the answers that were given are sent, which is not waited for long. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), SENDING_MS);
  await closed;
  clearTimeout(timer);
}

/** The URL agents connect to: the public one where it is configured. */
export function toWireUrl(publicUrl: string | undefined, authority: string, path: string): string {
  if (publicUrl === undefined) return `ws://${authority}${path}`;
  const url = new URL(publicUrl);
  const secure = url.protocol === "https:" || url.protocol === "wss:";
  return `${secure ? "wss" : "ws"}://${url.host}${path}`;
}
