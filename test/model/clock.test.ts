import { expect, test } from "vitest";
import { createId } from "../../src/wire/ids.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

const START_MS = 1_790_000_000_000;

/** Talks to a steward whose clock is set, with limits that a few messages reach. */
async function openTalk() {
  let nowMs = START_MS;
  const steward = await startSteward({
    nowMs: () => nowMs,
    config: {
      limits: {
        unknown: { messages_per_second: 20, messages_per_minute: 30, bytes_per_minute: 100_000 },
        zone: { messages_per_minute: 10 },
        violations: 1000,
      },
    },
  });
  const zone_id = await steward.createZone();
  const timestamp = () => Math.floor(nowMs / 1000);
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
    jump: (secs: number) => {
      nowMs += secs * 1000;
    },
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await steward[Symbol.asyncDispose]();
    },
  };
}

test("a clock that is set back does not hold messages up until it has caught up", async () => {
  await using talk = await openTalk();
  await talk.join();
  for (let i = 0; i < 10; i++) expect(await talk.say()).toMatchObject({ type: "zone.sent" });
  expect(await talk.say()).toMatchObject({ code: "rate_limited" });
  for (let i = 0; i < 8; i++) expect(await talk.inspect()).toMatchObject({ type: "zone.manifest" });
  expect(await talk.inspect()).toMatchObject({ code: 4001 });
  talk.jump(-3600);
  // The bucket of a second is still empty; it fills from here.
  expect(await talk.inspect()).toMatchObject({ code: 4001 });
  talk.jump(2);
  expect(await talk.say()).toMatchObject({ type: "zone.sent" });
  for (let i = 0; i < 19; i++)
    expect(await talk.inspect()).toMatchObject({ type: "zone.manifest" });
});

test("a clock that is set back by seconds opens no second window", async () => {
  await using talk = await openTalk();
  await talk.join();
  for (let i = 0; i < 10; i++) await talk.say();
  talk.jump(-30);
  expect(await talk.say()).toMatchObject({ code: "rate_limited" });
  talk.jump(30 + 60);
  expect(await talk.say()).toMatchObject({ type: "zone.sent" });
});
