import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { ZONE_ID } from "../support/streaming-node.ts";
import { createPair, ids, record } from "../support/streaming-pair.ts";

describe("a follower", () => {
  test("gets a snapshot first, then each commit, and holds what the primary holds", async () => {
    const { primary, follower } = createPair();
    for (const id of ids(30)) primary.admit(id);
    for (let i = 0; i < 50; i++) primary.say({ i });
    follower.follow(primary);
    await follower.level(primary);
    expect(follower.content()).toEqual(primary.content());

    primary.say("after");
    primary.expel(ids(1)[0] ?? "");
    await follower.level(primary);

    expect(follower.content()).toEqual(primary.content());
    await primary.until(() => primary.acks.some((ack) => "n" in ack && ack.n === 82));
  });

  test("that was away is streamed what it lacks, with no second snapshot", async () => {
    const { primary, follower } = createPair();
    primary.say("one");
    const first = follower.follow(primary);
    await follower.level(primary);
    first.cut();
    for (let i = 0; i < 20; i++) primary.say({ i });

    const { served } = follower.dial(primary);
    const sent = record(served);
    await follower.level(primary);

    expect(follower.content()).toEqual(primary.content());
    expect(sent.map(({ type }) => type)).not.toContain("zone.snapshot");
  });

  test("is sent what stands, where a commit of the same turn was taken back", async () => {
    const { primary, follower } = createPair();
    primary.say("one");
    follower.follow(primary);
    await follower.level(primary);
    primary.say("two");
    const { store } = primary;
    const takeBack = () =>
      store.write(() => {
        store.operate(() => primary.say("gone"));
        throw new Error("taken back");
      });
    expect(takeBack).toThrow("taken back");
    primary.say("three");
    await follower.level(primary);

    expect(follower.content()).toEqual(primary.content());
    expect(JSON.stringify(follower.content())).not.toContain("gone");
    expect(JSON.stringify(follower.content())).toContain("three");
  });

  test("that started anew is streamed on from what it holds on disk", async () => {
    const { primary, follower, open } = createPair();
    primary.say("one");
    follower.follow(primary).cut();
    follower.follow(primary);
    await follower.level(primary);
    await follower[Symbol.asyncDispose]();
    primary.say("two");

    const again = open("follower");
    const { served } = again.follow(primary);
    const sent = record(served);
    await again.level(primary);

    expect(again.content()).toEqual(primary.content());
    expect(sent.every(({ type }) => type === "zone.entries")).toBe(true);
  });

  test("acknowledges only what another connection reads on its disk", async () => {
    const { primary, follower, dir } = createPair();
    const disk = new Database(join(dir, "follower"), { readonly: true });
    const n = disk.prepare<[], number>("SELECT n FROM replicated_zones WHERE complete = 1").pluck();
    const { dialed } = follower.follow(primary);
    const seen: [acked: number, onDisk: number][] = [];
    dialed.tamper = (body) => {
      if (typeof body.n === "number") seen.push([body.n, n.get() ?? -1]);
      return true;
    };
    for (let i = 0; i < 30; i++) {
      primary.say({ i });
      await primary.store.committed();
    }
    await follower.level(primary);
    disk.close();

    expect(seen.length).toBeGreaterThan(1);
    expect(seen.filter(([acked, onDisk]) => onDisk < acked)).toEqual([]);
  });

  test("gets a commit of more than 1 MiB in parts", async () => {
    const { primary, follower } = createPair();
    primary.say("one");
    const { served } = follower.follow(primary);
    await follower.level(primary);
    const sent = record(served);
    primary.say("äöü😀".repeat(300_000));
    primary.say("three");
    await follower.level(primary);

    expect(follower.content()).toEqual(primary.content());
    const parts = sent.flatMap(({ part }) =>
      part === undefined ? [] : [part as { text: string }],
    );
    expect(parts.length).toBe(3);
    expect(Math.max(...parts.map(({ text }) => Buffer.byteLength(text)))).toBeLessThanOrEqual(
      1_048_576,
    );
  });

  test("is told what is released, alone where nothing else goes", async () => {
    const { primary, follower } = createPair();
    primary.say("one");
    follower.follow(primary);
    await follower.level(primary);

    primary.feeds.released(ZONE_ID, 1);
    await follower.until(() => follower.told.some(({ released }) => released === 1));

    primary.say("two");
    await follower.level(primary);
    expect(follower.told.at(-1)).toMatchObject({ event: "told", n: 2, released: 1 });
  });

  test("whose commit is lost on the way asks again and loses nothing", async () => {
    const { primary, follower } = createPair();
    primary.say("one");
    const { served } = follower.follow(primary);
    await follower.level(primary);
    let lost = 0;
    served.tamper = ({ type }) => type !== "zone.entries" || lost++ > 0;
    primary.say("two");
    await primary.store.committed();
    await primary.store.committed();
    primary.say("three");
    await follower.level(primary);

    expect(lost).toBeGreaterThan(1);
    expect(follower.content()).toEqual(primary.content());
  });
});

describe("a follower that does not take what it is sent", () => {
  test("costs the primary no more than its window, however much is written", async () => {
    const { primary, follower } = createPair({ window_bytes: 65_536 });
    primary.say("one");
    const { served } = follower.follow(primary);
    await follower.level(primary);
    served.isHeld = true;
    for (let i = 0; i < 200; i++) {
      primary.say("x".repeat(10_000));
      if (i % 10 === 0) await primary.store.committed();
    }
    await primary.store.committed();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(served.bufferedBytes).toBeGreaterThan(50_000);
    expect(served.bufferedBytes).toBeLessThan(2 * 65_536);

    served.isHeld = false;
    served.flow();
    await follower.level(primary);
    expect(follower.content()).toEqual(primary.content());
  });
});
