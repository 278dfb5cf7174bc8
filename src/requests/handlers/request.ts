import { hash } from "node:crypto";
import type { ActionHandler } from "../../actions/handler.ts";
import { StewardError } from "../../errors.ts";
import { createId } from "../../protocol/ids.ts";
import { type ActionPrice, findAction, type ManifestAction } from "../../protocol/manifest.ts";
import type { Write } from "../../store/database.ts";
import type { RequestRow } from "../../store/zones/requests.ts";
import type { ZoneRequest } from "../../wire/zone-requests.ts";
import type { ZoneCall, ZoneHandler } from "../../zones/call.ts";
import { checkZone, enterZone } from "../../zones/checks.ts";
import { assertFits, fitsMessages } from "../../zones/fits.ts";
import type { Zone } from "../../zones/zone.ts";
import type { RequestDeps } from "../deps.ts";
import { hasRun, isPaying } from "../progress.ts";
import { answerFinal, answerKnown, wait } from "../reply.ts";
import { assertRequestRoom } from "../request-room.ts";

/** How long a quoted request is kept after its deadline: until its requirement cannot be found open. */
const UNPAID_KEPT_SECS = 600;

type Body = ZoneRequest<"zone.request">;

/** Runs a free action or quotes a priced one, once per request id; `docs/protocol.md` §8. */
export function handleRequest(deps: RequestDeps): ZoneHandler<"zone.request"> {
  return (call, body, write) => {
    const known = deps.requests.findRequest({
      zoneId: body.zone_id,
      nodeId: call.sender.nodeId,
      requestId: body.request_id,
    });
    // What was paid is delivered whatever became of membership or zone.
    if (known && isPaying(known) && isSame(known, body)) {
      enterZone(deps, call, known.zoneId, "money");
      return answerKnown(write, deps, call, known);
    }
    const gateClass = ({ manifest }: Zone) =>
      findAction(manifest, body.action)?.price === undefined ? "other" : "money";
    const { zone } = checkZone(deps, call, body, { member: true, counted: true, gateClass });
    if (known === undefined) assertRequestRoom(deps, call.sender.nodeId);
    const action = findAction(zone.manifest, body.action);
    if (action === undefined) throw new StewardError("action_not_found");
    // Params go on to providers; refused after the payment, they would be paid for nothing.
    assertFits(body.params, "params");
    deps.paramsChecker.assert(action.params, body.params);
    if (known && !isSame(known, body)) {
      throw new StewardError("invalid_params", {
        reason: "REQUEST_ID_CONFLICT",
        message: "The request_id was used with other content.",
      });
    }
    if (known && hasRun(known)) return answerKnown(write, deps, call, known);
    const subject = { zoneId: body.zone_id, nodeId: call.sender.nodeId, part: "params" } as const;
    deps.scanner.assertClean(subject, [body.params]);
    if (action.price !== undefined) assertPayable(deps, zone, action.price);
    const handler = deps.actions.find(zone.row.zoneId, action.name);
    if (handler === undefined) throw new StewardError("internal", { reason: "NO_HANDLER" });
    handler.assertAvailable({ zoneId: zone.row.zoneId, action: action.name });
    if (action.price !== undefined) {
      const row = known ?? insertRequest(write, deps, call, body, action);
      return quote(write, deps, call, row, zone, action);
    }
    deps.runner.assertOpen();
    if (known !== undefined) return runAgain(write, deps, call, known, handler);
    const row = toRow(call, body, action);
    if (handler.compute !== undefined) return compute(write, deps, call, row, handler.compute);
    wait(deps, call, row, deps.paymentWaitMs);
    deps.runner.startNew(write, row, handler);
  };
}

function isSame(known: RequestRow, body: Body): boolean {
  return fitsMessages(body.params) && known.contentHash === toContentHash(body);
}

function insertRequest(
  write: Write,
  deps: RequestDeps,
  call: ZoneCall,
  body: Body,
  action: ManifestAction,
): RequestRow {
  const row = toRow(call, body, action);
  deps.requests.insertRequest(write, row);
  return row;
}

function toRow(call: ZoneCall, body: Body, action: ManifestAction): RequestRow {
  const { sealed } = call.sender;
  return {
    nodeId: call.sender.nodeId,
    requestId: body.request_id,
    zoneId: body.zone_id,
    action: action.name,
    params: body.params.canonical,
    contentHash: toContentHash(body),
    state: "quoted",
    paid: false,
    invokeId: createId("req"),
    idempotent: false,
    messageId: call.messageId,
    result: null,
    failure: null,
    createdAt: call.now,
    updatedAt: call.now,
    expiresAt: null,
    runner: null,
    sig: sealed === undefined ? null : JSON.stringify({ message: sealed }),
  };
}

/** Runs a free request that was quoted, or whose run failed, before. */
function runAgain(
  write: Write,
  deps: RequestDeps,
  call: ZoneCall,
  row: RequestRow,
  handler: ActionHandler,
): void {
  const touched = deps.requests.moveRequest(write, row, row.state, { messageId: call.messageId });
  wait(deps, call, touched, deps.paymentWaitMs);
  deps.runner.start(write, touched, handler);
}

/** Writes a new free request with its answer, which is there at once. */
function compute(
  write: Write,
  deps: RequestDeps,
  call: ZoneCall,
  asked: RequestRow,
  toResult: NonNullable<ActionHandler["compute"]>,
): void {
  const row = deps.runner.toAnswered(asked, toResult(asked.params));
  deps.requests.insertRequest(write, row);
  answerFinal(deps, call, row);
}

/** Before the handler is asked for: `payment_failed` stands above `internal`. */
function assertPayable(deps: RequestDeps, { manifest }: Zone, price: ActionPrice): void {
  const { payments } = deps;
  if (payments === undefined) {
    throw new StewardError("payment_failed", { reason: "UNSUPPORTED_ASSET" });
  }
  payments.assertPayable(price, manifest.chain_id);
}

function quote(
  write: Write,
  deps: RequestDeps,
  call: ZoneCall,
  row: RequestRow,
  zone: Zone,
  action: ManifestAction,
): void {
  const { price } = action;
  const { payments } = deps;
  if (price === undefined || payments === undefined) return;
  const requirement = payments.quote(write, {
    nodeId: row.nodeId,
    requestId: row.requestId,
    zoneId: row.zoneId,
    action: row.action,
    content: `{"action":${JSON.stringify(row.action)},"params":${row.params}}`,
    manifest: zone.manifest,
    epoch: zone.row.epoch,
    price,
  });
  deps.requests.moveRequest(write, row, "quoted", {
    messageId: call.messageId,
    failure: null,
    updatedAt: call.now,
    expiresAt: Math.max(
      row.expiresAt ?? 0,
      requirement.payment_requirement.deadline + UNPAID_KEPT_SECS,
    ),
  });
  call.reply(requirement);
}

function toContentHash({ zone_id, action, params }: Body): string {
  // The canonical JSON of the three, whose keys stand here in their order.
  return hash(
    "sha256",
    `{"action":${JSON.stringify(action)},"params":${params.canonical},"zone_id":${JSON.stringify(zone_id)}}`,
  );
}
