import { type Hex, keccak256, stringToBytes } from "viem";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { findAddress } from "../../protocol/addresses.ts";
import { toSchemaMessage } from "../../protocol/schema-fields.ts";
import { safeParse } from "../../wire/safe-parse.ts";
import { keccak } from "./keccak.ts";

/** The order of the group: signatures come in pairs, and only the low one counts. */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const UINT256_MAX = 2n ** 256n - 1n;
const WALLET_SIGNATURE_BYTES_MAX = 4096;

const addressField = z.unknown().transform((raw, context): Hex => {
  const address = findAddress(raw);
  if (address !== undefined) return address;
  context.addIssue({ code: "custom", message: "expected an address" });
  return z.NEVER;
});

const uintField = z
  .union([z.int().nonnegative(), z.string().regex(/^[0-9]{1,78}$/, "expected a decimal integer")])
  .transform((value) => BigInt(value))
  .refine((value) => value <= UINT256_MAX, "expected at most 2^256-1");

const hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, "expected 0x and 64 hex digits")
  .transform((text) => text.toLowerCase() as Hex);

const walletSignature = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})+$/, "expected 0x-hex")
  .refine((text) => text.length <= 2 + 2 * WALLET_SIGNATURE_BYTES_MAX, "expected a shorter one")
  .transform((text) => text.toLowerCase() as Hex);

const authorizationSchema = z
  .object({
    type: z.enum(["transfer", "receive"]).nullish(),
    from: addressField,
    to: addressField,
    value: z
      .string()
      .regex(/^[0-9]{1,78}$/, "expected a decimal string")
      .transform((text) => BigInt(text))
      .refine((value) => value <= UINT256_MAX, "expected at most 2^256-1"),
    valid_after: uintField,
    valid_before: uintField,
    nonce: hash,
    v: uintField.nullish(),
    r: hash.nullish(),
    s: hash.nullish(),
    signature: walletSignature.nullish(),
  })
  .transform((fields, context) => {
    const signature = fields.signature ?? findKeySignature(fields.v, fields.r, fields.s);
    if (signature !== undefined) return { ...fields, signature };
    context.addIssue({ code: "custom", message: "expected v, r, s or signature" });
    return z.NEVER;
  });

/** A payer's EIP-3009 authorization, every field in one form; `docs/protocol.md` §8. */
export interface Authorization {
  readonly kind: "transfer" | "receive";
  readonly from: Hex;
  readonly to: Hex;
  readonly value: bigint;
  /** Unix seconds, both bounds exclusive. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly nonce: Hex;
  /** The bytes as given, or `r ‖ s ‖ v`: what a payer with code is asked about. */
  readonly signature: Hex;
  /** `r ‖ s ‖ v` with low s and v 27 or 28; undefined where the signature is of no key. */
  readonly keySignature: Hex | undefined;
}

/**
 * Parses the authorization of a `zone.payment`; `docs/protocol.md` §8.
 * @throws StewardError `payment_required` where there is none, `payment_invalid`
 *   MALFORMED_AUTHORIZATION
 */
export function parseAuthorization(raw: unknown): Authorization {
  if (raw === undefined || raw === null) throw new StewardError("payment_required");
  const parsed = safeParse(authorizationSchema, raw);
  if (!parsed.success) {
    throw new StewardError("payment_invalid", {
      reason: "MALFORMED_AUTHORIZATION",
      message: toSchemaMessage(parsed.error, "authorization"),
    });
  }
  const { type, from, to, value, valid_after, valid_before, nonce, signature } = parsed.data;
  return {
    kind: type ?? "transfer",
    from,
    to,
    value,
    validAfter: valid_after,
    validBefore: valid_before,
    nonce,
    signature,
    keySignature: findKeyForm(signature),
  };
}

/** Reads the nonce that an authorization names, whatever else of it is wrong; undefined where there is none. */
export function findAuthorizationNonce(raw: unknown): Hex | undefined {
  const parsed = safeParse(z.object({ nonce: hash }), raw);
  return parsed.success ? parsed.data.nonce : undefined;
}

function findKeySignature(
  v: bigint | null | undefined,
  r: Hex | null | undefined,
  s: Hex | null | undefined,
): Hex | undefined {
  if (v === null || v === undefined || !r || !s || v > 255n) return undefined;
  return `${r}${s.slice(2)}${v.toString(16).padStart(2, "0")}` as Hex;
}

function findKeyForm(signature: Hex): Hex | undefined {
  if (signature.length !== 2 + 2 * 65) return undefined;
  const given = Number.parseInt(signature.slice(130), 16);
  const v = given < 2 ? given + 27 : given;
  if (v !== 27 && v !== 28) return undefined;
  const s = BigInt(`0x${signature.slice(66, 130)}`);
  if (s >= CURVE_ORDER) return undefined;
  const high = s > CURVE_ORDER / 2n;
  const lowS = (high ? CURVE_ORDER - s : s).toString(16).padStart(64, "0");
  return `${signature.slice(0, 66)}${lowS}${(high ? 55 - v : v).toString(16)}` as Hex;
}

const FIELDS =
  "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce";
const TYPEHASHES = {
  transfer: keccak256(stringToBytes(`TransferWithAuthorization(${FIELDS})`)),
  receive: keccak256(stringToBytes(`ReceiveWithAuthorization(${FIELDS})`)),
};

/** Computes the EIP-712 digest that the payer signed, for a token's domain. */
export function toAuthorizationDigest(authorization: Authorization, domainSeparator: Hex): Hex {
  const { kind, from, to, value, validAfter, validBefore, nonce } = authorization;
  const words = [
    TYPEHASHES[kind].slice(2),
    from.slice(2).toLowerCase().padStart(64, "0"),
    to.slice(2).toLowerCase().padStart(64, "0"),
    ...[value, validAfter, validBefore].map((word) => word.toString(16).padStart(64, "0")),
    nonce.slice(2),
  ];
  const structHash = keccak(`0x${words.join("")}`);
  return keccak(`0x1901${domainSeparator.slice(2)}${structHash.slice(2)}`);
}
