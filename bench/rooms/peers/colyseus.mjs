// Colyseus: `node colyseus.mjs` serves and prints its port; `connect` is its load. Who joins a room takes a seat over
// HTTP and opens a socket for it, so that there is no socket before and none after: `leave` closes it.
import { Room, Server } from "@colyseus/core";
import { Client } from "@colyseus/sdk";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { isServing, ready } from "./serving.mjs";

class Zone extends Room {
  maxClients = 2_000;
  patchRate = null;

  onCreate() {
    this.onMessage("e", (client, text) => client.send("r", text));
    this.onMessage("m", (client, text) => {
      this.broadcast("m", text, { except: client });
      client.send("k");
    });
  }
}

async function serve() {
  const server = new Server({ transport: new WebSocketTransport(), greet: false });
  server.define("zone", Zone).filterBy(["zone"]);
  const port = Number(process.argv[2]);
  await server.listen(port, "127.0.0.1");
  ready(port);
}

/** Makes a client that has joined nothing; what happens is told to `on`. */
export async function connect(port, on) {
  const client = new Client(`http://127.0.0.1:${port}`);
  let room;
  return {
    ask: (text) => room.send("e", text),
    say: (text) => room.send("m", text),
    join: async (name) => {
      room = await client.joinOrCreate("zone", { zone: name });
      room.onMessage("r", on.reply);
      room.onMessage("k", on.sent);
      room.onMessage("m", on.delivery);
      on.joined();
    },
    leave: async () => {
      await room.leave();
      on.left();
    },
    close: () => void room?.leave(),
  };
}

if (isServing(import.meta.url)) await serve();
