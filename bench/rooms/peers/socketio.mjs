// Socket.IO over WebSocket alone: `node socketio.mjs` serves and prints its port; `connect` is its load.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { isServing, ready } from "./serving.mjs";

function serve() {
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
  server.on("connection", (socket) => {
    socket.on("e", (text, answer) => answer(text));
    socket.on("m", (room, text, answer) => {
      socket.to(room).emit("m", text);
      answer();
    });
    socket.on("j", (room, answer) => {
      socket.join(room);
      answer();
    });
    socket.on("l", (room, answer) => {
      socket.leave(room);
      answer();
    });
  });
  http.listen(0, "127.0.0.1", () => ready(http.address().port));
}

/** Connects; what happens is told to `on`. */
export async function connect(port, on) {
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
  });
  await new Promise((resolve, reject) =>
    socket.once("connect", resolve).once("connect_error", reject),
  );
  socket.on("m", on.delivery);
  let joined;
  return {
    ask: (text) => socket.emit("e", text, on.reply),
    say: (text) => socket.emit("m", joined, text, on.sent),
    join: (room) => {
      joined = room;
      socket.emit("j", room, on.joined);
    },
    leave: () => socket.emit("l", joined, on.left),
    close: () => socket.disconnect(),
  };
}

if (isServing(import.meta.url)) serve();
