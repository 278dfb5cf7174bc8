import { chmodSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { signZone } from "../support/creator.ts";
import {
  startSteward,
  TEST_ZONE,
  type TestSteward,
  type TestStewardOptions,
} from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { openShell, type Shell } from "./support.ts";

/** A steward and a shell whose commands talk to its admin API. */
async function boot(
  options: TestStewardOptions = {},
): Promise<{ steward: TestSteward; shell: Shell }> {
  const steward = await startSteward(options);
  const shell = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: steward.token });
  onTestFinished(async () => {
    shell[Symbol.dispose]();
    await steward[Symbol.asyncDispose]();
  });
  return { steward, shell };
}

async function join(steward: TestSteward, zone_id: string, name: string): Promise<WireClient> {
  const client = await WireClient.connect(steward.wireUrl, { name });
  onTestFinished(() => client[Symbol.asyncDispose]());
  await client.ask({ type: "zone.join", zone_id });
  return client;
}

test("an operator creates a zone, reads it, changes it at the epoch it knows, and ends it", async () => {
  const { shell } = await boot();
  const file = shell.write("zone.json", { ...TEST_ZONE, topic: "old" });
  const create = ["zone", "create", file, "--idempotency-key", "once"];
  const created = await shell.json(create);
  expect(created).toMatchObject({ epoch: 1, state: "active", envelope: { epoch: 1 } });
  const [again, other] = await Promise.all([
    shell.json(create),
    shell.json(["zone", "create", "-"], JSON.stringify({ ...TEST_ZONE, name: "from-stdin" })),
  ]);
  expect(again.id).toBe(created.id);
  expect(other.envelope.manifest.name).toBe("from-stdin");
  const price = { amount: "5", asset: "USDC", network: "base" };
  const actions = [{ ...TEST_ZONE.actions[0], price }];
  const change = shell.write("change.json", { actions, topic: null });
  const updated = await shell.json(["zone", "update", created.id, change]);
  expect(updated.envelope.manifest).toMatchObject({ ...TEST_ZONE, actions });
  expect(updated).toMatchObject({ epoch: 2 });
  expect(updated.envelope.manifest).not.toHaveProperty("topic");
  const [shown, text, stale, first, all] = await Promise.all([
    shell.json(["zone", "show", created.id]),
    shell.run(["zone", "show", created.id]),
    shell.run(["zone", "update", created.id, change, "--if-epoch", "1"]),
    shell.json(["zone", "list", "--limit", "1"]),
    shell.json(["zone", "list", "--limit", "1", "--all"]),
  ]);
  expect(shown).toEqual(updated);
  expect(text.stdout).toContain(created.id);
  expect(stale).toMatchObject({ code: 1, stdout: "" });
  expect(stale.stderr).toMatch(/precondition_failed[\s\S]*hint/);
  expect([first.zones.length, first.next]).toEqual([1, created.id]);
  expect(all.zones.map((zone: Reply) => zone.id)).toEqual([created.id, other.id]);
  expect(await shell.json(["zone", "stop", created.id, "--if-epoch", "2"])).toMatchObject({
    epoch: 3,
    state: "stopped",
  });
  const log = await shell.json(["zone", "log", created.id, "--after", "1"]);
  expect(log.entries.map(({ entry }: Reply) => entry.data.event)).toEqual(["updated", "stopped"]);
  const { epochs } = await shell.json(["zone", "epochs", created.id]);
  const checked = { signature_valid: true, follows: true };
  expect(epochs).toMatchObject([1, 2, 3].map((epoch) => ({ epoch, ...checked })));
});

test("a remote creator's zone is suspended by stop and taken up again by resume", async () => {
  const { steward, shell } = await boot();
  const signed = signZone(createAgentKey(), steward.nodeId);
  await shell.json(["zone", "create", "-"], JSON.stringify({ envelope: signed.envelope }));
  expect((await shell.json(["zone", "stop", signed.id])).state).toBe("suspended");
  expect((await shell.json(["zone", "resume", signed.id])).state).toBe("active");
  const next = shell.write("next.json", { envelope: signed.next({ name: "later" }).envelope });
  expect((await shell.json(["zone", "update", signed.id, next])).epoch).toBe(2);
});

test("members are listed and removed, banned and let back, by what the zone's list says", async () => {
  const { steward, shell } = await boot();
  const zone = await steward.createZone();
  const ann = await join(steward, zone, "ann\u001b[31m");
  const bob = await join(steward, zone, "bob");
  const [listed, table] = await Promise.all([
    shell.json(["member", "list", zone]),
    shell.run(["member", "list", zone]),
  ]);
  expect(listed.members.map((member: Reply) => member.node_id).sort()).toEqual(
    [ann.nodeId, bob.nodeId].sort(),
  );
  // What a stranger calls itself must not reach the terminal as it is.
  expect(table.stdout).toContain("ann\\u001b[31m");
  expect(table.stdout).not.toContain("\u001b");
  expect(await shell.json(["member", "remove", zone, bob.nodeId])).toMatchObject({ removed: true });
  expect(await bob.nextBody("zone.event")).toMatchObject({ event: "removed" });
  const ban = ["ban", "add", zone, ann.nodeId, "--reason", "noise", "--expires-in", "1h"];
  const banned = await shell.json(ban);
  expect(banned).toMatchObject({ node_id: ann.nodeId, reason: "noise" });
  expect(banned.expires_at - banned.created_at).toBeGreaterThan(3500);
  const [bans, left] = await Promise.all([
    shell.json(["ban", "list", zone]),
    shell.json(["member", "list", zone]),
  ]);
  expect(bans.bans).toEqual([banned]);
  expect(left.members).toEqual([]);
  await shell.json(["ban", "remove", zone, ann.nodeId]);
  const [none, twice] = await Promise.all([
    shell.run(["ban", "list", zone]),
    shell.run(["ban", "remove", zone, ann.nodeId]),
  ]);
  expect(none.stdout).toBe("none\n");
  expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining("not_found") });
});

test("an invitation is made, admits, is listed without its secret, and is revoked", async () => {
  const { steward, shell } = await boot();
  const zone_id = await steward.createZone({ rules: { open: false } });
  const made = await shell.json(["invite", "create", zone_id, "--max-uses", "2"]);
  const guest = await WireClient.connect(steward.wireUrl);
  onTestFinished(() => guest[Symbol.asyncDispose]());
  const ask = { type: "zone.join", zone_id, invite: made.invite };
  expect(await guest.ask(ask)).toMatchObject({ type: "zone.joined" });
  const { invites } = await shell.json(["invite", "list", zone_id]);
  expect(invites).toMatchObject([{ invite_id: made.invite_id, uses: 1, max_uses: 2 }]);
  expect(JSON.stringify(invites)).not.toContain(made.invite);
  await shell.json(["invite", "revoke", zone_id, made.invite_id]);
  const other = await WireClient.connect(steward.wireUrl);
  onTestFinished(() => other[Symbol.asyncDispose]());
  expect(await other.ask(ask)).toMatchObject({ code: "not_open" });
});

test("a provider is approved for actions, listed, and its approval ended", async () => {
  const { steward, shell } = await boot();
  const zone = await steward.createZone();
  const { nodeId } = createAgentKey();
  const approved = await shell.json(["provider", "approve", zone, nodeId, "echo"]);
  expect(approved).toMatchObject({ node_id: nodeId, actions: ["echo"], approved_by: "operator" });
  const [listed, unknown] = await Promise.all([
    shell.json(["provider", "list", zone]),
    shell.run(["provider", "approve", zone, nodeId, "fly"]),
  ]);
  expect(listed.providers).toEqual([approved]);
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("action_not_found") });
  await shell.json(["provider", "remove", zone, nodeId]);
  expect((await shell.json(["provider", "list", zone])).providers).toEqual([]);
});

test("sessions are listed and ended; a node the wire banned is listed and let back", async () => {
  const limits = { unknown: { messages_per_second: 1 }, violations: 2 };
  const { steward, shell } = await boot({ config: { limits } });
  const peer = await WireClient.connect(steward.wireUrl, { name: "loud" });
  onTestFinished(() => peer[Symbol.asyncDispose]());
  for (let count = 0; count < 3; count++) peer.sendBody({ type: "zone.discover" });
  for (let count = 0; count < 2; count++) await peer.next("error");
  const [{ sessions }, { bans }, { payments }] = await Promise.all([
    shell.json(["session", "list"]),
    shell.json(["ban", "wire-list"]),
    shell.json(["settlement", "list", "--state", "quoted"]),
  ]);
  expect(payments).toEqual([]);
  expect(bans).toMatchObject([{ node_id: peer.nodeId, reason: "rate limit" }]);
  expect(sessions).toMatchObject([{ node_id: peer.nodeId, name: "loud", bound: true }]);
  await shell.json(["ban", "wire-remove", peer.nodeId]);
  expect((await shell.json(["ban", "wire-list"])).bans).toEqual([]);
  const other = createAgentKey().nodeId;
  const made = await shell.json([
    "ban",
    "wire-add",
    other,
    "--expires-in",
    "1h",
    "--reason",
    "spam",
  ]);
  expect(made).toMatchObject({ node_id: other, reason: "spam" });
  const done = await shell.json(["session", "disconnect", sessions[0].id]);
  expect(done).toEqual({ session_id: sessions[0].id, disconnected: true });
  await peer.waitClosed();
});

test("a token does what its scope says, from a file only its owner reads, until it is revoked", async () => {
  const { steward, shell } = await boot();
  const made = await shell.json(["token", "create", "reader", "--scope", "read"]);
  const file = shell.write("token", `${made.token}\n`);
  const reader = openShell({ STEWARD_URL: steward.httpUrl });
  onTestFinished(() => reader[Symbol.dispose]());
  const as = (...args: string[]) => reader.run([...args, "--token-file", file]);
  const [read, list, listed] = await Promise.all([
    as("zone", "list"),
    as("token", "list"),
    shell.json(["token", "list"]),
  ]);
  expect(read).toMatchObject({ code: 0, stdout: "none\n" });
  expect(list).toMatchObject({ code: 1, stdout: "" });
  expect(list.stderr).toMatch(/forbidden[\s\S]*hint {2}Use a token/);
  expect(listed.tokens).toMatchObject([{ scope: "admin" }, { id: made.id, name: "reader" }]);
  expect(JSON.stringify(listed)).not.toContain(made.token);
  await shell.json(["token", "revoke", made.id]);
  const refused = await as("zone", "list");
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("unauthorized") });
  chmodSync(file, 0o644);
  const open = await as("zone", "list");
  expect(open).toMatchObject({ code: 2, stderr: expect.stringContaining("chmod 600") });
});
