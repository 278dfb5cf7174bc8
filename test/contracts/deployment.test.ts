import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Address } from "viem";
import { domainSeparator, keccak256, toHex, zeroAddress } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";
import { zoneEscrowAbi, zoneEscrowBytecode } from "../../src/abi/zone-escrow.generated.ts";
import {
  zoneSettlementAbi,
  zoneSettlementBytecode,
} from "../../src/abi/zone-settlement.generated.ts";
import { ESCROW_TERMS_TYPE, TERMS_TYPE } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { people, startWorld } from "../support/contracts/world.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("a deployment", () => {
  it.each([
    ["settlement", TERMS_TYPE],
    ["escrow", ESCROW_TERMS_TYPE],
  ] as const)(
    "binds the %s to token, treasury, recoverers and its own type for ever",
    async (which, type) => {
      const contract = { address: world[which], abi: zoneSettlementAbi } as const;
      const { client } = world.chain;
      expect(await client.readContract({ ...contract, functionName: "token" })).toBe(world.usdc);
      expect(await client.readContract({ ...contract, functionName: "treasury" })).toBe(
        people.treasury.address,
      );
      expect(await client.readContract({ ...contract, functionName: "TERMS_TYPEHASH" })).toBe(
        keccak256(toHex(type)),
      );
      const isRecoverer = (account: Address) =>
        client.readContract({ ...contract, functionName: "isRecoverer", args: [account] });
      expect(await isRecoverer(people.recoverer.address)).toBe(true);
      expect(await isRecoverer(people.deployer.address)).toBe(false);
    },
  );

  it("has exactly these functions that change anything: no owner, no pause, no way out for the balance", () => {
    const writes = (abi: readonly { type: string; name?: string; stateMutability?: string }[]) =>
      abi
        .filter(
          (entry) =>
            entry.type === "function" &&
            entry.stateMutability !== "view" &&
            entry.stateMutability !== "pure",
        )
        .map((entry) => entry.name)
        .sort();
    const common = ["claim", "claimFor", "handOverRecoverer", "recover"];
    expect(writes(zoneSettlementAbi)).toEqual(
      [
        ...common,
        "settle",
        "settleBatch",
        "settlePacked",
        "registerZone",
        "updateZone",
        "handOverZone",
      ].sort(),
    );
    expect(writes(zoneEscrowAbi)).toEqual(
      [
        ...common,
        "deposit",
        "release",
        "releaseWithSignature",
        "refund",
        "dispute",
        "disputeWithSignature",
      ].sort(),
    );
    const payable = [...zoneSettlementAbi, ...zoneEscrowAbi].filter(
      (entry) =>
        "stateMutability" in entry &&
        entry.stateMutability.includes("payable") &&
        entry.stateMutability !== "nonpayable",
    );
    expect(payable).toEqual([]);
    expect(
      [...zoneSettlementAbi, ...zoneEscrowAbi].some((entry) =>
        ["fallback", "receive"].includes(entry.type),
      ),
    ).toBe(false);
  });

  it.each([
    ["no token", () => [zeroAddress, people.treasury.address, []]],
    ["a token without code", () => [people.other.address, people.treasury.address, []]],
    ["no treasury", () => [world.usdc, zeroAddress, []]],
    ["the zero address as recoverer", () => [world.usdc, people.treasury.address, [zeroAddress]]],
  ])("is refused with %s", async (_, args) => {
    await expect(world.deploy(zoneSettlementAbi, zoneSettlementBytecode, args())).rejects.toThrow(
      "creation reverted",
    );
    await expect(world.deploy(zoneEscrowAbi, zoneEscrowBytecode, args())).rejects.toThrow(
      "creation reverted",
    );
  });

  it("has a token that looks like USDC to a payer", async () => {
    const contract = { address: world.usdc, abi: testUsdcAbi } as const;
    const { client } = world.chain;
    expect(await client.readContract({ ...contract, functionName: "name" })).toBe("USD Coin");
    expect(await client.readContract({ ...contract, functionName: "version" })).toBe("2");
    expect(await client.readContract({ ...contract, functionName: "symbol" })).toBe("USDC");
    expect(await client.readContract({ ...contract, functionName: "decimals" })).toBe(6);
    const domain = {
      name: "USD Coin",
      version: "2",
      chainId: world.chain.chainId,
      verifyingContract: world.usdc,
    };
    const separator = await client.readContract({ ...contract, functionName: "DOMAIN_SEPARATOR" });
    expect(separator).toBe(domainSeparator({ domain }));
  });
});

describe("the checked-in ABI and bytecode", () => {
  const check = (root: string) =>
    spawnSync(process.execPath, ["scripts/compile-contracts.ts", "--check"], {
      cwd: root,
      encoding: "utf8",
    });

  it("are compared with what the sources compile to, and a difference is named", () => {
    const copy = mkdtempSync(join(tmpdir(), "zone-contracts-"));
    try {
      for (const part of ["contracts", "scripts", "src/abi"]) {
        cpSync(join(ROOT, part), join(copy, part), { recursive: true });
      }
      copyFileSync(join(ROOT, "package.json"), join(copy, "package.json"));
      symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
      const escrow = join(copy, "contracts/ZoneEscrow.sol");
      const text = readFileSync(escrow, "utf8");
      writeFileSync(
        escrow,
        text.replace("DISPUTE_EXTENSION = 7 days", "DISPUTE_EXTENSION = 8 days"),
      );
      const stale = check(copy);
      expect(stale.status).toBe(1);
      // The others are in step, or they would be named too.
      expect(stale.stderr.match(/[\w-]+\.generated\.ts/g)).toEqual(["zone-escrow.generated.ts"]);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }, 120_000);
});
