import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);

interface Solc {
  compile(input: string, callbacks: { import(path: string): { contents: string } }): string;
  version(): string;
}

interface SolcOutput {
  errors?: {
    severity: "error" | "warning" | "info";
    errorCode: string;
    formattedMessage: string;
  }[];
  contracts?: Record<
    string,
    Record<
      string,
      {
        abi: readonly unknown[];
        evm: { bytecode: { object: string }; deployedBytecode: { object: string } };
      }
    >
  >;
}

/** Is one compiled contract: its ABI, its creation code and its runtime code, `0x`-hex. */
export interface CompiledContract {
  name: string;
  abi: readonly unknown[];
  bytecode: `0x${string}`;
  deployedBytecode: `0x${string}`;
}

// No metadata in the code: the same sources give the same bytes wherever the checkout lies.
const SETTINGS = {
  optimizer: { enabled: true, runs: 1_000_000 },
  evmVersion: "cancun",
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
};

// Given once for every use of transient storage; ours is zeroed in the call that wrote it, and tested.
const TRANSIENT_STORAGE_ADVICE = "2394";

/** Lists the Solidity files directly in `directory`, sorted by name. */
export function listSolidityFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".sol"))
    .sort();
}

/**
 * Compiles Solidity files below `root` (paths as imports see them, e.g. `contracts/ZoneEscrow.sol`), other
 * imports from node_modules, and returns the deployable contracts of these files by name. `viaIR: false` is
 * ten times faster and good enough for contracts that only tests use.
 * @throws Error with the compiler's text on any error or warning
 */
export function compileSolidity(
  root: string,
  files: string[],
  { viaIR = true }: { viaIR?: boolean } = {},
): Map<string, CompiledContract> {
  const solc = require("solc") as Solc;
  const sources = Object.fromEntries(
    files.map((file) => [file, { content: readFileSync(join(root, file), "utf8") }]),
  );
  const input = JSON.stringify({ language: "Solidity", sources, settings: { ...SETTINGS, viaIR } });
  const output: SolcOutput = JSON.parse(
    solc.compile(input, { import: (path) => ({ contents: readImport(root, path) }) }),
  );
  const complaints = (output.errors ?? []).filter(
    (error) => error.severity !== "info" && error.errorCode !== TRANSIENT_STORAGE_ADVICE,
  );
  if (complaints.length > 0) {
    throw new Error(complaints.map((error) => error.formattedMessage).join("\n"));
  }
  const compiled = new Map<string, CompiledContract>();
  for (const file of files) {
    for (const [name, contract] of Object.entries(output.contracts?.[file] ?? {})) {
      if (contract.evm.bytecode.object === "") continue;
      compiled.set(name, {
        name,
        abi: contract.abi,
        bytecode: `0x${contract.evm.bytecode.object}`,
        deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
      });
    }
  }
  return compiled;
}

function readImport(root: string, path: string): string {
  const base = path.startsWith("@") ? join(root, "node_modules") : root;
  return readFileSync(join(base, path), "utf8");
}
