import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** How long a refused peer may take to read why. */
const GRACE_MS = 1000;

/**
 * Answers a socket that left HTTP (an upgrade, a CONNECT) with a status and no body, then destroys it:
 * ended only, it would stay half open for as long as its peer likes.
 * @param headers further header lines, without line ends
 */
export function refuseSocket(
  socket: Duplex,
  status: number,
  headers: readonly string[] = [],
): void {
  socket.on("error", () => socket.destroy());
  const timer = setTimeout(() => socket.destroy(), GRACE_MS);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
  // Unread bytes would make the close a reset, which may overtake the answer.
  socket.resume();
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, "Connection: close", ...headers];
  socket.end(`${[...lines, "Content-Length: 0"].join("\r\n")}\r\n\r\n`);
}
