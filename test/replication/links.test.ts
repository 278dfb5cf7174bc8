import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config/config.ts";
import { isAllowed } from "../../src/replication/config.ts";
import { LinkDesk } from "../../src/replication/links/link-desk.ts";
import type { LinkSession } from "../../src/replication/links/link-port.ts";
import { LinkTable } from "../../src/replication/links/link-table.ts";

const ZONE = {
  zoneId: "zone_019a2f3c-5b60-7c1e-9d2a-4f6b8c0d1e2f",
  creator: `atlas_${"d".repeat(64)}`,
};

describe("a steward takes part in what its operator allows", () => {
  test.each([
    [[], false],
    [["*"], true],
    [[ZONE.zoneId], true],
    [[ZONE.creator], true],
    [[`atlas_${"e".repeat(64)}`, "zone_019a2f3c-5b60-7c1e-9d2a-4f6b8c0d1e20"], false],
  ])("%s: %s", (allow, expected) => {
    const { replication } = parseConfig({ replication: { allow } }, "/");
    expect(isAllowed(replication, ZONE)).toBe(expected);
  });

  test("what is neither zone, creator nor * stops the start", () => {
    expect(() => parseConfig({ replication: { allow: ["all"] } }, "/")).toThrow(/zone id/);
    const peers = { [ZONE.creator]: "http://127.0.0.1" };
    expect(() => parseConfig({ replication: { peers } }, "/")).toThrow(/peers/);
  });
});

test("what is sent to a steward takes the session that was dialed, else the newest of its own", () => {
  const sent: string[] = [];
  const open = (id: string, isDialed: boolean): LinkSession => ({
    ...{ id, nodeId: ZONE.creator, isDialed, isOpen: true, bufferedBytes: id.length },
    send: () => `${sent.push(id)}`,
    refuse: () => {},
    close: () => {},
  });
  const table = new LinkTable();
  expect(table.send(ZONE.creator, { type: "zone.head" })).toBe(false);
  const [first, second, dialed] = [open("a", false), open("bb", false), open("c", true)];
  const desk = new LinkDesk();
  desk.listen({ onUp: (link) => table.add(link), onDown: (link) => table.remove(link) });
  desk.up(first);
  table.add(second);
  expect(table.find(ZONE.creator)).toBeUndefined();
  table.send(ZONE.creator, { type: "zone.head" });
  table.add(dialed);
  expect(table.find(ZONE.creator)).toBe(dialed);
  table.send(ZONE.creator, { type: "zone.head" });
  expect(sent).toEqual(["bb", "c"]);
  expect(table.bufferedBytes(ZONE.creator)).toBe(2);
  for (const link of table.list()) desk.down(link);
  expect(table.isOpen(ZONE.creator)).toBe(false);
});
