import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { keccak256 } from "viem";
import type { CompiledContract } from "./solidity.ts";
import { compileSolidity } from "./solidity.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const OUTPUTS = [
  { contract: "TestUSDC", prefix: "testUsdc", file: "src/abi/test-usdc.generated.ts" },
  {
    contract: "ZoneSettlement",
    prefix: "zoneSettlement",
    file: "src/abi/zone-settlement.generated.ts",
  },
  { contract: "ZoneEscrow", prefix: "zoneEscrow", file: "src/abi/zone-escrow.generated.ts" },
] as const;

function render(prefix: string, contract: CompiledContract): string {
  const { name } = contract;
  return [
    `// Written by scripts/compile-contracts.ts from contracts/${name}.sol. Do not edit.`,
    "",
    `/** Is the ABI of \`${name}\`. */`,
    `export const ${prefix}Abi = ${JSON.stringify(contract.abi, null, 2)} as const;`,
    "",
    `/** Is the creation code of \`${name}\`, without constructor arguments. */`,
    `export const ${prefix}Bytecode =`,
    `  "${contract.bytecode}" as const;`,
    "",
    `/** Is keccak256 of the runtime code of \`${name}\` before its immutables are filled in. */`,
    `export const ${prefix}RuntimeHash =`,
    `  "${keccak256(contract.deployedBytecode)}" as const;`,
    "",
  ].join("\n");
}

function main(check: boolean): number {
  const files = OUTPUTS.map(({ contract }) => `contracts/${contract}.sol`);
  const compiled = compileSolidity(ROOT, files);
  let stale = 0;
  for (const { contract, prefix, file } of OUTPUTS) {
    const result = compiled.get(contract);
    if (!result) throw new Error(`${contract} is not in contracts/${contract}.sol`);
    const path = join(ROOT, file);
    const text = render(prefix, result);
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    stale += 1;
    if (check) console.error(`${file} does not match contracts/${contract}.sol`);
    else writeFileSync(path, text);
  }
  if (check && stale > 0) console.error("run: node scripts/compile-contracts.ts");
  return check && stale > 0 ? 1 : 0;
}

process.exitCode = main(process.argv.includes("--check"));
