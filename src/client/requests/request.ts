import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import { toRequestKey } from "../../protocol/terms.ts";
import type { Body } from "../../wire/body.ts";
import type { SettlementReceipt } from "../../wire/zone-replies.ts";
import { AgentError, hasCode } from "../agent-error.ts";
import type { Answer } from "../calls/ask.ts";
import type { Finals, FinalWatch } from "../calls/finals.ts";
import { parseReply, parseZoneError, type Reply } from "../calls/replies.ts";
import { armDeadline, type Deadline } from "../deadline.ts";
import type { VerifiedZone } from "../zones/envelope.ts";
import type { PayableChain } from "./chain-settings.ts";
import { type EscrowInfo, parseEscrow } from "./escrow.ts";
import { findPlace, type LedgerEntry } from "./ledger.ts";
import { type PayDeps, payQuote, type RequestInput, useLedger } from "./pay.ts";
import { parseSettlement } from "./receipt.ts";

/** Bounds on how soon a pending request is asked about; the answer is pushed, asking is the fallback. */
const POLL_MS_MIN = 1000;
const POLL_MS_MAX = 30_000;

/** How often a request is asked because the zone has a newer epoch; takeovers follow one another. */
const ASK_ATTEMPTS_MAX = 4;

/** What an action came to. */
export interface ActionOutcome {
  readonly requestId: string;
  readonly result: JsonValue;
  /** Proof of a direct payment. */
  readonly settlement?: SettlementReceipt;
  /** State of an escrowed payment; `docs/protocol.md` §8. */
  readonly escrow?: EscrowInfo;
}

/** What a request needs beside paying. */
export interface RequestDeps extends PayDeps {
  readonly finals: Finals;
  /** The zone's newest known envelope, verified, and the connected node named in it. */
  readonly getZone: (zoneId: string, deadline: Deadline) => Promise<VerifiedZone>;
}

/**
 * Asks for an action, pays where it costs and the caller agreed, and waits for the final answer,
 * however it comes: as the reply, pushed, or by asking again; `docs/protocol.md` §8.
 * @throws AgentError; `undelivered` where only the steward's operator can go on
 */
export async function runRequest(deps: RequestDeps, input: RequestInput): Promise<ActionOutcome> {
  const watch = deps.finals.watch(input.requestId, input.zoneId);
  try {
    const { answer, zone } = await askForAction(deps, input);
    const paid =
      answer.body.type === "zone.payment_required"
        ? await payQuote(deps, input, { answer, zone })
        : answer;
    const final = await waitForFinal(deps, input, { answer: paid, watch });
    return await settleAndReturn(deps, input, final.body);
  } finally {
    watch.stop();
  }
}

async function askForAction(
  deps: RequestDeps,
  input: RequestInput,
): Promise<{ answer: Answer; zone: VerifiedZone }> {
  const { zoneId, deadline } = input;
  const ask = (zone: VerifiedZone) =>
    deps.ask(
      {
        type: "zone.request",
        request_id: input.requestId,
        zone_id: zoneId,
        action: input.action,
        params: input.params,
        epoch: zone.envelope.epoch,
      },
      { deadline },
    );
  let zone = await deps.getZone(zoneId, deadline);
  for (let attempt = 1; ; attempt++) {
    try {
      return { answer: await ask(zone), zone };
    } catch (error) {
      if (!hasCode(error, "stale_manifest") || attempt >= ASK_ATTEMPTS_MAX) throw error;
      const { epoch } = zone.envelope;
      zone = await deps.inspectZone(zoneId, deadline);
      if (attempt > 1 && zone.envelope.epoch === epoch) throw error;
    }
  }
}

async function waitForFinal(
  deps: RequestDeps,
  input: RequestInput,
  from: { answer: Answer; watch: FinalWatch },
): Promise<Answer> {
  let { answer } = from;
  for (let polls = 0; answer.body.type === "zone.pending"; polls++) {
    const pending = parseReply("zone.pending", answer.body);
    const { retry_after_ms } = pending;
    if (pending.state === "undelivered") throw toUndelivered(pending);
    const pollMs = Math.max(retry_after_ms, POLL_MS_MIN * 2 ** Math.min(polls, 10));
    const pushed = await waitForPush(
      from.watch,
      Math.min(pollMs, POLL_MS_MAX),
      input.deadline,
    ).catch((error: unknown) => {
      throw hasCode(error, "timeout") ? toTimeout(pending) : error;
    });
    if (pushed?.type === "zone.error") throw parseZoneError(pushed);
    if (pushed !== undefined) answer = { ...answer, body: pushed };
    else {
      answer = await deps.ask(
        {
          type: "zone.receipt",
          request_id: input.requestId,
          zone_id: input.zoneId,
        },
        { deadline: input.deadline, zoneId: input.zoneId },
      );
    }
  }
  return answer;
}

/** Only the steward's operator goes on with it: waiting here would be for nothing. */
function toUndelivered(pending: Reply<"zone.pending">): AgentError {
  const { request_id, state, reason, message, retry_after_ms } = pending;
  return new AgentError("undelivered", {
    reason: reason ?? "UNDELIVERED",
    message,
    retryAfterMs: retry_after_ms,
    details: { request_id, state },
  });
}

/** A time-out that says how far the request had come. */
function toTimeout({ request_id, state, tx_hash }: Reply<"zone.pending">): AgentError {
  return new AgentError("timeout", {
    message: `No final answer came in time; the request is ${state}.`,
    details: { request_id, state, ...(tx_hash !== undefined && { tx_hash }) },
  });
}

/** Waits for a pushed answer until it is time to ask; undefined then. */
async function waitForPush(watch: FinalWatch, pollMs: number, deadline: Deadline) {
  const end = new AbortController();
  let ended: AgentError | undefined;
  const disarm = armDeadline(deadline, (error) => {
    ended = error;
    end.abort();
  });
  const timer = setTimeout(() => end.abort(), pollMs);
  try {
    const pushed = await watch.next(end.signal);
    if (pushed === undefined && ended !== undefined) throw ended;
    return pushed;
  } finally {
    clearTimeout(timer);
    disarm();
  }
}

async function settleAndReturn(
  deps: RequestDeps,
  input: RequestInput,
  body: Body,
): Promise<ActionOutcome> {
  const isPaid = body.settlement !== undefined || body.escrow !== undefined;
  if (!isPaid) return toOutcome(body, input.requestId, undefined);
  const requestKey = toRequestKey(deps.nodeId, input.requestId, input);
  const { key, entry } = await useLedger(() => findPlace(deps.ledger, requestKey, input.zoneId));
  const outcome = toOutcome(body, input.requestId, entry, deps.chains);
  if (entry?.state === "authorized") {
    const txHash = outcome.settlement?.tx_hash ?? outcome.escrow?.tx_hash;
    const settled = { ...entry, state: "settled" as const };
    const known = typeof txHash === "string" ? { ...settled, txHash } : settled;
    await useLedger(() => deps.ledger.put(key, known));
  }
  return outcome;
}

/**
 * Reads a final answer; `docs/protocol.md` §8.
 * @param entry the agent's record of the payment, which the receipt is compared with
 * @throws AgentError `protocol_error`, `receipt_invalid`
 */
export function toOutcome(
  body: Body,
  requestId: string,
  entry: LedgerEntry | undefined,
  chains: ReadonlyMap<number, PayableChain> = new Map(),
): ActionOutcome {
  const { result, settlement, escrow, ...response } = parseReply("zone.response", body);
  if (response.request_id !== requestId) {
    throw new AgentError("protocol_error", { message: "The answer is to another request." });
  }
  return {
    requestId,
    result,
    ...(settlement !== undefined && { settlement: parseSettlement(settlement, entry) }),
    ...(escrow !== undefined && { escrow: toEscrow(escrow, chains, entry) }),
  };
}

function toEscrow(
  escrow: JsonObject,
  chains: ReadonlyMap<number, PayableChain>,
  entry: LedgerEntry | undefined,
): EscrowInfo {
  const escrowId = entry?.escrowId ?? String(escrow.escrow_id);
  return parseEscrow(escrow, { escrowId, chains, entry });
}
