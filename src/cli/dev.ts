import { createLogger } from "../base/log.ts";
import { ANVIL_CHAIN_ID } from "../dev/anvil.ts";
import { type DevWorld, startDevWorld } from "../dev/world.ts";
import { toOwnCommandHere } from "./own-command.ts";
import { waitForEnd } from "./signals.ts";

export interface DevOptions {
  readonly json?: boolean;
  readonly data?: string;
  readonly port?: number;
  readonly anvilPort?: number;
}

/** Tried in this order where no port is asked for; then any free one. */
const PORTS = [...Array.from({ length: 20 }, (_, i) => 8420 + i), 0];

/** Runs the local world until it is asked to end. */
export async function runDev(options: DevOptions): Promise<void> {
  const logLevel = options.json ? "warn" : "info";
  const ended = waitForEnd({ log: createLogger(logLevel) });
  await using world = await startDevWorld({
    dataDir: options.data,
    ...(options.port === undefined
      ? { port: PORTS[0], nextPorts: PORTS.slice(1) }
      : { port: options.port }),
    anvilPort: options.anvilPort,
    blockTimeSecs: 1,
    logLevel,
  });
  if (options.port === undefined && !hasPort(world, PORTS[0])) {
    process.stderr.write(
      `steward: port ${PORTS[0]} is taken; this world listens at ${world.steward.httpUrl}\n`,
    );
  }
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
  const { steward, zone, contracts } = world;
  const { run, setUp } = toShortCommand();
  return `
The dev world is running. Ctrl-C stops all of it.

  http         ${steward.httpUrl}
  wire         ${steward.wireUrl}
  node id      ${steward.nodeId}
  admin token  ${world.adminToken}
  data         ${world.dataDir}
  chain        ${world.rpcUrl} (chain id ${ANVIL_CHAIN_ID})
  usdc         ${contracts.usdc}
  settlement   ${contracts.settlement}
  escrow       ${contracts.escrow}
  zone         ${zone.id} (${zone.name}: ${zone.actions.join(", ")})
  funded key   ${world.fundedKeys[0]} (10,000 test USDC)

Try next:
  ${setUp}export STEWARD_URL=${steward.httpUrl} STEWARD_TOKEN=${world.adminToken}
  ${run} zone list
  ${run} agent keygen --key my.key
  ${run} agent join ${zone.id} --key my.key
  ${run} agent request ${zone.id} echo '{"text": "hi"}' --key my.key
  ${run} agent listen ${zone.id} --key my.key
  curl -s ${steward.httpUrl}/.well-known/atlas.json

To pay:
  export STEWARD_WALLET_KEY=${world.fundedKeys[0]}
  echo '${JSON.stringify({ [ANVIL_CHAIN_ID]: { ...contracts, rpc_url: world.rpcUrl } })}' > chains.json
  ${run} agent request ${zone.id} translate '{"text": "hello world", "source_lang": "en", "target_lang": "de"}' --key my.key --max-amount 2000000 --chains chains.json

`;
}

/** A command that is long is given a short name first. */
function toShortCommand(): { readonly run: string; readonly setUp: string } {
  const command = toOwnCommandHere();
  if (!command.includes("/")) return { run: command, setUp: "" };
  return { run: "steward", setUp: `steward() { ${command} "$@"; }\n  ` };
}

function hasPort({ steward }: DevWorld, port: number | undefined): boolean {
  return Number(new URL(steward.httpUrl).port) === port;
}
