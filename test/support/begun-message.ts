import type { Duplex } from "node:stream";
import type { WireClient } from "./wire-client.ts";

/** Sends the first part of a message as a fragment of its own, and leaves its end out. */
export function beginMessage(
  client: Pick<WireClient, "socket">,
  announced: number,
  bytes: number,
): void {
  const part = Buffer.alloc(bytes, 0x61);
  part.set([0xac, 1, 1, 0x10]);
  part.writeUInt32BE(announced, 4);
  writeFragment(client, 0x02, part);
}

/** Sends the last part of a message that was begun. */
export function endMessage(client: Pick<WireClient, "socket">, bytes: number): void {
  writeFragment(client, 0x80, Buffer.alloc(bytes, 0x61));
}

function writeFragment(client: Pick<WireClient, "socket">, first: number, part: Buffer): void {
  const head = Buffer.alloc(14);
  head.set([first, 0xff]);
  head.writeBigUInt64BE(BigInt(part.length), 2);
  const socket = (client.socket as unknown as { _socket: Duplex })._socket;
  socket.write(Buffer.concat([head, part]));
}
