import { readFileSync } from "node:fs";
import { encodeDeployData, getAddress, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { zoneEscrowAbi } from "../../../src/abi/zone-escrow.generated.ts";
import { zoneSettlementAbi } from "../../../src/abi/zone-settlement.generated.ts";
import { type PayWorld, sendAs } from "./engine.ts";

const EARLIER = JSON.parse(
  readFileSync(new URL("./earlier/contracts-0.1.0.json", import.meta.url), "utf8"),
) as Record<"ZoneSettlement" | "ZoneEscrow", Hex>;

/** The same chain and token, with contracts as an earlier version deployed them. */
export async function deployEarlier<W extends PayWorld>(world: W): Promise<W> {
  const wallet = privateKeyToAccount(world.walletKey).address;
  const args = [world.usdc, world.treasury, [wallet]] as const;
  const deploy = async (data: Hex): Promise<Hex> => {
    const from = world.chain.accounts[0]?.address as Hex;
    return getAddress((await sendAs(world.chain, from, { data })).contractAddress as Hex);
  };
  return {
    ...world,
    settlement: await deploy(
      encodeDeployData({ abi: zoneSettlementAbi, bytecode: EARLIER.ZoneSettlement, args }),
    ),
    escrow: await deploy(
      encodeDeployData({ abi: zoneEscrowAbi, bytecode: EARLIER.ZoneEscrow, args }),
    ),
  };
}
