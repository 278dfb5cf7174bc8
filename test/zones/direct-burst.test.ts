import { expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

const SENDERS = 16;

test.each([
  ["large", 150_000],
  ["small", 100_000],
])(
  "%s direct messages that come in one turn reach a receiver that reads, each once",
  async (_name, chars) => {
    await using steward = await startSteward({
      // All of them are handled, and so handed over, in one turn.
      config: { wire: { outbound_bytes_max: 1_300_000, turn_ms: 1000 } },
    });
    const zone_id = await steward.createZone();
    await using bob = await WireClient.connect(steward.wireUrl);
    await bob.ask({ type: "zone.join", zone_id });
    await using stack = new AsyncDisposableStack();
    const senders: WireClient[] = [];
    for (let i = 0; i < SENDERS; i++) {
      const sender = stack.use(await WireClient.connect(steward.wireUrl));
      await sender.ask({ type: "zone.join", zone_id });
      senders.push(sender);
    }
    const body = { type: "x", text: "x".repeat(chars) };
    const ids = senders.map((sender) => sender.sendBody(body, { to: bob.nodeId }));
    const got: unknown[] = [];
    while (got.length < SENDERS) {
      const { fields } = await bob.take((e) => ids.includes(e.fields.id as string));
      bob.send("message_ack", { msg_id: fields.id, status: "received" });
      got.push(fields.id);
    }
    expect(got.toSorted()).toEqual(ids.toSorted());
    expect(bob.received.some((e) => ids.includes(e.fields.id as string))).toBe(false);
  },
);
