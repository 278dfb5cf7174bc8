import { StewardError } from "../../errors.ts";
import type { SignatureVerifier } from "../../identity/verify.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { LINK_ENVELOPES_MAX, parseLinkBody } from "../../wire/link-bodies.ts";
import type { PackedBody } from "../../wire/packed-body.ts";
import type { PackedValue } from "../../wire/packed-value.ts";
import { type VerifiedEnvelope, verifyEnvelope } from "../../zones/hosting/signed-envelope.ts";
import { isAllowed, type ReplicationConfig } from "../config.ts";
import type { LinkMessage, LinkSession } from "./link-port.ts";

const ID_BYTES_MAX = 256;

/** Bodies that only whom this steward asked sends: whoever it dialed. */
const ANSWERS: ReadonlySet<string> = new Set([
  "zone.position",
  "zone.entries",
  "zone.snapshot",
  "zone.answer",
  "zone.error",
  "zone.result",
]);
/** Bodies that are passed over where they come from others. */
const IGNORED: ReadonlySet<string> = new Set(["zone.presence", "zone.head"]);

/** A zone that its operator lets this steward take part in, as far as links care. */
export interface SharedZone {
  readonly creator: string;
  /** The node ids that envelope E names. */
  readonly stewards: ReadonlySet<string>;
}

export interface LinkAdmissionDeps {
  readonly config: Pick<ReplicationConfig, "allow">;
  readonly verifier: SignatureVerifier;
  readonly findZone: (zoneId: string) => SharedZone | undefined;
  /** The zone whose request a run is of that another steward began; undefined where nobody waits for it. */
  readonly findRunZone: (invokeId: string) => string | undefined;
}

/**
 * Checks who sends a body of a link, and about which zone, before anything is done with it;
 * `docs/protocol.md` §9.2.
 * @returns false where it is passed over without a word
 * @throws StewardError `invalid_params`, `zone_not_found`, 2003 NOT_ALLOWED
 */
export function admitLinkBody(
  deps: LinkAdmissionDeps,
  link: Pick<LinkSession, "nodeId" | "isDialed">,
  message: LinkMessage,
): boolean {
  const { type } = message.body;
  if (link.isDialed && ANSWERS.has(type)) return true;
  const zoneId = type === "zone.result" ? findRunZone(deps, message) : findZoneId(message);
  // Nobody waits for that run any more.
  if (zoneId === undefined) return false;
  if (type === "zone.epoch") return admitEpoch(deps, link.nodeId, zoneId, message);
  const zone = deps.findZone(zoneId);
  if (zone === undefined) throw new StewardError("zone_not_found");
  if (zone.stewards.has(link.nodeId)) return true;
  if (IGNORED.has(type)) return false;
  throw toNotAllowed();
}

function findZoneId({ body }: LinkMessage): string {
  const zoneId = toId(body.find("zone_id"));
  if (zoneId !== undefined) return zoneId;
  throw new StewardError("invalid_params", { message: "zone_id: missing, expected string" });
}

function findRunZone({ findRunZone: find }: LinkAdmissionDeps, { body }: LinkMessage) {
  const invokeId = toId(body.find("invoke_id"));
  if (invokeId !== undefined) return find(invokeId);
  throw new StewardError("invalid_params", { message: "invoke_id: missing, expected string" });
}

function toId(value: PackedValue | undefined): string | undefined {
  if (value?.isText !== true || value.byteLength > ID_BYTES_MAX) return undefined;
  return value.decode() as string;
}

/** Whoever is not named by E must be named by what he sends, which must be its creator's word then. */
function admitEpoch(
  deps: LinkAdmissionDeps,
  nodeId: string,
  zoneId: string,
  message: LinkMessage,
): boolean {
  // Anybody may send this: nothing of it is built before its zone is one that the operator allows.
  const creator = deps.findZone(zoneId)?.creator ?? findCreator(message.body);
  if (!isAllowed(deps.config, { zoneId, creator })) throw new StewardError("zone_not_found");
  const { envelopes } = parseLinkBody("zone.epoch", message.body.value.decode() as JsonObject);
  if (deps.findZone(zoneId)?.stewards.has(nodeId)) return true;
  const isNamed = envelopes.slice(-2).some((raw) => {
    const verified = verifyEnvelope(deps.verifier, raw);
    return isOf(verified, zoneId, creator) && names(verified, nodeId);
  });
  if (!isNamed) throw toNotAllowed();
  return true;
}

/** Whom the last envelope names as its creator, read where it stands. */
function findCreator(body: PackedBody): string {
  const envelopes = body.find("envelopes");
  let last: PackedValue | undefined;
  if (envelopes?.isArray && envelopes.count <= LINK_ENVELOPES_MAX) {
    for (const envelope of envelopes.items()) last = envelope;
  }
  const creator = toId(pick(pick(pick(last, "manifest"), "creator"), "node_id"));
  if (creator !== undefined) return creator;
  throw new StewardError("invalid_params", {
    message: `envelopes: expected 1 to ${LINK_ENVELOPES_MAX}, the last with its manifest's creator`,
  });
}

function pick(value: PackedValue | undefined, key: string): PackedValue | undefined {
  return value?.pick([key]).get(key);
}

function isOf({ manifest }: VerifiedEnvelope, zoneId: string, creator: string): boolean {
  return manifest.id === zoneId && manifest.creator.node_id === creator;
}

function names({ manifest }: VerifiedEnvelope, nodeId: string): boolean {
  return manifest.steward_set.some((ref) => ref.node_id === nodeId);
}

function toNotAllowed(): StewardError {
  return new StewardError(2003, {
    reason: "NOT_ALLOWED",
    message: "Only the stewards of a zone may send this.",
  });
}
