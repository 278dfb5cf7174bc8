import { createBrotli } from "../transport/brotli.ts";
import {
  expandEnvelope,
  type ShrunkFrame,
  type StreamCodec,
  shrinkEnvelope,
  shrinkFanOut,
} from "../wire/compression.ts";
import type { FanOutFrame } from "../wire/fan-out-frame.ts";
import { mayShrink } from "../wire/shrunk-bodies.ts";
import type { WireConfig } from "./config.ts";

/** Compresses what sessions send that agreed on it, and expands what they receive; `docs/protocol.md` §2. */
export class Compression {
  private readonly config: WireConfig["compression"];
  private readonly codec: StreamCodec;
  /** Undefined: it gains nothing. */
  private readonly shared = new WeakMap<
    FanOutFrame,
    { readonly shrunk: ShrunkFrame | undefined }
  >();

  constructor(config: WireConfig["compression"]) {
    this.config = config;
    this.codec = createBrotli(config.quality);
  }

  /** Whether HelloAck lists the capability to a peer that does. */
  get isOffered(): boolean {
    return this.config.enabled;
  }

  /** @throws StewardError 2002, 2003 */
  expand(envelope: Uint8Array): Uint8Array {
    return expandEnvelope(envelope, this.codec);
  }

  /** Compresses an envelope of the steward's own message, where its body is of a kind that may be. */
  shrink(envelope: Uint8Array, body: unknown): Uint8Array {
    if (envelope.length < this.config.bytes_min || !mayShrink(body)) return envelope;
    return shrinkEnvelope(envelope, this.codec);
  }

  /** Compresses a frame once for all who are sent it; undefined where it goes as it is. */
  shrinkShared(frame: FanOutFrame): ShrunkFrame | undefined {
    if (frame.envelope.length < this.config.bytes_min || !frame.mayShrink) return undefined;
    let known = this.shared.get(frame);
    if (known === undefined) {
      known = { shrunk: shrinkFanOut(frame, this.codec) };
      this.shared.set(frame, known);
    }
    return known.shrunk;
  }
}
