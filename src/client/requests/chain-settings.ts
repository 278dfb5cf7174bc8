import type { Hex } from "viem";
import { z } from "zod";
import { toAddress } from "../../protocol/addresses.ts";
import { addressField } from "../../protocol/manifest.ts";
import { AgentError } from "../agent-error.ts";

/** The only contracts of one chain that the agent pays to; take them from a source you trust. */
export interface ChainSettings {
  /** The USDC token; `usdc` is another name for it. */
  readonly token?: string;
  readonly usdc?: string;
  readonly settlement: string;
  readonly escrow?: string;
  /** EIP-712 domain of the token; default "USD Coin", on Base Sepolia it is "USDC". */
  readonly tokenName?: string;
  /** Default "2". */
  readonly tokenVersion?: string;
  /**
   * Where the agent may look whether an earlier authorization is void. Without it, the agent waits one
   * hour beyond its `valid_before` by its own clock.
   */
  readonly rpcUrl?: string;
}

/** One chain's addresses, checksummed, with defaults filled in. */
export interface PayableChain {
  readonly chainId: number;
  readonly token: Hex;
  readonly settlement: Hex;
  readonly escrow: Hex | undefined;
  readonly tokenName: string;
  readonly tokenVersion: string;
  readonly rpcUrl: string | undefined;
}

const settingsSchema = z
  .object({
    token: addressField.optional(),
    usdc: addressField.optional(),
    settlement: addressField,
    escrow: addressField.optional(),
    tokenName: z.string().min(1).default("USD Coin"),
    tokenVersion: z.string().min(1).default("2"),
    rpcUrl: z.url().optional(),
  })
  .transform((settings, context) => {
    const token = settings.token ?? settings.usdc;
    if (token !== undefined) return { ...settings, token };
    context.addIssue({ code: "custom", path: ["token"], message: "expected an address" });
    return z.NEVER;
  });

/**
 * Reads the `chains` option.
 * @throws AgentError `invalid_input`
 */
export function parseChains(
  chains: Readonly<Record<number, ChainSettings>>,
): ReadonlyMap<number, PayableChain> {
  return new Map(
    Object.entries(chains).map(([id, raw]) => {
      const chainId = Number(id);
      const parsed = settingsSchema.safeParse(raw);
      if (!Number.isSafeInteger(chainId) || chainId <= 0 || !parsed.success) {
        const where = parsed.error?.issues[0];
        const message = `chains.${id}${where ? `.${where.path.join(".")}: ${where.message}` : ""}`;
        throw new AgentError("invalid_input", { message });
      }
      const { token, settlement, escrow, tokenName, tokenVersion, rpcUrl } = parsed.data;
      return [
        chainId,
        {
          chainId,
          token: toAddress(token),
          settlement: toAddress(settlement),
          escrow: escrow === undefined ? undefined : toAddress(escrow),
          tokenName,
          tokenVersion,
          rpcUrl,
        },
      ];
    }),
  );
}
