import type { Logger } from "../base/log.ts";
import { isExpected, isWireErrorCode, StewardError } from "../errors.ts";
import type { Store } from "../store/database.ts";
import type { PeerQueries } from "../store/zones/peers.ts";
import type { AtlasMessage } from "../wire/messages.ts";
import type { PackedBody } from "../wire/packed-body.ts";
import { parseZoneRequest, type ZoneRequestType } from "../wire/zone-requests.ts";
import type { Sender, ZoneCall, ZoneHandler, ZoneHandlers } from "../zones/call.ts";
import type { ReturnPath } from "./return-path.ts";

const REQUEST_ID_CHARS_MAX = 128;

export interface TakingDeps {
  readonly store: Store;
  readonly peers: PeerQueries;
  readonly handlers: ZoneHandlers;
  readonly now: () => number;
  readonly log: Logger;
}

/** A zone message whose header was checked, and the way back to its sender. */
export interface Taken {
  readonly message: AtlasMessage;
  readonly sender: Sender;
  readonly path: ReturnPath;
  readonly body: PackedBody;
  readonly type: ZoneRequestType;
  /** @throws StewardError where no answer may be made for the sender now */
  readonly takeRoom: () => void;
}

/**
 * Takes a zone message: acknowledgement, deduplication row and effect share one transaction;
 * `docs/protocol.md` §5.
 * @throws StewardError with a wire code, which refuses the message itself
 */
export function takeMessage(deps: TakingDeps, taken: Taken): void {
  const { message, sender, path } = taken;
  let answered = false;
  const fail = (error: unknown): void => {
    if (answered) return;
    answered = true;
    path.fail(error);
  };
  try {
    deps.store.write((write) => {
      path.acknowledge((error) => {
        // The turn is lost and with it the answer that was queued in it: now the failure is the
        // answer.
        answered = false;
        fail(error);
      });
      const isNew = deps.peers.insertSeen(write, sender.nodeId, message.id, deps.now());
      if (!isNew) return path.repeat();
      handle(deps, taken, fail);
    });
  } catch (error) {
    // A lost turn aborts all its messages through their gates: if this one was answered there, it
    // is not answered again.
    if (!answered) throw error;
  }
}

/** The request id that an answer repeats; a longer one fits no schema, and might fit no answer. */
export function findRequestId(body: PackedBody): string | undefined {
  const value = body.find("request_id");
  if (!value?.isText || value.byteLength > 4 * REQUEST_ID_CHARS_MAX) return undefined;
  const requestId = value.decode() as string;
  return requestId.length <= REQUEST_ID_CHARS_MAX ? requestId : undefined;
}

function handle(deps: TakingDeps, taken: Taken, fail: (error: unknown) => void): void {
  const { body, type, takeRoom } = taken;
  const onError = (error: unknown): void => {
    logUnexpected(deps.log, error, type);
    fail(error);
  };
  try {
    deps.store.operate((write) => {
      const parsed = parseZoneRequest(type, body);
      takeRoom();
      const handler = deps.handlers[type] as ZoneHandler<typeof type>;
      handler(createCall(deps, taken), parsed, write)?.catch(onError);
    });
  } catch (error) {
    // A wire code refuses the message itself: neither acknowledged nor remembered.
    if (error instanceof StewardError && isWireErrorCode(error.code)) throw error;
    onError(error);
  }
}

function createCall(deps: TakingDeps, { sender, message, path }: Taken): ZoneCall {
  return {
    sender,
    messageId: message.id,
    now: deps.now(),
    about: (zoneId, gateClass, isRead) => path.about(zoneId, gateClass, isRead),
    reply: (body) => path.reply(body),
    answer: (body) => path.answer(body),
  };
}

function logUnexpected(log: Logger, error: unknown, type: string): void {
  if (!isExpected(error)) log.error({ err: error, type }, "a zone message failed");
}
