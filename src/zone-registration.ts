import type { Config } from "./config/config.ts";
import type { Payments } from "./payments/payments.ts";
import type { ZoneHostDeps } from "./zones/hosting/host.ts";

/**
 * Returns what has each stored envelope of a zone on a configured chain written into the registry there,
 * inside the envelope's write; nothing where that is switched off.
 */
export function createRegistration(
  config: Config,
  payments: Payments | undefined,
): NonNullable<ZoneHostDeps["onEnvelope"]> {
  return (write, manifest, { epoch, hash }) => {
    if (!config.zones.register_on_chain) return;
    const { id: zoneId, chain_id: chainId, creator, creator_fee_bps: creatorFeeBps } = manifest;
    if (!config.chains.some((chain) => chain.chain_id === chainId)) return;
    const wallet = creator.wallet === undefined ? {} : { creator: creator.wallet };
    const zone = { zoneId, chainId, creatorFeeBps, epoch, envelopeHash: hash, ...wallet };
    payments?.registerZone(write, zone);
  };
}
