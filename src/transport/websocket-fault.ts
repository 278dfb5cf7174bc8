import { WebSocket } from "ws";
import { StewardError } from "../errors.ts";

/** RFC 6455 §5.5: a control frame has 125 bytes, two of them the code. */
const CLOSE_REASON_BYTES_MAX = 123;
const TOO_BIG = 1009;

/** A broken rule of the transport and how it is answered; `docs/protocol.md` §2. */
export interface Fault {
  /** WebSocket's own code for it. */
  readonly closeCode: number;
  readonly error: StewardError;
  /** The peer gets no time to read the answer: what it holds is to go now. */
  readonly dropped?: boolean;
}

/**
 * Leaves it to its owner to answer a fault of the framing: the library would close with a bare code.
 * Whoever else closes gives a reason.
 */
export class AnsweringWebSocket extends WebSocket {
  /** The close code of the fault that the library found; its `error` event says which. */
  faultCode: number | undefined;

  override close(code?: number, reason?: string | Buffer): void {
    if (code !== undefined && reason === undefined) this.faultCode = code;
    else super.close(code, reason);
  }
}

/** Turns a fault that the library found into its answer: 2002 where it is about size, else 2003. */
export function toFault(closeCode: number, error: Error): Fault {
  if (closeCode === TOO_BIG) return { closeCode, error: new StewardError(2002, { cause: error }) };
  const message = `${error.message}.`;
  return { closeCode, error: new StewardError(2003, { message, cause: error }) };
}

/** Cuts a text so that a close frame can carry it. */
export function toCloseReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= CLOSE_REASON_BYTES_MAX) return text;
  const cut = bytes.subarray(0, CLOSE_REASON_BYTES_MAX).toString("utf8");
  return cut.replace(/\ufffd+$/, "");
}
