import type { Logger } from "../../base/log.ts";
import { asAgentError } from "../../client/agent-error.ts";
import { Connection, type ConnectionHandlers } from "../../client/link/connection.ts";
import type { NodeIdentity } from "../../client/link/node-identity.ts";
import { parseWireAddress } from "../../client/link/wire-address.ts";
import { PackedValue } from "../../wire/packed-value.ts";
import { LINK_LIMITS } from "../../wire/structure-limits.ts";
import type { ReplicationConfig } from "../config.ts";

const DELAY_MIN_MS = 250;
const DELAY_MAX_MS = 30_000;
const DECODE = { scanBody: PackedValue.scan, limits: LINK_LIMITS };

export interface DialerDeps {
  readonly config: Pick<ReplicationConfig, "dial_timeout_ms" | "allow_insecure">;
  readonly identity: NodeIdentity;
  /** What Hello calls this steward. */
  readonly name: string;
  readonly log: Logger;
  /** Where a steward may be reached, as of now. */
  readonly addressesOf: (nodeId: string) => readonly string[];
}

/** One connection's way from its opening to its end. */
export interface DialedSession {
  readonly handlers: ConnectionHandlers;
  /** It is verified, and of the steward that was dialed. */
  onUp(connection: Connection): void;
  onDown(): void;
}

/** Milliseconds before another attempt; `docs/protocol.md` §9.2. */
export function toRedialMs(attempt: number, random: number): number {
  return Math.min(DELAY_MAX_MS, DELAY_MIN_MS * 2 ** Math.min(attempt, 16)) * (0.5 + random);
}

/** Keeps one session with another steward, dialed by this one: bound, proven, and pinned to its node id. */
export class Dialer {
  readonly nodeId: string;
  private readonly deps: DialerDeps;
  private readonly open: () => DialedSession;
  private readonly stopping = new AbortController();
  /** Attempts since the other side last took part. */
  private attempts = 0;
  private wake: () => void = () => {};

  /** @param open makes what takes the next connection */
  constructor(nodeId: string, deps: DialerDeps, open: () => DialedSession) {
    this.nodeId = nodeId;
    this.deps = deps;
    this.open = open;
    this.run().catch((error: unknown) => deps.log.error({ err: error }, "a dialer failed"));
  }

  /** Notes that the other side takes part: after a break it is dialed soon. */
  accepted(): void {
    this.attempts = 0;
  }

  /** Ends it, and what it has open. */
  stop(): void {
    this.stopping.abort(new Error("The steward stops."));
    this.wake();
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const addresses = this.deps.addressesOf(this.nodeId);
      const url = addresses[this.attempts % Math.max(1, addresses.length)];
      if (url !== undefined) await this.dial(url);
      await this.sleep(toRedialMs(this.attempts, Math.random()));
      this.attempts++;
    }
  }

  private async dial(url: string): Promise<void> {
    const { log } = this.deps;
    const session = this.open();
    let connection: Connection;
    try {
      connection = await this.connect(url, session.handlers);
    } catch (error) {
      const { code, reason, message } = asAgentError(error, "connection_failed");
      log.debug({ node: this.nodeId, code, reason }, `a steward is not reached: ${message}`);
      return;
    }
    const onStop = () => void connection.close();
    this.stopping.signal.addEventListener("abort", onStop, { once: true });
    session.onUp(connection);
    connection.start();
    const error = await connection.closed;
    this.stopping.signal.removeEventListener("abort", onStop);
    session.onDown();
    log.debug({ node: this.nodeId, reason: error.reason }, `a link ended: ${error.message}`);
  }

  private connect(url: string, handlers: ConnectionHandlers): Promise<Connection> {
    const { config, identity, name } = this.deps;
    const address = parseWireAddress(url, config.allow_insecure);
    return Connection.dial(
      {
        ...address,
        identity,
        name,
        skills: [],
        expectNodeId: this.nodeId,
        allowPlainVerify: false,
        connectTimeoutMs: config.dial_timeout_ms,
        pingIntervalMs: undefined,
        decode: DECODE,
      },
      handlers,
      this.stopping.signal,
    );
  }

  private async sleep(ms: number): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
  }
}
