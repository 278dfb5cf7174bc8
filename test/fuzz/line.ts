import type { WebSocket } from "ws";
import { createId } from "../../src/protocol/ids.ts";
import { type DecodedEnvelope, decodeEnvelope } from "../../src/wire/envelope.ts";
import { REPLY_LIMITS } from "../../src/wire/structure-limits.ts";
import type { WireClient } from "../support/wire-client.ts";
import type { Shot } from "./frames.ts";

const ANSWER_MS = 20_000;

/** A frame that is answered in a way of its own: what was sent before it was read before it. */
interface Mark {
  readonly send: () => void;
  readonly isAnswer: (envelope: DecodedEnvelope) => boolean;
}

/** Before Verify or after it. */
export type Stage = "early" | "open";

/** One connection under attack. */
export class Line {
  readonly client: WireClient;
  private readonly stage: Stage;
  private readonly judge: (envelope: DecodedEnvelope) => void;
  private marks = 0;
  private isAnswer: Mark["isAnswer"] = () => false;
  private answered: (isAnswered: boolean) => void = () => {};

  constructor(client: WireClient, stage: Stage, judge: (envelope: DecodedEnvelope) => void) {
    this.client = client;
    this.stage = stage;
    this.judge = judge;
    // The client would keep every frame.
    client.socket.removeAllListeners("message");
    client.socket.on("message", (data: Buffer) =>
      this.hear(decodeEnvelope(data, { limits: REPLY_LIMITS })),
    );
    client.socket.on("close", () => this.answered(false));
  }

  /**
   * Fires and waits until everything was read, or the steward has closed or is about to.
   * @returns how many frames the steward is known to have read
   * @throws Error when it neither answers nor closes
   */
  async volley(shots: readonly Shot[]): Promise<number> {
    const { client, stage } = this;
    if (client.closed) return 0;
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    this.answered = resolve;
    const mark = stage === "open" ? this.toPing() : this.toMessage();
    this.isAnswer = mark.isAnswer;
    for (const shot of shots) fire(client.socket, shot);
    mark.send();
    const silence = setTimeout(
      () => reject(new Error(`no answer within ${ANSWER_MS} ms`)),
      ANSWER_MS,
    );
    try {
      return (await promise) ? shots.length : 1;
    } finally {
      clearTimeout(silence);
    }
  }

  /** Drops the connection. */
  async cut(): Promise<void> {
    this.client.socket.terminate();
    await this.client.waitClosed();
  }

  private hear(envelope: DecodedEnvelope): void {
    this.judge(envelope);
    if (this.isAnswer(envelope)) this.answered(true);
    if (isLast(envelope, this.stage)) this.answered(false);
  }

  /** A ping whose time no frame of the attack would have. */
  private toPing(): Mark {
    const ts = -1_000_000_000 - this.marks++;
    return {
      send: () => this.client.send("ping", { ts }),
      isAnswer: ({ type, fields }) => type === "pong" && fields.echo === ts,
    };
  }

  /** A message, which before Verify is refused by its id. */
  private toMessage(): Mark {
    const id = createId("msg");
    return {
      send: () => void this.client.sendBody({ type: "zone.discover" }, { id }),
      isAnswer: ({ type, fields }) => type === "error" && fields.ref_msg_id === id,
    };
  }
}

/** The steward reads no more and gives the peer a second to take this; there is no need for it. */
function isLast({ type, fields }: DecodedEnvelope, stage: Stage): boolean {
  if (type !== "error") return false;
  return fields.code === 2002 || (fields.code === 4001 && stage === "early");
}

function fire(socket: WebSocket, shot: Shot): void {
  if ("text" in shot) socket.send(shot.text, { binary: false });
  else socket.send(shot.bytes, { binary: true });
}
