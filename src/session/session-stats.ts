import { Tally } from "../base/metrics.ts";

/** What all sessions did since the start. */
export class SessionStats {
  /** Connections that were taken, and those that proved a node id. */
  accepted = 0;
  verified = 0;
  framesIn = 0;
  framesOut = 0;
  /** Of frames, without what the transport adds. */
  bytesOut = 0;
  /** ErrorMessages that were sent, by their code. */
  readonly errors = new Tally();
}
