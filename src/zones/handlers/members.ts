import { cutPage } from "../../base/page.ts";
import type { MemberRow } from "../../store/zones/members.ts";
import type { MemberInfo } from "../../wire/zone-replies.ts";
import { type QuestionHandler, toReplyId } from "../call.ts";
import { checkZone, onceReached, type ZoneCheckDeps } from "../checks.ts";
import type { Rooms } from "../log/rooms.ts";

/** What a member takes beside the texts of its Hello. */
const ROW_CHARS = 256;

/** Answers `zone.members`, ordered by node id; `docs/protocol.md` §6. */
export function handleMembers(
  deps: ZoneCheckDeps & { readonly rooms: Rooms },
): QuestionHandler<"zone.members"> {
  const answer: QuestionHandler<"zone.members"> = (call, body) => {
    const { row } = checkZone(deps, call, body, { member: true, isRead: true }).zone;
    const rows = deps.queries.listMembers(row.zoneId, body.cursor ?? "", body.limit + 1);
    const { page, hasMore } = cutPage(rows, body.limit, toChars);
    const last = page.at(-1);
    const { replica } = deps.standings.find(row);
    call.reply({
      type: "zone.member_list",
      ...toReplyId(body),
      members: page.map((member) => toMemberInfo(deps.rooms, member)),
      ...(replica !== undefined && { replica }),
      ...(hasMore && last && { next_cursor: last.nodeId }),
    });
  };
  return (call, body) => onceReached(deps.gate, body, () => answer(call, body));
}

function toChars({ name, skills }: MemberRow): number {
  return ROW_CHARS + name.length + skills.length;
}

/** The wire form of a member. */
export function toMemberInfo(rooms: Rooms, row: MemberRow): MemberInfo {
  return {
    node_id: row.nodeId,
    name: row.name,
    role: row.role,
    skills: JSON.parse(row.skills) as string[],
    online: rooms.isOnline(row.nodeId),
  };
}
