import { expect } from "vitest";
import { writeCanonicalJson } from "../wire/independent/canonical-json.ts";
import { type Fields, readEnvelope } from "./envelopes.ts";
import { toZoneBody } from "./hosting-ops.ts";
import { findBanInForce, type Model, type ModelZone } from "./model.ts";
import { toBanBody } from "./moderation.ts";
import { toMemberList } from "./reading.ts";
import type { World } from "./world.ts";

const LOG_PAGE = 40;

/** Compares everything the steward holds with everything the model holds. */
export async function expectSame(model: Model, world: World): Promise<void> {
  for (const { sessions } of model.agents) for (const one of sessions) await world.settle(one);
  for (const zone of model.zones.values()) {
    await expectSameZone(model, world, zone);
    expect(await readLog(world, zone)).toEqual(zone.log);
    expectSameRows(world, zone);
  }
  const alarms = world.errors.splice(0);
  expect(alarms.map(({ msg }) => msg)).toEqual(
    Array<string>(model.alarms).fill("ALARM: a zone's creator signed a fork"),
  );
}

async function expectSameZone(model: Model, world: World, zone: ModelZone): Promise<void> {
  const get = (what: string) =>
    world.call({ method: "GET", path: `/v1/zones/${zone.id}${what}`, expected: undefined });
  expect(await get("")).toEqual(toZoneBody(zone));
  expect(await get("/members")).toEqual({
    members: toMemberList(model, zone).map((member) => ({
      ...member,
      joined_at: expect.any(Number),
    })),
  });
  const banned = [...zone.bans.keys()].sort();
  const inForce = banned.filter((nodeId) => findBanInForce(model, zone, nodeId));
  expect(await get("/bans")).toEqual({ bans: inForce.map((nodeId) => toBanBody(zone, nodeId)) });
  expect(await get("/invites")).toEqual({ invites: zone.invites.map(toInviteBody) });
}

function toInviteBody(invite: ModelZone["invites"][number]): Fields {
  return {
    invite_id: invite.inviteId,
    node_id: invite.nodeId,
    max_uses: invite.maxUses,
    uses: invite.uses,
    created_at: expect.any(Number),
    expires_at: invite.expiresAt,
    ...(invite.revoked && { revoked_at: expect.any(Number) }),
  };
}

/** The whole log, page by page; the model's own hashes chain. */
async function readLog(world: World, zone: ModelZone): Promise<unknown[]> {
  const entries: unknown[] = [];
  for (let after: unknown = 0; after !== undefined; ) {
    const path = `/v1/zones/${zone.id}/log?after=${after}&limit=${LOG_PAGE}`;
    const page = (await world.call({ method: "GET", path, expected: undefined })) ?? {};
    entries.push(...(page.entries as unknown[]));
    expect(page.head_seq).toBe(zone.log.length);
    after = page.next;
  }
  return entries;
}

interface ZoneRow {
  readonly head_seq: number;
  readonly head_hash: string;
  readonly member_count: number;
}

/** What no interface shows: the counters, every envelope and the evidence of forks. */
function expectSameRows(world: World, zone: ModelZone): void {
  const [row] = world.readFile<ZoneRow>(
    "SELECT head_seq, head_hash, member_count FROM zones WHERE zone_id = ?",
    zone.id,
  );
  expect(row).toEqual({
    head_seq: zone.log.length,
    head_hash: zone.log.at(-1)?.hash,
    member_count: zone.members.size,
  });
  const kept = world.readFile<{ envelope: string; hash: string }>(
    "SELECT envelope, hash FROM zone_envelopes WHERE zone_id = ? ORDER BY epoch",
    zone.id,
  );
  expect(kept.map(({ hash }) => hash)).toEqual(zone.envelopes.map(({ hash }) => hash));
  kept.forEach(({ envelope, hash }, index) => {
    expect(readEnvelope(JSON.parse(envelope)).hash).toBe(hash);
    expect(writeCanonicalJson(JSON.parse(envelope))).toBe(
      writeCanonicalJson(zone.envelopes[index]?.envelope),
    );
  });
  const forks = world.readFile<{ epoch: number; hash: string }>(
    "SELECT epoch, hash FROM zone_forks WHERE zone_id = ?",
    zone.id,
  );
  expect(forks.map(({ epoch, hash }) => `${epoch} ${hash}`).sort()).toEqual([...zone.forks].sort());
}
