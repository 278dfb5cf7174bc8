import type { NodeKey } from "../../identity/node-key.ts";
import type { LogEntry } from "../../protocol/log-chain.ts";
import type { SignedHead } from "../../wire/zone-replies.ts";
import { type QuestionHandler, toReplyId } from "../call.ts";
import { checkZone, onceReached, type ZoneCheckDeps } from "../checks.ts";
import { toPackedEntry } from "../log/log.ts";
import { findReleasedEnd } from "../log/released-end.ts";
import { signHead } from "../log/signed-head.ts";

/** A page stays well under one envelope; one entry always fits. */
const PAGE_CHARS_MAX = 1_000_000;

/** Answers `zone.history` with log entries and their hashes; `docs/protocol.md` §6. */
export function handleHistory(
  deps: ZoneCheckDeps & { readonly key: NodeKey },
): QuestionHandler<"zone.history"> {
  const answer: QuestionHandler<"zone.history"> = (call, body) => {
    const needs = { member: true, evenStopped: true, isRead: true };
    const { row } = checkZone(deps, call, body, needs).zone;
    const entries: { entry: LogEntry; hash: string }[] = [];
    let chars = 0;
    const end = findReleasedEnd(deps, row);
    for (const entry of deps.queries.iterateLog(row.zoneId, body.after_seq, body.limit)) {
      if (entry.seq > end.seq) break;
      chars += entry.data.length + 512;
      if (entries.length > 0 && chars > PAGE_CHARS_MAX) break;
      entries.push({ entry: toPackedEntry(entry), hash: entry.hash });
    }
    const checkpoint = deps.queries.findCheckpoint(row.zoneId);
    const isBefore = checkpoint !== undefined && body.after_seq < checkpoint.seq;
    const primaryHead = deps.gate.findPrimaryHead(row.zoneId);
    call.reply({
      type: "zone.page",
      ...toReplyId(body),
      zone_id: row.zoneId,
      entries,
      head_seq: end.seq,
      head: signHead(deps.key, { zoneId: row.zoneId, seq: end.seq, hash: end.hash }, deps.now()),
      ...deps.standings.find(row, end.seq),
      ...(primaryHead !== undefined && { primary_head: primaryHead }),
      ...(isBefore && { checkpoint: JSON.parse(checkpoint.head) as SignedHead }),
    });
  };
  return (call, body) => onceReached(deps.gate, body, () => answer(call, body));
}
