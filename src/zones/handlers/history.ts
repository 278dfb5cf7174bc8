import type { NodeKey } from "../../identity/node-key.ts";
import type { LogEntry } from "../../protocol/log-chain.ts";
import { asValue, encodeMessagePack, PackedBytes } from "../../wire/messagepack-encode.ts";
import type { SignedHead, ZonePage } from "../../wire/zone-replies.ts";
import { type QuestionHandler, toReplyId } from "../call.ts";
import { checkZone, onceReached, type ZoneCheckDeps } from "../checks.ts";
import { toPackedEntry } from "../log/log.ts";
import { PageCache, type PageQuestion } from "../log/page-cache.ts";
import { findReleasedEnd, type ReleasedEnd } from "../log/released-end.ts";
import { signHead } from "../log/signed-head.ts";

/** A page stays well under one envelope; one entry always fits. */
const PAGE_CHARS_MAX = 1_000_000;

/** Answers `zone.history` with log entries and their hashes; `docs/protocol.md` §6. */
export function handleHistory(
  deps: ZoneCheckDeps & { readonly key: NodeKey },
): QuestionHandler<"zone.history"> {
  const cache = new PageCache(deps.queries);
  const answer: QuestionHandler<"zone.history"> = (call, body) => {
    const needs = { member: true, evenStopped: true, isRead: true };
    const { row } = checkZone(deps, call, body, needs).zone;
    const end = findReleasedEnd(deps, row);
    const question = { zoneId: row.zoneId, afterSeq: body.after_seq, limit: body.limit };
    const checkpoint = deps.queries.findCheckpoint(row.zoneId);
    const isBefore = checkpoint !== undefined && body.after_seq < checkpoint.seq;
    const primaryHead = deps.gate.findPrimaryHead(row.zoneId);
    call.reply({
      type: "zone.page",
      ...toReplyId(body),
      zone_id: row.zoneId,
      // Only to be encoded.
      entries: asValue(findEntries(deps, cache, question, end)) as unknown as ZonePage["entries"],
      head_seq: end.seq,
      head: signHead(deps.key, { zoneId: row.zoneId, seq: end.seq, hash: end.hash }, deps.now()),
      ...deps.standings.find(row, end.seq),
      ...(primaryHead !== undefined && { primary_head: primaryHead }),
      ...(isBefore && { checkpoint: JSON.parse(checkpoint.head) as SignedHead }),
    });
  };
  return (call, body) => onceReached(deps.gate, body, () => answer(call, body));
}

/** The packed entries that answer a question, as many as fit a page. */
function findEntries(
  { queries }: ZoneCheckDeps,
  cache: PageCache,
  question: PageQuestion,
  end: ReleasedEnd,
): PackedBytes {
  const kept = cache.find(question, end);
  if (kept !== undefined) return kept.entries;
  const { zoneId, afterSeq, limit } = question;
  const list: { entry: LogEntry; hash: string }[] = [];
  let chars = 0;
  let isFull = false;
  for (const entry of queries.iterateLog(zoneId, afterSeq, limit)) {
    if (entry.seq > end.seq) break;
    chars += entry.data.length + 512;
    isFull = list.length > 0 && chars > PAGE_CHARS_MAX;
    if (isFull) break;
    list.push({ entry: toPackedEntry(entry), hash: entry.hash });
  }
  const entries = new PackedBytes(encodeMessagePack(list));
  const [first, last] = [list[0], list.at(-1)];
  if (first !== undefined && last !== undefined) {
    cache.keep(question, {
      entries,
      firstSeq: first.entry.seq,
      lastSeq: last.entry.seq,
      lastHash: last.hash,
      isFull: isFull || list.length === limit,
    });
  }
  return entries;
}
