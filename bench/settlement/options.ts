import { parseArgs } from "node:util";
import { SYSTEMS, type System } from "./cell.ts";

const DEFAULT_SYSTEMS = "ours,documented,nonce-manager,best";

/** What the command line asks for. */
export interface Options {
  readonly quick: boolean;
  readonly loads: readonly number[];
  /** Seconds. */
  readonly blocks: readonly number[];
  readonly systems: readonly System[];
  /** In units of gas. */
  readonly blockGas: number;
  /** Payments of the past that the engine keeps. */
  readonly kept: number;
  /** Of the engine's configuration, where it is not the default. */
  readonly payments: Record<string, unknown>;
  /** Where CPU profiles of the cells go. */
  readonly profile: string | undefined;
  /** Where everything measured goes, as JSON. */
  readonly json: string | undefined;
}

/** Explains the command line. */
export const USAGE = `node bench/settlement.ts [options]
  --quick               fewer and shorter cells
  --loads 1,50,200      payments outstanding (default 1,16,50,200,1000)
  --blocks 0.1,2        seconds between blocks (default 0.1,2)
  --systems ours,best   of ${SYSTEMS.join(", ")}
                        (default ${DEFAULT_SYSTEMS})
  --block-gas N         gas limit of a block (default 100000000)
  --kept N              payments of the past that the engine keeps (default 0)
  --payments JSON       the engine's configuration where it is not the default
  --profile DIR         writes a CPU profile of each cell
  --json FILE           writes everything measured`;

/** Reads the command line. @throws Error where it makes no sense */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      loads: { type: "string" },
      blocks: { type: "string" },
      systems: { type: "string" },
      "block-gas": { type: "string", default: "100000000" },
      kept: { type: "string", default: "0" },
      payments: { type: "string", default: "{}" },
      profile: { type: "string" },
      json: { type: "string" },
    },
  });
  const { quick } = values;
  return {
    quick,
    loads: parseNumbers(values.loads ?? (quick ? "1,50,200" : "1,16,50,200,1000")),
    blocks: parseNumbers(values.blocks ?? "0.1,2"),
    systems: parseSystems(values.systems ?? DEFAULT_SYSTEMS),
    blockGas: parseNumber(values["block-gas"]),
    kept: Number(values.kept),
    payments: JSON.parse(values.payments) as Record<string, unknown>,
    profile: values.profile,
    json: values.json,
  };
}

function parseNumbers(text: string): number[] {
  return text.split(",").map(parseNumber);
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`expected a positive number, not ${text}`);
  return value;
}

function parseSystems(text: string): System[] {
  return text.split(",").map((name) => {
    const system = SYSTEMS.find((one) => one === name);
    if (system === undefined) throw new Error(`expected one of ${SYSTEMS.join(", ")}, not ${name}`);
    return system;
  });
}
