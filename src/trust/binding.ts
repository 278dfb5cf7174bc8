import { createHash } from "node:crypto";
import { type Hex, recoverMessageAddress } from "viem";
import { isSameAddress } from "../protocol/addresses.ts";
import {
  type BindingFault,
  operatorBindingSchema,
  SIWF_CHAIN_ID,
  SIWF_STATEMENT,
  toNodeResource,
} from "../protocol/operator-binding.ts";
import { parseSiweMessage, type SiweMessage } from "./siwe-message.ts";

/** FIP-11 says `fids`, the clients that there are write `fid`. */
const FID_RESOURCE = /^farcaster:\/\/fids?\/([1-9][0-9]*)\/?$/;
/** Is thrown where a binding is worth nothing. */
export class BindingError extends Error {
  override readonly name = "BindingError";
  readonly fault: BindingFault;

  constructor(fault: BindingFault, cause?: unknown) {
    super(fault, { cause });
    this.fault = fault;
  }
}

/** A binding, read; nothing of it is proven yet. */
export interface ReadBinding {
  readonly fid: number;
  readonly username: string | undefined;
  readonly custodyAddress: Hex;
  readonly message: SiweMessage;
  readonly text: string;
  readonly signature: Hex;
  /** Tells bindings apart: hex SHA-256 of message and signature. */
  readonly digest: string;
}

/** What a binding has to be for. */
export interface BindingPlace {
  readonly nodeId: string;
  /** The steward's own, lower case. */
  readonly domain: string | undefined;
  /** Of the registry; messages may name it instead of FIP-11's. */
  readonly chainId: number | undefined;
}

/**
 * Reads a Hello's `operator` and checks what needs neither clock nor key; `docs/protocol.md` §4.
 * @throws BindingError
 */
export function readBinding(operator: unknown, place: BindingPlace): ReadBinding {
  const parsed = operatorBindingSchema.safeParse(operator);
  if (!parsed.success) throw malformed(parsed.error);
  const { fid, username, custody_address, message: text, signature } = parsed.data;
  const message = readMessage(text);
  const custodyAddress = message.address;
  if (!isSameAddress(custody_address, custodyAddress)) throw malformed();
  assertFarcaster(message, fid, place.chainId);
  if (message.domain !== place.domain) throw new BindingError("OPERATOR_DOMAIN");
  if (!message.resources.includes(toNodeResource(place.nodeId))) {
    throw new BindingError("OPERATOR_NODE");
  }
  const digest = createHash("sha256").update(`${text}\n${signature}`).digest("hex");
  return { fid, username, custodyAddress, message, text, signature: signature as Hex, digest };
}

function readMessage(text: string): SiweMessage {
  try {
    return parseSiweMessage(text);
  } catch (cause) {
    throw malformed(cause);
  }
}

function assertFarcaster(message: SiweMessage, fid: number, chainId: number | undefined): void {
  const { resources } = message;
  const fids = resources.flatMap((resource) => FID_RESOURCE.exec(resource)?.[1] ?? []);
  const isChain = [SIWF_CHAIN_ID, chainId].includes(message.chainId);
  const isStated = message.statement === SIWF_STATEMENT && message.version === "1";
  if (!isStated || !isChain || fids.length !== 1 || fids[0] !== String(fid)) throw malformed();
}

function malformed(cause?: unknown): BindingError {
  return new BindingError("OPERATOR_MALFORMED", cause);
}

/**
 * Checks that the message holds by its own word.
 * @param nowMs milliseconds since the epoch
 * @param driftMs by how much the signer's clock may be ahead
 * @throws BindingError
 */
export function assertInTime({ message }: ReadBinding, nowMs: number, driftMs: number): void {
  const { issuedAtMs, notBeforeMs = issuedAtMs, expiresAtMs } = message;
  const isEarly = Math.max(issuedAtMs, notBeforeMs) > nowMs + driftMs;
  // Without a time of its own a message is good for as long as it would be remembered.
  const endsAtMs = expiresAtMs ?? issuedAtMs + 1000 * BINDING_KEPT_SECS;
  if (isEarly || nowMs >= endsAtMs) throw new BindingError("OPERATOR_TIME");
}

/** A binding that was seen in time holds for so long from then on. */
export const BINDING_KEPT_SECS = 30 * 86_400;

/**
 * Checks that the custody address signed the message, with a key of its own.
 * @throws BindingError
 */
export async function assertSigned({
  text,
  signature,
  custodyAddress,
}: ReadBinding): Promise<void> {
  let signer: Hex | undefined;
  try {
    signer = await recoverMessageAddress({ message: text, signature });
  } catch (cause) {
    throw new BindingError("OPERATOR_SIGNATURE", cause);
  }
  if (!isSameAddress(signer, custodyAddress)) throw new BindingError("OPERATOR_SIGNATURE");
}
