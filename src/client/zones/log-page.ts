import { z } from "zod";
import { findBytesOfHex, toHex } from "../../protocol/hex.ts";
import { toCanonicalJson } from "../../protocol/json.ts";
import {
  type ChainHash,
  type ChainStart,
  findStart,
  followChain,
  type LinkedEntry,
  type LogPosition,
} from "../../protocol/log-chain.ts";
import { toNodeId, toSha256 } from "../../protocol/node-id.ts";
import { type PrimaryHead, toPrimaryHeadContent } from "../../protocol/primary-head.ts";
import { optionalField } from "../../protocol/schema-fields.ts";
import { concatBytes, toSignedJson } from "../../protocol/signed-content.ts";
import type { Body } from "../../wire/body.ts";
import { AgentError } from "../agent-error.ts";
import { type LogPage, parseReply } from "../calls/replies.ts";
import { isSignedBy } from "../link/node-identity.ts";

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

const primaryHeadSchema = headSchema.extend({ epoch: z.int().min(1), state: hash });

const linksSchema = z.object({
  head: optionalField(headSchema),
  primary_head: optionalField(primaryHeadSchema),
  checkpoint: optionalField(headSchema),
});

/** A page whose entries hang together and hang on what is signed. */
export interface CheckedPage {
  readonly page: LogPage;
  /** The position before the first entry: later than asked for where older entries were removed. */
  readonly afterSeq: number;
  /** The last entry's position; undefined on an empty page. */
  readonly last: LogPosition | undefined;
  /** The newest head of the primary that the answering steward has, of a replicated zone; §9.4. */
  readonly primaryHead: PrimaryHead | undefined;
}

/** What a page is checked against. */
export interface PageContext {
  readonly zoneId: string;
  /** The position asked for. */
  readonly afterSeq: number;
  /** The hash at a position known from an earlier page. */
  readonly known?: LogPosition | undefined;
  readonly isSteward: (nodeId: string) => boolean;
  /** The primary of an epoch where the agent knows it. */
  readonly findPrimary: (epoch: number) => string | undefined;
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
  const { head, checkpoint, primary_head: primaryHead } = links.data;
  for (const signed of [head, checkpoint]) {
    if (signed !== undefined) await assertSigned(signed, context);
  }
  if (primaryHead !== undefined) await assertPrimarys(primaryHead, context);
  const start = findStart(chainHash, { ...context, checkpoint });
  const last = follow(page, start, context.zoneId);
  if (head !== undefined && head.seq !== page.head_seq) {
    throw refuse("HEAD", "The signed head is not the head it names.");
  }
  if (last !== undefined && last.seq > page.head_seq) {
    throw refuse("HEAD", "It has entries after its head.");
  }
  if (head !== undefined && last?.seq === head.seq && last.hash !== head.hash) {
    throw refuse("HASH", "Its entries do not lead to the signed head.");
  }
  assertLeadsTo(page, primaryHead);
  return { page, afterSeq: start.seq, last, primaryHead };
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

/** Its signer must be the primary of its epoch, where the agent knows who that was. */
async function assertPrimarys(head: PrimaryHead, context: PageContext): Promise<void> {
  const publicKey = findBytesOfHex(head.public_key) ?? new Uint8Array();
  const expected = context.findPrimary(head.epoch) ?? head.steward;
  const isKnown = toNodeId(publicKey) === head.steward && head.steward === expected;
  if (head.zone_id !== context.zoneId || !isKnown) {
    throw refuse("STEWARD", "Its primary_head is not by the primary of its epoch.");
  }
  const signature = findBytesOfHex(head.signature) ?? new Uint8Array();
  if (!(await isSignedBy(publicKey, toPrimaryHeadContent(head), signature))) {
    throw refuse("SIGNATURE_INVALID", "The signature of its primary_head does not verify.");
  }
}

function assertLeadsTo(page: LogPage, head: PrimaryHead | undefined): void {
  const found = page.entries.find(({ entry }) => entry.seq === head?.seq);
  if (head !== undefined && found !== undefined && found.hash !== head.hash) {
    throw refuse("HASH", "Its entries do not lead to the primary's signed head.");
  }
}

const chainHash: ChainHash = (before, text) => {
  const previous = findBytesOfHex(before ?? "") ?? new Uint8Array();
  return toHex(toSha256(concatBytes([previous, new TextEncoder().encode(text)])));
};

function toLinkedEntry({ entry, hash: told }: LogPage["entries"][number]): LinkedEntry {
  const { zone_id, seq, timestamp, kind, node_id, data } = entry;
  const plain = { zoneId: zone_id, seq, timestamp, kind, nodeId: node_id };
  return { entry: { ...plain, data: toCanonicalJson(data) }, hash: told };
}

function follow(page: LogPage, start: ChainStart, zoneId: string): LogPosition | undefined {
  const found = followChain(chainHash, zoneId, start, page.entries.map(toLinkedEntry));
  if (!("fault" in found)) return found.last;
  const texts = {
    OTHER_ZONE: "An entry is of another zone.",
    GAP: `Entry ${found.seq} follows ${found.afterSeq}.`,
    HASH: `The hash of entry ${found.seq} is not its own.`,
  };
  throw refuse(found.fault, texts[found.fault]);
}

function refuse(reason: string, message: string): AgentError {
  return new AgentError("history_invalid", { reason, message: `A page of history: ${message}` });
}
