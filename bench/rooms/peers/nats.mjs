// NATS core, which keeps nothing: its server is a program of its own, started by the bench; `connect` is its load.
// A publisher hears of nothing by itself: it asks a subscription of its own for what it sent.
import { connect as open, StringCodec } from "nats";

const codec = StringCodec();

/** Connects; what happens is told to `on`. */
export async function connect(port, on) {
  const connection = await open({ servers: `127.0.0.1:${port}`, reconnect: false });
  const own = `own.${Math.random().toString(36).slice(2)}`;
  connection.subscribe(own, { callback: on.reply });
  let room;
  let subscription;
  let unheard = 0;
  return {
    ask: (text) => connection.publish(own, codec.encode(text)),
    say: (text) => {
      unheard++;
      connection.publish(room, codec.encode(text));
    },
    join: async (name) => {
      room = `room.${name}`;
      subscription = connection.subscribe(room, {
        callback: () => {
          if (unheard === 0) return on.delivery();
          // Its own messages come back in order among the others': as many as it sent are counted as sent.
          unheard--;
          on.sent();
        },
      });
      await connection.flush();
      on.joined();
    },
    leave: async () => {
      subscription.unsubscribe();
      await connection.flush();
      on.left();
    },
    close: () => void connection.close(),
  };
}
