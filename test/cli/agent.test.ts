import { createPrivateKey, createPublicKey } from "node:crypto";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toNodeId } from "../../src/protocol/node-id.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import type { Reply } from "../support/wire-client.ts";
import { openShell, type Shell } from "./support.ts";

let steward: TestSteward;
let shell: Shell;
let zone: string;
const ids: Record<string, string> = {};

beforeAll(async () => {
  steward = await startSteward();
  // The wire's URL follows from the one the operator's commands use.
  shell = openShell({ STEWARD_URL: steward.httpUrl });
  zone = await steward.createZone();
  const keys = ["ann", "ben"].map(async (name) => {
    ids[name] = (await shell.json(["agent", "keygen", "--key", name])).node_id;
  });
  await Promise.all(keys);
});

afterAll(async () => {
  shell[Symbol.dispose]();
  await steward[Symbol.asyncDispose]();
});

const as = (name: string, ...args: string[]) => ["agent", ...args, "--key", name, "--name", name];

test("a key is made once, in either form, for its owner's eyes only", async () => {
  const [pem, kept] = await Promise.all([
    shell.json(["agent", "keygen", "--key", "pem", "--format", "pem"]),
    shell.run(["agent", "keygen", "--key", "ann"]),
  ]);
  const read = (name: string) => readFileSync(join(shell.dir, name), "utf8");
  expect(read("ann")).toMatch(/^[0-9a-f]{64}\n$/);
  expect(statSync(join(shell.dir, "ann")).mode & 0o777).toBe(0o600);
  const spki = createPublicKey(createPrivateKey(read("pem"))).export({
    format: "der",
    type: "spki",
  });
  expect(pem.node_id).toBe(toNodeId(spki.subarray(-32)));
  expect(kept).toMatchObject({ code: 2, stderr: expect.stringContaining("is kept") });
  const joined = await shell.json(as("pem", "join", zone));
  expect(joined.node_id).toBe(pem.node_id);
  await shell.json(as("pem", "leave", zone));
  chmodSync(join(shell.dir, "pem"), 0o644);
  const open = await shell.run(as("pem", "discover"));
  expect(open).toMatchObject({ code: 2, stderr: expect.stringContaining("chmod 600") });
  const none = shell.write("none", "not a key");
  const refused = await shell.run(as(none, "discover"));
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("no Ed25519 key") });
});

test("an agent finds a zone, verifies it, joins, speaks, reads back, and leaves", async () => {
  const [directory, info, members, stranger] = await Promise.all([
    shell.json(as("ann", "discover", "--keyword", "test")),
    shell.json(as("ann", "inspect", zone, "--steward", steward.nodeId)),
    shell.json(as("ann", "join", zone, "--skill", "x", "--skill", "y")),
    shell.run(as("ben", "send", zone, "hi")),
  ]);
  expect(directory.zones.map(({ zone_id }: Reply) => zone_id)).toEqual([zone]);
  expect(info).toMatchObject({ zone_id: zone, epoch: 1, envelope: { manifest: { id: zone } } });
  expect(members).toMatchObject({ zone_id: zone, role: "member", node_id: ids.ann });
  expect(stranger).toMatchObject({ code: 1, stdout: "" });
  expect(stranger.stderr).toMatch(/code {2}not_member[\s\S]*hint {2}Join the zone first/);
  const first = await shell.json(as("ann", "send", zone, "-", "--topic", "t"), "from stdin\n");
  const answer = ["send", zone, '{"n": [1]}', "--as-json", "--reply-to", first.id];
  const second = await shell.json(as("ann", ...answer));
  const repeat = ["send", zone, '{"n": [1]}', "--as-json", "--reply-to", first.id];
  expect(await shell.json(as("ann", ...repeat, "--id", second.id))).toEqual(second);
  const [page, table, list] = await Promise.all([
    shell.json(as("ann", "history", zone, "--after", String(first.seq - 1), "--limit", "5")),
    shell.run(as("ann", "history", zone)),
    shell.json(as("ann", "members", zone)),
  ]);
  expect(page.entries.map(({ entry }: Reply) => entry.data)).toEqual([
    { id: first.id, content: "from stdin", topic: "t" },
    { id: second.id, content: { n: [1] }, reply_to: first.id },
  ]);
  expect(table.stdout).toContain(`(the log ends at ${page.head_seq})`);
  expect(list.members).toMatchObject([{ node_id: ids.ann, name: "ann", skills: ["x", "y"] }]);
  expect(await shell.json(as("ann", "leave", zone))).toEqual({ zone_id: zone, left: true });
});

test("a listener hears messages, events and direct messages, and ends with Ctrl-C", async () => {
  const listener = shell.listen(as("ben", "listen", zone));
  const { zones, node_id } = await listener.next("listening");
  expect([node_id, zones[0].zone_id]).toEqual([ids.ben, zone]);
  await shell.json(as("ann", "join", zone));
  expect(await listener.next("zone.event")).toMatchObject({ event: "joined", node_id: ids.ann });
  const sent = await shell.json(as("ann", "send", zone, "hello ben"));
  expect(await listener.next("zone.message")).toMatchObject({ ...sent, content: "hello ben" });
  const direct = await shell.json(as("ann", "direct", ids.ben ?? "", "psst"));
  expect(direct.status).toBe("relayed");
  expect(await listener.next("direct")).toMatchObject({
    id: direct.id,
    from: ids.ann,
    body: { type: "text", text: "psst" },
    signed: true,
  });
  expect(await listener.interrupt()).toBe(0);
});

test("what was sent to a listener that was away waits for it, and the log is read from a position", async () => {
  await Promise.all([shell.json(as("ann", "join", zone)), shell.json(as("ben", "join", zone))]);
  const missed = await shell.json(as("ann", "send", zone, "missed"));
  const body = '{"type": "offer", "price": 5}';
  const direct = await shell.json(as("ann", "direct", ids.ben ?? "", body, "--as-json"));
  expect(direct.status).toBe("waiting");
  const listener = shell.listen(as("ben", "listen", zone, "--after", String(missed.seq - 1)));
  // Which of the two comes first is not said.
  const [heard, told] = [await listener.next("direct"), await listener.next("zone.message")];
  expect(heard).toMatchObject({ id: direct.id, body: JSON.parse(body) });
  expect(told).toMatchObject({ id: missed.id, content: "missed" });
  expect(await listener.interrupt()).toBe(0);
});

test("an action is asked for once under its id, and its receipt can be read later", async () => {
  await shell.json(as("ann", "join", zone));
  const request = ["request", zone, "echo", '{"text": "hi"}', "--request-id", "req_cli"];
  const outcome = { request_id: "req_cli", result: { text: "hi" } };
  expect(await shell.json(as("ann", ...request))).toEqual(outcome);
  const [receipt, other, bad] = await Promise.all([
    shell.json(as("ann", "receipt", "req_cli")),
    shell.run(as("ann", "request", zone, "echo", '{"text": "x"}', "--request-id", "req_cli")),
    shell.run(as("ann", "request", zone, "echo", "[]")),
  ]);
  expect(receipt).toEqual(outcome);
  expect(other).toMatchObject({ code: 1, stdout: "" });
  expect(other.stderr).toMatch(/the request is req_cli[\s\S]*REQUEST_ID_CONFLICT/);
  expect(bad).toMatchObject({ code: 2, stdout: "" });
});
