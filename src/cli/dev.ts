import { ANVIL_CHAIN_ID } from "../dev/anvil.ts";
import { type DevWorld, startDevWorld } from "../dev/world.ts";
import { createLogger } from "../log.ts";
import { waitForEnd } from "./signals.ts";

export interface DevOptions {
  readonly json?: boolean;
  readonly data?: string;
  readonly port?: number;
  readonly anvilPort?: number;
}

/** Runs the local world until it is asked to end. */
export async function runDev(options: DevOptions): Promise<void> {
  const logLevel = options.json ? "warn" : "info";
  const ended = waitForEnd(createLogger(logLevel));
  await using world = await startDevWorld({
    dataDir: options.data,
    port: options.port,
    anvilPort: options.anvilPort,
    blockTimeSecs: 1,
    logLevel,
  });
  process.stdout.write(options.json ? `${JSON.stringify(toReadyLine(world))}\n` : toText(world));
  await ended;
}

function toReadyLine(world: DevWorld) {
  return {
    event: "ready",
    http: world.steward.httpUrl,
    wire: world.steward.wireUrl,
    node_id: world.steward.nodeId,
    admin_token: world.adminToken,
    data_dir: world.dataDir,
    chain: { rpc_url: world.rpcUrl, chain_id: ANVIL_CHAIN_ID, ...world.contracts },
    zone: world.zone,
    funded_keys: world.fundedKeys,
  };
}

function toText(world: DevWorld): string {
  const { steward, zone } = world;
  return `
The dev world is running. Ctrl-C stops all of it.

  http         ${steward.httpUrl}
  wire         ${steward.wireUrl}
  node id      ${steward.nodeId}
  admin token  ${world.adminToken}
  data         ${world.dataDir}
  chain        ${world.rpcUrl} (chain id ${ANVIL_CHAIN_ID})
  usdc         ${world.contracts.usdc}
  settlement   ${world.contracts.settlement}
  zone         ${zone.id} (${zone.name}: ${zone.actions.join(", ")})
  funded key   ${world.fundedKeys[0]} (10,000 test USDC)

Try next:
  export STEWARD_URL=${steward.httpUrl} STEWARD_TOKEN=${world.adminToken}
  npx steward zone list
  npx steward agent keygen --key my.key
  npx steward agent join ${zone.id} --key my.key
  npx steward agent request ${zone.id} echo '{"text": "hi"}' --key my.key
  npx steward agent listen ${zone.id} --key my.key
  curl -s ${steward.httpUrl}/.well-known/atlas.json

`;
}
