import type { Hex } from "viem";
import { createSiweMessage } from "viem/siwe";
import { z } from "zod";
import { findAddress, toAddress } from "./addresses.ts";
import { optionalField } from "./schema-fields.ts";

/** A person's word for a node as Hello's `operator` carries it; `docs/protocol.md` §4. */
export interface OperatorBinding {
  /** Farcaster id. */
  readonly fid: number;
  readonly username?: string | undefined;
  /** The account that owns the fid and signed `message`. */
  readonly custody_address: string;
  /** A Sign-In-With-Farcaster message (EIP-4361, FIP-11), exactly as it was signed. */
  readonly message: string;
  /** By the custody address, 0x and 130 hex digits. */
  readonly signature: string;
}

const CONTROLS = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

/** The fields of a binding; that its message holds is another thing. */
export const operatorBindingSchema = z.object({
  fid: z.int().positive(),
  username: optionalField(
    z
      .string()
      .max(64)
      .refine((text) => !CONTROLS.test(text), "holds control characters"),
  ),
  custody_address: z
    .string()
    .refine((text) => findAddress(text) !== undefined, "expected an address"),
  message: z.string().max(2048),
  signature: z.string().regex(/^0x[0-9a-fA-F]{130}$/, "expected 0x and 130 hex digits"),
}) satisfies z.ZodType<OperatorBinding>;

/** Why a session with an operator is `unknown` all the same: VerifyAck's `reason`; a closed list. */
export const BINDING_FAULTS = {
  OPERATOR_NOT_TAKEN:
    "this steward confirms no operators — its own operator can, by `trust.fid_registry` or `trust.allowed`",
  OPERATOR_MALFORMED:
    "the binding is none, or its message is no Sign-In-With-Farcaster message of that fid and account — sign one as docs/trust.md says",
  OPERATOR_DOMAIN: "the message was signed for another domain — sign one that names this steward's",
  OPERATOR_NODE:
    "the message names another node — sign one with this node's atlas://node/ resource",
  OPERATOR_TIME:
    "the message is not valid yet, or its time is over and no longer remembered — sign a new one",
  OPERATOR_SIGNATURE:
    "the signature is not that of the custody address — sign with its key; accounts without a key of their own are not taken",
  OPERATOR_UNCONFIRMED:
    "the custody address does not own the fid, as far as this steward knows — sign with the account that does, or ask to be listed in `trust.allowed`",
  OPERATOR_UNCHECKED: "the registry of fids did not answer in time — connect again later",
} as const;

export type BindingFault = keyof typeof BINDING_FAULTS;

/** Tells whether a VerifyAck's `reason` is one of those. */
export function isBindingFault(reason: string | undefined): reason is BindingFault {
  return reason !== undefined && Object.hasOwn(BINDING_FAULTS, reason);
}

/** The operator of a session, confirmed. */
export interface ConfirmedOperator {
  readonly fid: number;
  /** As the node says; nothing confirms it. */
  readonly username: string | undefined;
  /** EIP-55. */
  readonly custodyAddress: Hex;
  /** Unix seconds from which on the binding holds no longer. */
  readonly validUntil: number;
}

/** Who shows a binding, and where it was dialled. */
export interface OperatorClaim {
  readonly nodeId: string;
  /** Hello's `operator`, which may be anything. */
  readonly operator: unknown;
  /** Hello's `authority`. */
  readonly authority: string | undefined;
}

/** What a binding is worth. */
export type BindingVerdict =
  | { readonly trust: "verified"; readonly operator: ConfirmedOperator }
  | { readonly trust: "unknown"; readonly fault: BindingFault };

/** FIP-11: what a message says, and the chain it names. */
export const SIWF_STATEMENT = "Farcaster Auth";
export const SIWF_CHAIN_ID = 10;

/** Returns the resource by which a message speaks for a node. */
export function toNodeResource(nodeId: string): string {
  return `atlas://node/${nodeId}`;
}

/** What a binding's message is made of. */
export interface OperatorMessageInput {
  readonly nodeId: string;
  readonly fid: number;
  readonly custodyAddress: string;
  /** The steward's: its `trust.domain`, else the host (and port) of its public URL. */
  readonly domain: string;
  /** Default `https://<domain>/`. */
  readonly uri?: string;
  /** At least 8 letters and digits; default: drawn. */
  readonly nonce?: string;
  readonly issuedAt?: Date;
  /** Default: ten minutes after `issuedAt`. Stewards that saw the binding in time keep it for 30 days. */
  readonly expirationTime?: Date;
}

const VALID_MS = 600_000;

/**
 * Writes the message that the custody address signs (EIP-191, `personal_sign`) so that a node speaks for it.
 * @throws Error where a field is none that EIP-4361 allows
 */
export function createOperatorMessage(input: OperatorMessageInput): string {
  const issuedAt = input.issuedAt ?? new Date();
  return createSiweMessage({
    domain: input.domain,
    address: toAddress(input.custodyAddress),
    statement: SIWF_STATEMENT,
    uri: input.uri ?? `https://${input.domain}/`,
    version: "1",
    chainId: SIWF_CHAIN_ID,
    nonce: input.nonce ?? crypto.randomUUID().replaceAll("-", ""),
    issuedAt,
    expirationTime: input.expirationTime ?? new Date(issuedAt.getTime() + VALID_MS),
    resources: [toNodeResource(input.nodeId), `farcaster://fids/${input.fid}`],
  });
}
