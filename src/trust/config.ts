import { z } from "zod";
import { findAddress } from "../protocol/addresses.ts";

const address = z.string().transform((text, context) => {
  const found = findAddress(text);
  if (found !== undefined) return found;
  context.addIssue({
    code: "custom",
    message: "expected an address, in one case or with a valid checksum",
  });
  return z.NEVER;
});

/** The `trust` section of the configuration; `docs/protocol.md` §4. */
export const trustSchema = z
  .strictObject({
    /** What messages must be signed for; default: host and port of `http.public_url`, else of the dialled authority. */
    domain: z.string().min(1).max(253).optional(),
    /** The contract that says by `idOf(address)` which fid an account owns. */
    fid_registry: z
      .strictObject({
        /** The registry's chain; asked through `chains[].rpc_urls` of that chain, or the next key. */
        chain_id: z.int().positive(),
        /** The registry's contract. */
        address,
        /** RPC URLs of the registry's chain, asked in this order; default: those of `chains[]`. */
        rpc_urls: z
          .array(z.url({ protocol: /^https?$/ }))
          .min(1)
          .max(8)
          .optional(),
      })
      .optional(),
    /** Operators who are confirmed whatever the registry says. */
    allowed: z
      .array(
        z.strictObject({
          /** The operator's Farcaster id. */
          fid: z.int().positive(),
          /** The account that signs for the operator. */
          custody_address: address,
        }),
      )
      .max(10_000)
      .default([]),
    /** How long a handshake waits for the registry. */
    lookup_timeout_ms: z.int().min(50).max(8_000).default(2_000),
    /** Questions to the registry under way at one time; a handshake beyond them is not confirmed. */
    lookups_max: z.int().min(1).max(1_000).default(16),
    /** Questions to the registry that strangers may cause in a minute; a handshake beyond them is not confirmed. */
    lookups_per_minute: z.int().min(1).default(600),
    /** The registry's word is good for so long, and sessions are looked at again so often. */
    recheck_secs: z.int().min(1).max(86_400).default(300),
    /** While the registry does not answer its last word is good for so long. */
    stale_secs: z.int().min(0).max(604_800).default(3_600),
    /** Nodes whose binding is remembered; beyond it, the unconfirmed and then the oldest go. */
    bindings_max: z.int().min(1).default(100_000),
  })
  .prefault({});

export type TrustConfig = z.output<typeof trustSchema>;

/** The RPC URLs through which the registry of fids is asked; none where no section names any. */
export function listRegistryUrls(config: {
  readonly trust: Pick<TrustConfig, "fid_registry">;
  readonly chains: readonly { readonly chain_id: number; readonly rpc_urls: readonly string[] }[];
}): readonly string[] {
  const registry = config.trust.fid_registry;
  const chain = config.chains.find(({ chain_id }) => chain_id === registry?.chain_id);
  return registry?.rpc_urls ?? chain?.rpc_urls ?? [];
}
