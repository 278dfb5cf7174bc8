import type { LocalAccount } from "viem";
import { z } from "zod";
import { NODE_ID_PATTERN } from "../protocol/ids.ts";
import {
  type OperatorBinding,
  operatorBindingSchema,
  toNodeResource,
} from "../protocol/operator-binding.ts";
import { toSchemaMessage } from "../protocol/schema-fields.ts";
import type { PayloadCodec } from "../wire/compression.ts";
import { AgentError } from "./agent-error.ts";
import type { SendLimits } from "./calls/pacer.ts";
import { type ReconnectOptions, toBackoff } from "./link/backoff.ts";
import type { FrameTap } from "./link/frame-tap.ts";
import type { LinkSettings } from "./link/link.ts";
import { type AgentKey, createNodeIdentity, type NodeIdentity } from "./link/node-identity.ts";
import { parseWireAddress } from "./link/wire-address.ts";
import { type AgentWallet, parseWallet } from "./requests/authorization.ts";
import { type ChainSettings, type PayableChain, parseChains } from "./requests/chain-settings.ts";
import { createMemoryLedger, type PaymentLedger } from "./requests/ledger.ts";
import { createMemoryEnvelopes, type EnvelopeStore } from "./zones/envelope-store.ts";

/** What `Agent.connect` takes beside the wire URL. */
export interface AgentOptions {
  /** The node key: a 32-byte seed or an Ed25519 CryptoKeyPair. */
  readonly key: AgentKey;
  readonly name: string;
  readonly skills?: readonly string[];
  /** A viem account or a private key as 0x-hex; needed to pay. */
  readonly wallet?: AgentWallet;
  /** A person's word for this agent; `docs/trust.md` says how it is signed and what it is good for. */
  readonly operator?: OperatorBinding;
  /** By chain id, the only contracts the agent pays to. */
  readonly chains?: Readonly<Record<number, ChainSettings>>;
  /** Keeps authorizations; default in memory. A paying agent should use a durable one. */
  readonly ledger?: PaymentLedger;
  /** Keeps what a creator signs; default in memory. Who promotes should use a durable one. */
  readonly envelopes?: EnvelopeStore;
  /**
   * Refuses every node at the wire URL but this one. Without it the first one's id is kept for
   * reconnects. An agent moves only to nodes that the creators of all its zones name.
   */
  readonly expectNodeId?: string;
  /** Accepts stewards without bound handshake, which can pass the agent's proof on to others. */
  readonly allowPlainVerify?: boolean;
  /** Accepts `ws://` beyond this machine, where a relay in the middle is not noticed. */
  readonly allowInsecure?: boolean;
  /** false: the agent ends with its first connection. */
  readonly reconnect?: ReconnectOptions | false;
  /** What the steward lets this node send; default the limits of `docs/protocol.md` §4; false: none. */
  readonly pacing?: SendLimits | false;
  /** Milliseconds a call may take by default; 30,000. */
  readonly timeoutMs?: number;
  /** Milliseconds for dialling and handshake; 10,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds between Pings; two without any sign of life end the connection; 30,000. */
  readonly pingIntervalMs?: number;
  /** Sees every frame that leaves and arrives, for a debugger or a log; `decodeFrame` reads one. */
  readonly onFrame?: FrameTap;
  /** Brotli, where the platform has it: then what a steward agrees to is compressed; `docs/agents.md`. */
  readonly compression?: PayloadCodec;
  /** Gives up the first connect. */
  readonly signal?: AbortSignal;
}

/** The options, checked and complete. */
export interface AgentSettings {
  readonly identity: NodeIdentity;
  readonly link: LinkSettings;
  readonly wallet: LocalAccount | undefined;
  readonly chains: ReadonlyMap<number, PayableChain>;
  readonly ledger: PaymentLedger;
  readonly envelopes: EnvelopeStore;
  /** `tier`: the limits of the tier the steward grants. */
  readonly pacing: SendLimits | false | "tier";
  readonly timeoutMs: number;
}

const positive = z.number().positive();
const plainSchema = z.object({
  name: z.string().min(1).max(128),
  skills: z.array(z.string().min(1).max(64)).max(64).default([]),
  expectNodeId: z.string().regex(NODE_ID_PATTERN, "expected atlas_ and 64 hex digits").optional(),
  timeoutMs: positive.default(30_000),
  connectTimeoutMs: positive.default(10_000),
  pingIntervalMs: positive.default(30_000),
  operator: operatorBindingSchema.optional(),
});

/**
 * Checks the options and fills in defaults.
 * @throws AgentError `invalid_input`, `insecure_url`
 */
export async function parseAgentOptions(
  wireUrl: string,
  options: AgentOptions,
): Promise<AgentSettings> {
  const plain = plainSchema.safeParse(options);
  if (!plain.success) {
    throw new AgentError("invalid_input", { message: toSchemaMessage(plain.error) });
  }
  const address = parseWireAddress(wireUrl, options.allowInsecure === true);
  const wallet = options.wallet === undefined ? undefined : parseWallet(options.wallet);
  const identity = await createNodeIdentity(options.key);
  assertSpeaksFor(identity.nodeId, plain.data.operator);
  return {
    identity,
    wallet,
    link: {
      dial: {
        ...address,
        identity,
        name: plain.data.name,
        skills: plain.data.skills,
        wallet: wallet?.address,
        operator: plain.data.operator,
        compression: options.compression,
        expectNodeId: plain.data.expectNodeId,
        allowPlainVerify: options.allowPlainVerify === true,
        connectTimeoutMs: plain.data.connectTimeoutMs,
        pingIntervalMs: plain.data.pingIntervalMs,
        tap: options.onFrame,
      },
      allowInsecure: options.allowInsecure === true,
      backoff: options.reconnect === false ? undefined : toBackoff(options.reconnect ?? {}),
    },
    chains: parseChains(options.chains ?? {}),
    ledger: options.ledger ?? createMemoryLedger(),
    envelopes: options.envelopes ?? createMemoryEnvelopes(),
    pacing: options.pacing ?? "tier",
    timeoutMs: plain.data.timeoutMs,
  };
}

/** Tells it here rather than by a tier that stays `unknown`. */
function assertSpeaksFor(nodeId: string, operator: OperatorBinding | undefined): void {
  const resource = toNodeResource(nodeId);
  if (operator === undefined || operator.message.split("\n").includes(`- ${resource}`)) return;
  throw new AgentError("invalid_input", {
    message: `operator: the message does not name this agent: expected the resource ${resource}`,
  });
}
