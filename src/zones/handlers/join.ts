import { StewardError } from "../../errors.ts";
import type { Write } from "../../store/database.ts";
import type { InviteQueries } from "../../store/zones/invites.ts";
import type { MemberRole } from "../../store/zones/members.ts";
import type { ProviderQueries } from "../../store/zones/providers.ts";
import { type Sender, toReplyId, type ZoneCall, type ZoneHandler } from "../call.ts";
import { checkZone, type ZoneCheckDeps } from "../checks.ts";
import { appendEvent, enterRoom, type ZoneLogDeps } from "../log/log.ts";
import type { Rooms } from "../log/rooms.ts";
import { redeemInvitation } from "../members/invitations.ts";
import { assertPlace, type PlaceDeps } from "../places.ts";
import type { Zone } from "../zone.ts";

export interface JoinDeps extends ZoneCheckDeps, ZoneLogDeps, PlaceDeps {
  readonly invites: InviteQueries;
  readonly providers: ProviderQueries;
  readonly rooms: Rooms;
  /** Where agents reach this steward, for zones whose manifest names no entrypoint. */
  readonly wireUrl: string;
}

/** Admits a member, durably before the answer; `docs/protocol.md` §6 and §7. */
export function handleJoin(deps: JoinDeps): ZoneHandler<"zone.join"> {
  return (call, body, write) => {
    const { zone, role: present } = checkZone(deps, call, body, {});
    const role = present ?? toRole(deps, zone, call.sender);
    if (present === undefined) {
      assertAdmissible(write, deps, zone, call.sender, { role, invite: body.invite });
      assertPlace(deps, call.sender.nodeId);
      admit(write, deps, zone, call, role);
    } else {
      const skills = JSON.stringify(call.sender.skills);
      deps.queries.refreshMember(
        write,
        zone.row.zoneId,
        call.sender.nodeId,
        call.sender.name,
        skills,
      );
    }
    const now = deps.reader.get(body.zone_id);
    const entrypoint = now.manifest.entrypoints[0] ?? deps.wireUrl;
    call.reply({
      type: "zone.joined",
      ...toReplyId(body),
      zone_id: now.row.zoneId,
      name: now.row.name,
      ...(entrypoint !== undefined && { entrypoint }),
      members: now.row.memberCount,
      epoch: now.row.epoch,
      role,
      seq: now.row.headSeq,
      ...deps.standings.find(now.row),
      envelope: now.envelope,
    });
  };
}

function toRole(deps: JoinDeps, zone: Zone, { nodeId }: Sender): MemberRole {
  if (zone.row.creator === nodeId) return "creator";
  return deps.providers.findProvider(zone.row.zoneId, nodeId) ? "provider" : "member";
}

function assertAdmissible(
  write: Write,
  deps: JoinDeps,
  zone: Zone,
  sender: Sender,
  { role, invite }: { role: MemberRole; invite: string | undefined },
): void {
  const { rules } = zone.manifest;
  if (!rules.open && role !== "creator") {
    // Counted here, in the transaction that admits: what refuses below undoes it.
    const admitted =
      invite !== undefined && redeemInvitation(write, deps, zone.row.zoneId, sender.nodeId, invite);
    if (!admitted) throw new StewardError("not_open");
  }
  const missing = rules.skills_required.find((skill) => !sender.skills.includes(skill));
  if (missing !== undefined) {
    throw new StewardError("skills_mismatch", { message: `The skill ${missing} is required.` });
  }
  if (rules.max_members === undefined || role === "creator") return;
  const creator = deps.queries.findMember(zone.row.zoneId, zone.row.creator);
  const counted = zone.row.memberCount - (creator === undefined ? 0 : 1);
  if (counted >= rules.max_members) throw new StewardError("full");
}

function admit(write: Write, deps: JoinDeps, zone: Zone, call: ZoneCall, role: MemberRole): void {
  const { zoneId } = zone.row;
  const { nodeId, name, skills } = call.sender;
  deps.queries.insertMember(write, {
    zoneId,
    nodeId,
    name,
    role,
    skills: JSON.stringify(skills),
    joinedAt: call.now,
  });
  // The joiner hears everything after its own `joined`, whose seq is in the answer.
  const { via, isSigned = false } = call.sender.passedBy ?? {};
  if (isSigned) deps.queries.setSigns(write, zoneId, nodeId);
  const detail = { name, role, ...(via !== undefined && { via }) };
  appendEvent(write, deps, zoneId, { event: "joined", nodeId, detail });
  enterRoom(deps, zoneId, nodeId);
}
