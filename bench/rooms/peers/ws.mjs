// Raw `ws`: `node ws.mjs` serves and prints its port; `connect` is its load. A frame is an operation's letter and a text.
import { WebSocket, WebSocketServer } from "ws";
import { isServing, ready } from "./serving.mjs";

const OPTIONS = { perMessageDeflate: false };

function serve() {
  const rooms = new Map();
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...OPTIONS });
  server.on("connection", (socket) => {
    let room;
    const leave = () => room?.delete(socket);
    socket.on("close", leave);
    socket.on("message", (data) => {
      const text = data.toString();
      const content = text.slice(1);
      if (text[0] === "e") socket.send(`r${content}`);
      else if (text[0] === "m") {
        const frame = `m${content}`;
        for (const member of room) if (member !== socket) member.send(frame);
        socket.send("k");
      } else if (text[0] === "j") {
        room = rooms.get(content) ?? new Set();
        rooms.set(content, room.add(socket));
        socket.send("j");
      } else if (text[0] === "l") {
        leave();
        socket.send("l");
      }
    });
  });
  server.on("listening", () => ready(server.address().port));
}

/** Connects; what happens is told to `on`. */
export async function connect(port, on) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, OPTIONS);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const told = { r: on.reply, k: on.sent, m: on.delivery, j: on.joined, l: on.left };
  socket.on("message", (data) => told[String.fromCharCode(data[0])]());
  return {
    ask: (text) => socket.send(`e${text}`),
    say: (text) => socket.send(`m${text}`),
    join: (room) => socket.send(`j${room}`),
    leave: () => socket.send("l"),
    close: () => socket.terminate(),
  };
}

if (isServing(import.meta.url)) serve();
