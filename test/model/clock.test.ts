import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

const START_MS = 1_790_000_000_000;

/** Talks to a steward whose clocks are set, with limits that a few messages reach. */
async function openTalk() {
  let wallMs = START_MS;
  let monotonicMs = 0;
  const steward = await startSteward({
    nowMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    config: {
      limits: {
        unknown: { messages_per_second: 20, messages_per_minute: 30, bytes_per_minute: 100_000 },
        zone: { messages_per_minute: 10 },
        violations: 1000,
      },
    },
  });
  const zone_id = await steward.createZone();
  const timestamp = () => Math.floor(wallMs / 1000);
  const client = await WireClient.connect(steward.wireUrl, { hello: { timestamp: timestamp() } });
  const ask = async (body: object) => {
    const id = client.sendBody(body, { timestamp: timestamp() });
    const { type, fields } = await client.take(
      (e) => e.fields.reply_to === id || (e.type === "error" && e.fields.ref_msg_id === id),
    );
    return type === "error" ? fields : (fields.body as Record<string, unknown>);
  };
  const id = () => createId("zmsg");
  return {
    join: () => ask({ type: "zone.join", zone_id }),
    inspect: () => ask({ type: "zone.inspect", zone_id }),
    say: () => ask({ type: "zone.message", zone_id, id: id(), content: 1 }),
    /** Time goes by. */
    pass: (secs: number) => {
      wallMs += secs * 1000;
      monotonicMs += secs * 1000;
    },
    /** Somebody sets the clock. */
    setBy: (secs: number) => {
      wallMs += secs * 1000;
    },
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await steward[Symbol.asyncDispose]();
    },
  };
}

test.each([-3600, -30, 30, 3600])(
  "a clock that is set by %i s makes no message of a conforming sender a violation, and none of a flooder pass",
  async (secs) => {
    await using talk = await openTalk();
    await talk.join();
    for (let i = 0; i < 10; i++) expect(await talk.say()).toMatchObject({ type: "zone.sent" });
    talk.setBy(secs);
    // What was counted before counts on: the zone's minute and the bucket of a second.
    expect(await talk.say()).toMatchObject({ code: "rate_limited" });
    for (let i = 0; i < 8; i++) {
      expect(await talk.inspect()).toMatchObject({ type: "zone.manifest" });
    }
    expect(await talk.inspect()).toMatchObject({ code: 4001 });
    talk.pass(1);
    for (let i = 0; i < 10; i++) {
      expect(await talk.inspect()).toMatchObject({ type: "zone.manifest" });
    }
    expect(await talk.inspect()).toMatchObject({ code: 4001 });
    talk.pass(60);
    expect(await talk.say()).toMatchObject({ type: "zone.sent" });
    for (let i = 0; i < 19; i++) {
      expect(await talk.inspect()).toMatchObject({ type: "zone.manifest" });
    }
  },
);
