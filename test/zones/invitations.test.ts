import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { signZone } from "../support/creator.ts";
import { startSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

test("an invitation admits as often as it says, whom it says, until it expires or is revoked", async () => {
  let offsetMs = 0;
  await using steward = await startSteward({
    config: { zones: { creation: "anyone" } },
    nowMs: () => Date.now() + offsetMs,
  });
  const key = createAgentKey();
  const zone = signZone(key, steward.nodeId, { rules: { open: false } });
  await using creator = await WireClient.connect(steward.wireUrl, { key });
  await creator.ask({ type: "zone.create", envelope: zone.envelope });
  const zone_id = zone.id;
  const invite = (fields = {}) => creator.ask({ type: "zone.invite", zone_id, ...fields });
  await using alice = await WireClient.connect(steward.wireUrl);
  await using bob = await WireClient.connect(steward.wireUrl);
  const enter = async (client: WireClient, secret?: string) =>
    client.ask({ type: "zone.join", zone_id, ...(secret && { invite: secret }) });
  const leave = (client: WireClient) => client.ask({ type: "zone.leave", zone_id });

  expect((await enter(alice)).code).toBe("not_open");
  expect((await enter(alice, "guess")).code).toBe("not_open");
  const single = (await invite()).invite;
  expect((await enter(alice, single)).type).toBe("zone.joined");
  expect((await enter(bob, single)).code).toBe("not_open");
  await leave(alice);
  expect((await enter(alice, single)).code).toBe("not_open");

  const bound = (await invite({ node_id: bob.nodeId, max_uses: 5 })).invite;
  expect((await enter(alice, bound)).code).toBe("not_open");
  expect((await enter(bob, bound)).type).toBe("zone.joined");
  await leave(bob);

  const expires_at = Math.floor(Date.now() / 1000) + 60;
  const timed = (await invite({ max_uses: 5, expires_at })).invite;
  expect((await enter(alice, timed)).type).toBe("zone.joined");
  offsetMs = 61_000;
  expect((await enter(bob, timed)).code).toBe("not_open");
  offsetMs = 0;

  const revoked = await invite({ max_uses: 5 });
  const path = `/v1/zones/${zone_id}/invites`;
  expect((await steward.api("DELETE", `${path}/${revoked.invite_id}`)).status).toBe(204);
  expect((await enter(bob, revoked.invite)).code).toBe("not_open");
  const listed = (await steward.api("GET", path)).body.invites;
  expect(listed).toHaveLength(4);
  expect(JSON.stringify(listed)).not.toContain(revoked.invite);
  expect(readFileSync(join(steward.dataDir, "steward.sqlite-wal"), "latin1")).not.toContain(single);
});

test("an invitation never overrides a ban, and what refuses after it does not use it up", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone({ rules: { open: false, skills_required: ["sing"] } });
  const made = await steward.api("POST", `/v1/zones/${zone_id}/invites`, { max_uses: 1 });
  const { invite } = made.body;
  await using mute = await WireClient.connect(steward.wireUrl);
  await using singer = await WireClient.connect(steward.wireUrl, { skills: ["sing"] });
  expect((await mute.ask({ type: "zone.join", zone_id, invite })).code).toBe("skills_mismatch");
  const ban = `/v1/zones/${zone_id}/bans/${singer.nodeId}`;
  await steward.api("PUT", ban);
  expect((await singer.ask({ type: "zone.join", zone_id, invite })).code).toBe("banned");
  await steward.api("DELETE", ban);
  expect((await singer.ask({ type: "zone.join", zone_id, invite })).type).toBe("zone.joined");
});
