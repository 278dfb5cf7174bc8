import type { Logger } from "../base/log.ts";
import { isExpected, isWireErrorCode, StewardError } from "../errors.ts";
import type { Store, Write } from "../store/database.ts";
import type { AtlasMessage } from "../wire/messages.ts";
import type { PackedBody } from "../wire/packed-body.ts";
import type { StewardBody } from "../wire/zone-replies.ts";
import { parseZoneRequest, type ZoneRequest, type ZoneRequestType } from "../wire/zone-requests.ts";
import {
  isQuestion,
  type QuestionHandler,
  type QuestionType,
  type Sender,
  type ZoneCall,
  type ZoneHandler,
  type ZoneHandlers,
} from "../zones/call.ts";
import type { GateClass } from "../zones/zone-gate.ts";
import type { Room } from "./answer-room.ts";
import type { ReturnPath } from "./return-path.ts";
import type { SeenMessages } from "./seen-messages.ts";

const REQUEST_ID_CHARS_MAX = 128;

export interface TakingDeps {
  readonly store: Store;
  readonly seen: SeenMessages;
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
  /** Where what is made for the sender is bounded here. */
  readonly room: Room | undefined;
}

/**
 * Takes a zone message: acknowledgement, deduplication row and effect share one transaction;
 * `docs/protocol.md` §5.
 * @throws StewardError with a wire code, which refuses the message itself
 */
export function takeMessage(deps: TakingDeps, taken: Taken): void {
  const { message, sender, path, type } = taken;
  if (isQuestion(type)) return takeQuestion(deps, taken, type);
  try {
    deps.store.operate((write) => {
      path.acknowledge();
      if (deps.seen.note(write, sender.nodeId, message.id)) handle(deps, taken, write);
      else path.repeat();
    });
  } catch (error) {
    // A wire code refuses the message itself: neither acknowledged nor remembered.
    if (error instanceof StewardError && isWireErrorCode(error.code)) throw error;
    logUnexpected(deps.log, error, type);
    // A lost turn aborts all its messages through their gates: then this one is answered.
    if (path.isRefused) return;
    // Undone with what it changed is that it was taken, which is to be remembered.
    deps.store.operate((write) => {
      path.acknowledge();
      deps.seen.note(write, sender.nodeId, message.id);
      path.fail(error);
    });
  }
}

/** Takes what changes nothing: no turn is opened for it, and what it tells waits for one that is open. */
function takeQuestion<T extends QuestionType>(deps: TakingDeps, taken: Taken, type: T): void {
  const { message, sender, path } = taken;
  let refusal: unknown;
  let body: ZoneRequest<T> | undefined;
  try {
    body = parseZoneRequest(type, taken.body);
    taken.room?.take();
  } catch (error) {
    if (error instanceof StewardError && isWireErrorCode(error.code)) throw error;
    refusal = error;
  }
  path.acknowledgeQuestion();
  deps.store.shareReads();
  if (!deps.seen.noteQuestion(sender.nodeId, message.id)) return;
  const refuse = toRefuse(deps.log, path, type);
  if (body === undefined || refusal !== undefined) return refuse(refusal);
  const handler = deps.handlers[type] as QuestionHandler<T>;
  try {
    handler(new TakenCall(deps.now(), taken), body)?.catch(refuse);
  } catch (error) {
    refuse(error);
  }
}

/** The request id that an answer repeats; a longer one fits no schema, and might fit no answer. */
export function findRequestId(body: PackedBody): string | undefined {
  const value = body.find("request_id");
  if (!value?.isText || value.byteLength > 4 * REQUEST_ID_CHARS_MAX) return undefined;
  const requestId = value.decode() as string;
  return requestId.length <= REQUEST_ID_CHARS_MAX ? requestId : undefined;
}

function handle(deps: TakingDeps, taken: Taken, write: Write): void {
  const { body, path, type, room } = taken;
  const parsed = parseZoneRequest(type, body);
  room?.take();
  const handler = deps.handlers[type] as ZoneHandler<typeof type>;
  const call = new TakenCall(deps.now(), taken);
  handler(call, parsed, write)?.catch(toRefuse(deps.log, path, type));
}

/** What a handler gets to know; kept until a run ends, it does not keep the message. */
class TakenCall implements ZoneCall {
  readonly sender: Sender;
  readonly messageId: string;
  readonly now: number;
  private readonly path: ReturnPath;
  private readonly room: Room | undefined;

  constructor(now: number, { sender, message, path, room }: Taken) {
    this.sender = sender;
    this.messageId = message.id;
    this.now = now;
    this.path = path;
    this.room = room;
  }

  about(zoneId: string, gateClass: GateClass, isRead: boolean): void {
    this.path.about(zoneId, gateClass, isRead);
  }

  reply(body: StewardBody): void {
    this.room?.hold(body);
    this.path.reply(body);
  }

  answer(body: StewardBody): void {
    this.path.answer(body);
  }
}

function toRefuse(log: Logger, path: ReturnPath, type: string): (error: unknown) => void {
  return (error) => {
    logUnexpected(log, error, type);
    path.fail(error);
  };
}

function logUnexpected(log: Logger, error: unknown, type: string): void {
  if (!isExpected(error)) log.error({ err: error, type }, "a zone message failed");
}
