import { StewardError, toZoneError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import { MANIFEST_BYTES_MAX, zoneEnvelopeSchema } from "../../protocol/manifest.ts";
import type { Write } from "../../store/database.ts";
import type { PackedValue } from "../../wire/packed-value.ts";
import { type Sender, toReplyId, type ZoneCall, type ZoneHandler } from "../call.ts";
import type { ZoneCheckDeps } from "../checks.ts";
import { assertBound, assertCreator, checkCreator, toNotAllowed } from "../creator-only.ts";
import {
  assertCreatorRoom,
  assertHosted,
  createZone,
  keepFork,
  updateZone,
  type ZoneHostDeps,
} from "../hosting/host.ts";
import { assertCleanEnvelope } from "../hosting/scan-envelope.ts";
import { verifyEnvelope } from "../hosting/signed-envelope.ts";
import type { ScanDeps } from "../scan-port.ts";
import { toZoneState, type Zone } from "../zone.ts";

const ENVELOPE_KEYS = Object.keys(zoneEnvelopeSchema.shape);
/** What is 256 KiB of canonical JSON may be longer as MessagePack: numbers are. */
const MEMBER_BYTES_MAX = 3 * MANIFEST_BYTES_MAX;
const ID_BYTES_MAX = 256;

export interface CreateDeps extends ZoneCheckDeps, ZoneHostDeps, ScanDeps {
  /** Who may create zones over the wire. */
  readonly creation: "operator" | "verified" | "anyone";
}

/** Hosts a zone for a creator whose key the steward never sees; `docs/protocol.md` §6. */
export function handleCreate(deps: CreateDeps): ZoneHandler<"zone.create"> {
  return (call, body, write) => {
    assertMayCreate(deps, call.sender);
    const envelope = toEnvelope(body.envelope);
    assertOwn(call.sender, envelope);
    answerChange(write, deps, call, body, [envelope], (inner, host, raw) => {
      const zone = createZone(inner, host, raw);
      assertCreatorRoom(host, call.sender.nodeId);
      return zone;
    });
  };
}

/** Replaces a zone's envelope by what its creator signed; `docs/protocol.md` §6. */
export function handleUpdate(deps: CreateDeps): ZoneHandler<"zone.update"> {
  return (call, body, write) => {
    const zoneId = findZoneId(body.envelope);
    if (zoneId === undefined) {
      throw new StewardError("invalid_params", {
        message: "envelope.manifest.id: expected a zone",
      });
    }
    const packed = [...(body.chain?.items() ?? []), body.envelope];
    const zone = deps.reader.find(zoneId);
    if (zone === undefined) return joinSet(write, deps, call, body, packed);
    // What may follow a signed stop is judged with the envelope.
    const needs = { isEnvelope: true, evenStopped: zone.row.state === "stopped" };
    if (deps.adoption.holds(zoneId)) assertCreator(deps, call.sender, zoneId);
    else checkCreator(deps, call, { zone_id: zoneId }, needs);
    if (packed.some((raw) => findZoneId(raw) !== zoneId)) {
      throw new StewardError("invalid_params", { message: "chain: expected one zone's envelopes" });
    }
    const chain = packed.map(toEnvelope);
    answerChange(write, deps, call, body, chain, (inner, host, raw) =>
      updateZone(inner, host, raw, raw === chain.at(-1)),
    );
  };
}

/** A steward that a zone's newest envelope names for the first time takes all of them. */
function joinSet(
  write: Write,
  deps: CreateDeps,
  call: ZoneCall,
  body: { readonly request_id?: string | undefined },
  packed: readonly PackedValue[],
): void {
  assertBound(call.sender);
  const [, ...later] = packed;
  if (later.length === 0) throw new StewardError("zone_not_found");
  const chain = packed.map(toEnvelope);
  for (const envelope of chain) assertOwn(call.sender, envelope);
  const verified = chain.map((raw) => verifyEnvelope(deps.verifier, raw));
  const last = verified.at(-1);
  if (last === undefined || !deps.adoption.concerns(last.manifest)) {
    throw new StewardError("zone_not_found");
  }
  assertHosted(deps, last);
  deps.adoption.adopt(write, verified, false);
  call.reply(toManifestReply(deps, deps.reader.get(last.manifest.id), body));
}

/** Builds what an envelope has; what stands unsigned beside that is not even looked at. */
function toEnvelope(value: PackedValue): JsonObject {
  const envelope: Record<string, JsonValue> = {};
  for (const [key, member] of value.pick(ENVELOPE_KEYS)) {
    if (member.byteLength > MEMBER_BYTES_MAX) {
      throw new StewardError("invalid_params", { message: `envelope.${key}: larger than 256 KiB` });
    }
    envelope[key] = member.decode();
  }
  return envelope;
}

function assertOwn(sender: Sender, envelope: JsonObject): void {
  const manifest = envelope.manifest as JsonObject | undefined;
  const creator = manifest?.creator as JsonObject | undefined;
  if (creator?.node_id !== undefined && creator.node_id !== sender.nodeId) throw toNotAllowed();
}

function assertMayCreate(deps: CreateDeps, sender: Sender): void {
  assertBound(sender);
  if (deps.creation === "anyone") return;
  if (deps.creation === "verified" && sender.trust === "verified") return;
  throw new StewardError(2003, {
    reason: "NOT_ALLOWED",
    message: "This steward's operator does not let you create zones here.",
  });
}

/** Applies envelopes in their order, all or none; a fork is kept although it is refused. */
function answerChange(
  write: Write,
  deps: CreateDeps,
  call: ZoneCall,
  body: { readonly request_id?: string | undefined },
  chain: readonly JsonObject[],
  apply: (write: Write, deps: CreateDeps, raw: JsonObject) => Zone,
): void {
  const newest = chain.at(-1);
  if (newest !== undefined) assertCleanEnvelope(deps, newest, call.sender.nodeId);
  let at: JsonObject = {};
  try {
    const zone = deps.store.write((write) => {
      let last: Zone | undefined;
      for (const raw of chain) {
        at = raw;
        last = apply(write, deps, raw);
      }
      return last;
    });
    if (zone !== undefined) call.reply(toManifestReply(deps, zone, body));
  } catch (error) {
    if (!(error instanceof StewardError) || error.reason !== "FORK") throw error;
    keepFork(write, deps, at);
    call.reply(toZoneError(error, body.request_id));
  }
}

function toManifestReply(
  { standings }: Pick<CreateDeps, "standings">,
  zone: Zone,
  body: { readonly request_id?: string | undefined },
) {
  return {
    type: "zone.manifest",
    ...toReplyId(body),
    envelope: zone.envelope,
    members: zone.row.memberCount,
    state: toZoneState(zone.row),
    ...standings.find(zone.row),
  } as const;
}

function findZoneId(envelope: PackedValue): string | undefined {
  const id = envelope.pick(["manifest"]).get("manifest")?.pick(["id"]).get("id");
  return id?.isText && id.byteLength <= ID_BYTES_MAX ? (id.decode() as string) : undefined;
}
