import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { encodeEnvelope, HEADER_BYTES, PAYLOAD_BYTES_MAX } from "../../src/wire/envelope.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

test("a message as long as an envelope carries is delivered, read from history, and bounded", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  await using alice = await WireClient.connect(steward.wireUrl);
  await using bob = await WireClient.connect(steward.wireUrl);
  await alice.ask({ type: "zone.join", zone_id });
  await bob.ask({ type: "zone.join", zone_id });
  const say = (content: string) => {
    return alice.ask({ type: "zone.message", zone_id, id: createId("zmsg"), content });
  };
  // The longest content that is taken, by halving what is between taken and refused.
  let taken = PAYLOAD_BYTES_MAX - 16_384;
  let refused = PAYLOAD_BYTES_MAX - 380;
  expect((await say("x".repeat(refused))).code).toBe("invalid_params");
  expect((await say("x".repeat(taken))).type).toBe("zone.sent");
  while (refused - taken > 1) {
    const middle = (taken + refused) >> 1;
    const answer = await say("x".repeat(middle));
    if (answer.type === "zone.sent") taken = middle;
    else {
      expect(answer.code).toBe("invalid_params");
      refused = middle;
    }
  }
  const { seq } = await say("y".repeat(taken));
  const delivered = await bob.take(
    (e) => e.type === "message" && (e.fields.body as { seq: number }).seq === seq,
  );
  expect((delivered.fields.body as { content: string }).content).toBe("y".repeat(taken));
  expect(delivered.payload.length).toBeGreaterThan(PAYLOAD_BYTES_MAX - 10_000);
  const request_id = "r".repeat(128);
  const after_seq = seq - 1;
  const page = await bob.ask({ type: "zone.history", request_id, zone_id, after_seq, limit: 500 });
  expect(page.entries).toHaveLength(1);
  expect(page.entries[0].entry.data.content).toBe("y".repeat(taken));
});

test("an envelope of exactly 4 MiB is taken, whatever it holds", async () => {
  await using steward = await startSteward();
  await using client = await WireClient.connect(steward.wireUrl);
  const empty = encodeEnvelope("ping", { ts: 3, pad: "p".repeat(70_000) }).length - 70_000;
  const pad = "p".repeat(HEADER_BYTES + PAYLOAD_BYTES_MAX - empty);
  const envelope = encodeEnvelope("ping", { ts: 3, pad });
  expect(envelope.length).toBe(HEADER_BYTES + PAYLOAD_BYTES_MAX);
  client.sendBytes(envelope);
  expect((await client.next("pong")).fields.echo).toBe(3);
});

test("params that would not fit a provider's invocation are refused before anything else happens", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const params = { text: "\u20ac".repeat((PAYLOAD_BYTES_MAX - 350) / 3) };
  const body = { type: "zone.request", zone_id, request_id: "echo", action: "echo", params };
  const answer = await client.ask(body);
  expect(answer).toMatchObject({ type: "zone.error", code: "invalid_params", request_id: "echo" });
  expect((await client.ask({ type: "zone.discover" })).type).toBe("zone.directory");
});

test("a request_id that no answer could repeat is refused without it, never with 5001", async () => {
  await using steward = await startSteward();
  await using client = await WireClient.connect(steward.wireUrl);
  for (const type of ["zone.discover", "zone.request", "zone.receipt"]) {
    const request_id = "r".repeat(PAYLOAD_BYTES_MAX - 340);
    const answer = await client.ask({ type, request_id });
    expect(answer).toMatchObject({ type: "zone.error", code: "invalid_params" });
    expect(answer.request_id).toBeUndefined();
    expect(answer.message).toContain("request_id");
  }
});

test("history, members and directory are cut into pages by their bytes: none is too large to send", async () => {
  await using steward = await startSteward();
  const wide = "\u6f22";
  const zones: string[] = [];
  for (let i = 0; i < 48; i++) {
    const entrypoints = Array.from(
      { length: 64 },
      (_, at) => `wss://steward-${at}.example/${wide.repeat(480)}`,
    );
    zones.push(await steward.createZone({ name: `zone ${i}`, entrypoints }));
  }
  const zone_id = zones[0] as string;
  await using reader = await WireClient.connect(steward.wireUrl, { name: "reader" });
  await reader.ask({ type: "zone.join", zone_id });
  const skills = Array.from({ length: 41 }, (_, at) => `${wide.repeat(62)}${at}`);
  for (let i = 0; i < 440; i++) {
    await using member = await WireClient.connect(steward.wireUrl, { skills });
    const joined = await member.ask({ type: "zone.join", zone_id });
    expect(joined.type).toBe("zone.joined");
  }
  for (let i = 0; i < 5; i++) {
    const content = wide.repeat(400_000);
    const sent = await reader.ask({
      type: "zone.message",
      zone_id,
      id: createId("zmsg"),
      content,
    });
    expect(sent.type).toBe("zone.sent");
  }
  const pages = { history: 0, members: 0, directory: 0 };
  let entries = 0;
  for (let after_seq = 0, head = 1; after_seq < head; pages.history++) {
    const page = await reader.ask({ type: "zone.history", zone_id, after_seq, limit: 500 });
    entries += page.entries.length;
    after_seq = page.entries.at(-1).entry.seq;
    head = page.head_seq;
  }
  const readAll = async (type: string, field: "members" | "zones", name: keyof typeof pages) => {
    const items: unknown[] = [];
    for (let cursor: string | undefined, more = true; more; pages[name]++) {
      const limit = type === "zone.members" ? 500 : 100;
      const page = await reader.ask({ type, zone_id, limit, ...(cursor && { cursor }) });
      items.push(...page[field]);
      cursor = page.next_cursor;
      more = cursor !== undefined;
    }
    return items;
  };
  expect(await readAll("zone.members", "members", "members")).toHaveLength(441);
  expect(await readAll("zone.discover", "zones", "directory")).toHaveLength(48);
  expect(entries).toBe(1 + 441 + 5);
  expect(Math.min(...Object.values(pages))).toBeGreaterThan(1);
  expect(reader.received.filter(({ type }) => type === "error")).toEqual([]);
});
