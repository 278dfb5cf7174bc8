import fc from "fast-check";
import { type Hex, hexToBytes, keccak256, toHex } from "viem";
import { generatePrivateKey, privateKeyToAccount, sign } from "viem/accounts";
import { describe, expect, test } from "vitest";
import { isSignedByKey, RECOVERERS } from "../../src/payments/authorization/key-signature.ts";

const CODES = Object.entries(RECOVERERS).flatMap(([name, recover]) =>
  recover ? [[name, recover] as const] : [],
);
const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const digest = (bytes: Uint8Array) => keccak256(bytes);
const toBytes = (signature: Hex) => hexToBytes(signature).subarray(0, 64);

describe.each(CODES)("recovery in %s code", (_name, recover) => {
  test("finds the key that signed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (message) => {
        const privateKey = generatePrivateKey();
        const hash = digest(message);
        const signature = await sign({ hash, privateKey, to: "hex" });
        const key = recover(hexToBytes(hash), toBytes(signature), signature.endsWith("1c") ? 1 : 0);
        expect(toHex(key)).toBe(`0x${privateKeyToAccount(privateKey).publicKey.slice(4)}`);
      }),
      { numRuns: 25 },
    );
  });

  test.each([
    ["r of nothing", "0".repeat(64), "1".repeat(64)],
    ["s of nothing", "1".repeat(64), "0".repeat(64)],
    ["r past the order", ORDER, "1".repeat(64)],
    ["s past the order", "1".repeat(64), ORDER],
    ["r that is no point", "5".padStart(64, "0"), "1".repeat(64)],
  ])("refuses %s", (_what, r, s) => {
    const hash = hexToBytes(digest(new Uint8Array(1)));
    expect(() => recover(hash, hexToBytes(`0x${r}${s}`), 0)).toThrow();
  });
});

test("the steward's platform has native code, and another key's signature is not taken", async () => {
  expect(CODES.map(([name]) => name)).toContain("wasm");
  if (process.platform === "linux" && process.arch === "x64") {
    expect(RECOVERERS.native).toBeDefined();
  }
  const privateKey = generatePrivateKey();
  const hash = digest(new Uint8Array(2));
  const signature = await sign({ hash, privateKey, to: "hex" });
  const { address } = privateKeyToAccount(privateKey);
  const other = privateKeyToAccount(generatePrivateKey()).address;
  expect(isSignedByKey(hash, signature, address)).toBe(true);
  expect(isSignedByKey(hash, signature, other)).toBe(false);
  expect(isSignedByKey(hash, `${signature.slice(0, -2)}1d` as Hex, address)).toBe(false);
});
