import { createId } from "../../../src/protocol/ids.ts";
import type { LinkSession, SentBody } from "../../../src/replication/links/link-port.ts";
import type { Store } from "../../../src/store/database.ts";
import { decodeEnvelope, encodeEnvelope } from "../../../src/wire/envelope.ts";
import { type LinkBody, parseLinkBody } from "../../../src/wire/link-bodies.ts";

/** What arrives at one end. */
export type Receive = (link: LinkSession, body: LinkBody, messageId: string) => void;

/** Looks at a frame on its way: false loses it, another body goes in its place. */
export type Tamper = (body: SentBody) => SentBody | boolean;

/** Who is at an end of a link. */
export interface LinkEnd {
  readonly nodeId: string;
  readonly store: Store;
  readonly receive: Receive;
}

class WiredLink implements LinkSession {
  readonly id = createId("msg");
  readonly nodeId: string;
  readonly isDialed: boolean;
  isOpen = true;
  bufferedBytes = 0;
  tamper: Tamper = () => true;
  other: WiredLink | undefined;
  /** Whether frames wait for `flow`. */
  isHeld = false;
  private readonly own: LinkEnd;
  private readonly frames: Uint8Array[] = [];
  private isFlowing = false;

  constructor(own: LinkEnd, other: LinkEnd, isDialed: boolean) {
    this.own = own;
    this.nodeId = other.nodeId;
    this.isDialed = isDialed;
  }

  send(body: SentBody): string {
    const id = createId("msg");
    this.own.store.gate(() => this.push(id, body));
    return id;
  }

  refuse(error: unknown): void {
    throw error;
  }

  close(): void {
    this.isOpen = false;
    this.frames.length = 0;
  }

  /** Lets what waits go on. */
  flow(): void {
    if (this.isFlowing || this.isHeld) return;
    this.isFlowing = true;
    setImmediate(() => this.deliver());
  }

  private push(id: string, body: SentBody): void {
    const sent = this.tamper(body);
    if (!this.isOpen || sent === false) return;
    const fields = { id, from: this.own.nodeId, to: this.nodeId, timestamp: 0 };
    const frame = encodeEnvelope("message", { ...fields, body: sent === true ? body : sent });
    this.frames.push(frame);
    this.bufferedBytes += frame.length;
    this.flow();
  }

  private deliver(): void {
    this.isFlowing = false;
    const frame = this.frames.shift();
    if (frame === undefined || !this.isOpen || this.other === undefined) return;
    this.bufferedBytes -= frame.length;
    const { fields } = decodeEnvelope(frame);
    const body = fields.body as Readonly<Record<string, unknown>> & { type: LinkBody["type"] };
    this.other.own.receive(this.other, parseLinkBody(body.type, body), String(fields.id));
    if (this.frames.length > 0) this.flow();
  }
}

/** A link between two stores, with the frames that the wire has; `dialer` has opened it. */
export function wireLink(dialer: LinkEnd, responder: LinkEnd) {
  const dialed = new WiredLink(dialer, responder, true);
  const served = new WiredLink(responder, dialer, false);
  dialed.other = served;
  served.other = dialed;
  return { dialed, served };
}
