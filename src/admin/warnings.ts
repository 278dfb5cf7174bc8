import { statfsSync } from "node:fs";
import type { Config } from "../config/config.ts";
import { findModuleProblems } from "../config/modules.ts";
import type { ChainHealth } from "../payments/payments.ts";

/** Something of the configuration that has no effect, or hinders some of the service. */
export interface Warning {
  /** The configuration's key. */
  readonly key: string;
  readonly what: string;
  readonly remedy: string;
}

/** What warnings are found in. */
export interface WarningDeps {
  readonly config: Config;
  /** Whether this steward hosts a zone. */
  readonly hasZone: (zoneId: string) => boolean;
  /** What is known of each chain. */
  readonly chains: () => readonly ChainHealth[];
  /** What else the steward's parts have to say. */
  readonly others: () => readonly Warning[];
}

/** Finds what an operator would want to know and nothing fails of; empty where all is well. */
export function findWarnings(deps: WarningDeps): Warning[] {
  return [
    ...findStrayZones(deps),
    ...findMissingModules(deps),
    ...findChainWarnings(deps),
    ...findDiskWarnings(deps),
    ...deps.others(),
  ];
}

function findStrayZones({ config, hasZone }: WarningDeps): Warning[] {
  const sections = {
    handlers: config.handlers,
    "zones.retention": config.zones.retention,
    "scanner.zones": config.scanner.zones,
  };
  return Object.entries(sections).flatMap(([section, entries]) =>
    Object.keys(entries)
      .filter((zoneId) => zoneId !== "*" && !hasZone(zoneId))
      .map((zoneId) => ({
        key: `${section}.${zoneId}`,
        what: "this steward has no such zone, so that the entry does nothing",
        remedy: "Correct the zone's id (steward zone list), or take the entry out.",
      })),
  );
}

function findMissingModules({ config }: WarningDeps): Warning[] {
  return findModuleProblems(config, () => "").map(({ key, message }) => ({
    key,
    what: `${message.split(":")[0]}, so that the action is refused`,
    remedy: "Put the module there, or correct the path and restart.",
  }));
}

function findDiskWarnings({ config }: WarningDeps): Warning[] {
  const { bavail, bsize } = statfsSync(config.data_dir);
  const free = bavail * bsize;
  if (free >= config.store.disk_free_bytes_min) return [];
  return [
    {
      key: "store.disk_free_bytes_min",
      what: `the disk of the data directory has ${Math.floor(free / 1024 ** 2)} MiB left`,
      remedy:
        "Make room, or bound zones' logs with zones.retention: without room nothing is taken.",
    },
  ];
}

function findChainWarnings({ config, chains }: WarningDeps): Warning[] {
  return chains().flatMap(({ chain_id, ok, gas_ok, problem, gas_balance, alarms }) => {
    const key = `chains.${config.chains.findIndex((chain) => chain.chain_id === chain_id)}`;
    if (!ok) {
      const what = `no payment is taken on chain ${chain_id}: ${problem ?? "it is not usable"}`;
      return [{ key, what, remedy: "See each item with: steward chain check" }];
    }
    if (gas_ok) return [];
    if (alarms.some(({ id }) => id === "fees-high")) {
      const what = `no payment is taken on chain ${chain_id}: its fees are above fee_max_wei`;
      return [{ key, what, remedy: "Wait until they fall, or raise fee_max_wei of the chain." }];
    }
    const what = `no payment is taken on chain ${chain_id}: the wallet has too little gas (${gas_balance ?? "0"} wei)`;
    return [
      { key, what, remedy: "Fund the wallet; steward chain check says its address and how much." },
    ];
  });
}
