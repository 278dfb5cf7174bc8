import type { Commit, ZoneRecord } from "../../protocol/commit.ts";
import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import type { LogEntry } from "../../protocol/log-chain.ts";
import {
  findProvenMessage,
  findSealedMessage,
  type MemberSeal,
} from "../../protocol/member-seal.ts";
import { toMessageContent } from "../../protocol/signed-content.ts";
import { isSignedBy, type SignatureCheck } from "./check-head.ts";

/** What is put into a member's mouth: a logged message, or a request. */
export type WordFault = "PROOF" | "SEAL";

/** Finds the first commit with what its member did not sign so; `docs/protocol.md` §9.11. */
export function findFalseWord(
  verify: SignatureCheck,
  zoneId: string,
  commits: readonly Commit[],
): { readonly fault: WordFault; readonly n: number } | undefined {
  for (const { n, entries, records } of commits) {
    if (!entries.every((entry) => isTrueEntry(verify, entry))) return { fault: "PROOF", n };
    if (!records.every((record) => isTrueRecord(verify, zoneId, record))) {
      return { fault: "SEAL", n };
    }
  }
  return undefined;
}

/** Whether an entry has no `proof`, or one that verifies; `docs/protocol.md` §9.10. */
export function isTrueEntry(verify: SignatureCheck, entry: LogEntry): boolean {
  if (entry.kind !== "message" || entry.data.proof === undefined) return true;
  const proven = findProvenMessage(entry);
  return proven !== undefined && isSealedBy(verify, entry.node_id, proven);
}

/**
 * Whether a request's record has no sealed request, or its member's, for the same action and params;
 * `docs/protocol.md` §9.10.
 */
export function isTrueRecord(
  verify: SignatureCheck,
  zoneId: string,
  { kind, key, value }: ZoneRecord,
): boolean {
  if (kind !== "request" || value === null || value.sig === undefined) return true;
  const sealed = findSealedMessage(toObject(value.sig));
  if (sealed === undefined) return false;
  const [nodeId = "", requestId] = key;
  const { message } = sealed;
  const { body } = message;
  const isSame =
    message.from === nodeId &&
    body.type === "zone.request" &&
    body.zone_id === zoneId &&
    body.request_id === requestId &&
    body.action === value.action &&
    toCanonicalJson(body.params ?? {}) === value.params;
  return isSame && isSealedBy(verify, nodeId, sealed);
}

function isSealedBy(
  verify: SignatureCheck,
  nodeId: string,
  { message, public_key, sig: signature }: MemberSeal,
): boolean {
  return isSignedBy(verify, nodeId, toMessageContent(message), { public_key, signature });
}

function toObject(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? (value as JsonObject) : {};
}
