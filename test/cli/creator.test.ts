import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { StewardProcess } from "../support/steward-process.ts";
import { openShell } from "./support.ts";

const INPUT = {
  name: "market",
  description: "A zone of somebody else's steward.",
  type: "market",
  creator: { wallet: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" },
  actions: [
    {
      name: "sum",
      description: "Adds.",
      price: { amount: "1000000", asset: "USDC", network: "base" },
    },
  ],
};

/** Every file below a folder whose bytes hold one of the texts. */
function findFilesWith(dir: string, secrets: readonly Buffer[]): string[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => {
      const bytes = readFileSync(path);
      return secrets.some((secret) => bytes.includes(secret));
    });
}

/** The forms in which a seed could have been written down. */
function toForms(seed: Buffer): Buffer[] {
  const texts = [
    seed.toString("hex"),
    seed.toString("hex").toUpperCase(),
    // Within other bytes base64 has three alignments; these are the characters all of them share.
    ...[0, 1, 2].map((pad) =>
      Buffer.concat([Buffer.alloc(pad), seed])
        .toString("base64")
        .slice(4, 36),
    ),
    ...[0, 1, 2].map((pad) =>
      Buffer.concat([Buffer.alloc(pad), seed])
        .toString("base64url")
        .slice(4, 36),
    ),
    seed.join(","),
  ];
  return [seed, ...texts.map((text) => Buffer.from(text))];
}

test("a creator in its own process runs a zone on a steward that never holds its key", async () => {
  using files = openShell();
  const dataDir = join(files.dir, "data");
  await using steward = await StewardProcess.start({
    dataDir,
    config: { http: { port: 0 }, zones: { creation: "anyone" } },
  });
  const shell = openShell({ STEWARD_URL: steward.wireUrl });
  onTestFinished(() => shell[Symbol.dispose]());
  const as = (name: string, ...args: string[]) => ["agent", ...args, "--key", name];
  const [creator, member] = await Promise.all([
    shell.json(["agent", "keygen", "--key", "creator"]),
    shell.json(["agent", "keygen", "--key", "member"]),
  ]);

  const created = await shell.json(as("creator", "create-zone", "-"), JSON.stringify(INPUT));
  const zone = created.zone_id as string;
  expect(created).toMatchObject({
    epoch: 1,
    state: "active",
    envelope: {
      public_key: creator.public_key,
      manifest: {
        creator: { node_id: creator.node_id },
        steward_set: [{ node_id: steward.nodeId, role: "primary" }],
      },
    },
  });

  const [action] = INPUT.actions;
  const actions = [{ ...action, price: { ...action?.price, amount: "2500000" } }];
  const update = shell.write("price.json", { actions });
  const updated = await shell.json(as("creator", "update-zone", zone, update));
  expect(updated).toMatchObject({ epoch: 2, envelope: { manifest: { ...INPUT, actions } } });

  await shell.json(as("member", "join", zone));
  const notTheirs = await shell.run(as("member", "update-zone", zone, update));
  expect(notTheirs).toMatchObject({ code: 1, stdout: "" });
  expect(notTheirs.stderr).toMatch(/2003 NOT_ALLOWED/);
  const ban = ["ban", zone, member.node_id, "--reason", "noise", "--expires-in", "7d"];
  expect(await shell.json(as("creator", ...ban))).toMatchObject({ banned: true });
  const banned = await shell.run(as("member", "join", zone));
  expect(banned).toMatchObject({ code: 1, stderr: expect.stringContaining("banned") });
  await shell.json(as("creator", "unban", zone, member.node_id));
  const closed = shell.write("closed.json", { rules: { open: false } });
  expect((await shell.json(as("creator", "update-zone", zone, closed))).epoch).toBe(3);
  const invite = ["invite", zone, "--node", member.node_id, "--expires-in", "10m"];
  const made = await shell.json(as("creator", ...invite));
  expect(made).toMatchObject({ zone_id: zone, max_uses: 1 });
  await shell.json(as("member", "join", zone, "--invite", made.invite));

  await shell.json(as("creator", "approve", zone, member.node_id, "sum"));
  const { providers } = (await steward.api("GET", `/v1/zones/${zone}/providers`)).body;
  expect(providers).toMatchObject([
    { node_id: member.node_id, actions: ["sum"], approved_by: creator.node_id },
  ]);

  const stopped = await shell.json(as("creator", "stop-zone", zone));
  expect(stopped).toMatchObject({ epoch: 4, state: "stopped" });
  const log = (await steward.api("GET", `/v1/zones/${zone}/log`)).body.entries;
  expect(log.map(({ entry }: { entry: { data: { event: string } } }) => entry.data.event)).toEqual([
    "created",
    "updated",
    "joined",
    "banned",
    "unbanned",
    "updated",
    "joined",
    "stopped",
  ]);

  const seed = Buffer.from(readFileSync(join(shell.dir, "creator"), "utf8").trim(), "hex");
  expect(seed).toHaveLength(32);
  expect(findFilesWith(dataDir, toForms(seed))).toEqual([]);
  // The search finds what is there: the creator's public key, which every envelope names.
  const publicKey = Buffer.from(creator.public_key);
  expect(findFilesWith(dataDir, [publicKey]).length).toBeGreaterThan(0);
  expect(findFilesWith(shell.dir, toForms(seed))).toEqual([join(shell.dir, "creator")]);
});
