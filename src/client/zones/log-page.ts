import { z } from "zod";
import { toCanonicalBytes } from "../../protocol/json.ts";
import { findBytesOfHex, toHex } from "../../protocol/public-key.ts";
import { optionalField } from "../../protocol/schema-fields.ts";
import { concatBytes, toSignedJson } from "../../protocol/signed-content.ts";
import type { Body } from "../../wire/body.ts";
import { AgentError } from "../agent-error.ts";
import { type LogPage, parseReply } from "../calls/replies.ts";
import { isSignedBy, toNodeId, toSha256 } from "../link/node-identity.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hex digits");

const headSchema = z.object({
  zone_id: z.string(),
  seq: z.int().nonnegative(),
  hash,
  signed_at: z.int(),
  steward: z.string(),
  public_key: hash,
  signature: z.string().regex(/^[0-9a-f]{128}$/, "expected 128 hex digits"),
});

const linksSchema = z.object({
  head: optionalField(headSchema),
  checkpoint: optionalField(headSchema),
});

/** A position of a zone's log and the hash that everything up to it leads to; `docs/protocol.md` §6. */
export interface LogPosition {
  readonly seq: number;
  readonly hash: string;
}

/** A page whose entries hang together and hang on what is signed. */
export interface CheckedPage {
  readonly page: LogPage;
  /** The position before the first entry: later than asked for where older entries were removed. */
  readonly afterSeq: number;
  /** The last entry's position; undefined on an empty page. */
  readonly last: LogPosition | undefined;
}

/** What a page is checked against. */
export interface PageContext {
  readonly zoneId: string;
  /** The position asked for. */
  readonly afterSeq: number;
  /** The hash at a position known from an earlier page. */
  readonly known?: LogPosition | undefined;
  readonly isSteward: (nodeId: string) => boolean;
}

/**
 * Parses a page of history and checks what can be checked: that positions follow one another, that
 * hashes chain from the log's beginning, a signed checkpoint or an earlier page, and that the signed
 * head is where the chain leads; `docs/protocol.md` §6.
 * @throws AgentError `protocol_error`, `history_invalid`
 */
export async function parseLogPage(body: Body, context: PageContext): Promise<CheckedPage> {
  const page = parseReply("zone.page", body);
  const links = linksSchema.safeParse(body);
  if (!links.success) throw refuse("MALFORMED", "Its head or checkpoint is malformed.");
  const { head, checkpoint } = links.data;
  for (const signed of [head, checkpoint]) {
    if (signed !== undefined) await assertSigned(signed, context);
  }
  const start = findStart(context, checkpoint);
  const last = followChain(page, start, context.zoneId);
  if (head !== undefined && head.seq !== page.head_seq) {
    throw refuse("HEAD", "The signed head is not the head it names.");
  }
  if (last !== undefined && last.seq > page.head_seq) {
    throw refuse("HEAD", "It has entries after its head.");
  }
  if (head !== undefined && last?.seq === head.seq && last.hash !== head.hash) {
    throw refuse("HASH", "Its entries do not lead to the signed head.");
  }
  return { page, afterSeq: start.seq, last };
}

async function assertSigned(
  head: z.output<typeof headSchema>,
  context: PageContext,
): Promise<void> {
  const { zone_id, seq, hash: headHash, signed_at } = head;
  const publicKey = findBytesOfHex(head.public_key) ?? new Uint8Array();
  const isKnown = toNodeId(publicKey) === head.steward && context.isSteward(head.steward);
  if (zone_id !== context.zoneId || !isKnown) {
    throw refuse("STEWARD", "Its head is not by a steward of the zone.");
  }
  const content = toSignedJson("atlas-head-v1", { zone_id, seq, hash: headHash, signed_at });
  const signature = findBytesOfHex(head.signature) ?? new Uint8Array();
  if (!(await isSignedBy(publicKey, content, signature))) {
    throw refuse("SIGNATURE_INVALID", "The signature of its head does not verify.");
  }
}

/** Where the chain begins; the hash is undefined where nothing known says it. */
function findStart(
  context: PageContext,
  checkpoint: LogPosition | undefined,
): { seq: number; hash: string | undefined } {
  const { afterSeq, known } = context;
  if (checkpoint !== undefined && checkpoint.seq > afterSeq) return checkpoint;
  if (known?.seq === afterSeq) return known;
  if (afterSeq > 0) return { seq: afterSeq, hash: undefined };
  const beginning = new TextEncoder().encode(`atlas-zone-log-v1${context.zoneId}`);
  return { seq: 0, hash: toHex(toSha256(beginning)) };
}

function followChain(
  page: LogPage,
  start: { seq: number; hash: string | undefined },
  zoneId: string,
): LogPosition | undefined {
  let before = start;
  for (const { entry, hash: told } of page.entries) {
    if (entry.zone_id !== zoneId) throw refuse("OTHER_ZONE", "An entry is of another zone.");
    if (entry.seq !== before.seq + 1) {
      throw refuse("GAP", `Entry ${entry.seq} follows ${before.seq}.`);
    }
    if (before.hash !== undefined) {
      const previous = findBytesOfHex(before.hash) ?? new Uint8Array();
      const own = toHex(toSha256(concatBytes([previous, toCanonicalBytes(entry)])));
      if (own !== told) throw refuse("HASH", `The hash of entry ${entry.seq} is not its own.`);
    }
    before = { seq: entry.seq, hash: told };
  }
  const { seq, hash: lastHash } = before;
  return page.entries.length > 0 && lastHash !== undefined ? { seq, hash: lastHash } : undefined;
}

function refuse(reason: string, message: string): AgentError {
  return new AgentError("history_invalid", { reason, message: `A page of history: ${message}` });
}
