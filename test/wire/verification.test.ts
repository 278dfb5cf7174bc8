import { expect, test } from "vitest";
import { isSignedBy } from "../../src/client/link/node-identity.ts";
import { SignatureVerifier } from "../../src/identity/verify.ts";
import { isUsablePoint } from "../../src/protocol/public-key.ts";
import { fromHex } from "./sources/cast.ts";
import { readVectors } from "./vectors.ts";

interface VerificationFile {
  readonly vectors: readonly {
    readonly name: string;
    readonly public_key: string;
    readonly content: string;
    readonly signature: string;
    readonly verifies: boolean;
  }[];
  readonly non_canonical: readonly string[];
}
const { vectors, non_canonical } = readVectors<VerificationFile>("verification.json");
const verifier = new SignatureVerifier();

test.each(vectors)(
  "$name: verifies is $verifies, at the steward and in the SDK",
  async (vector) => {
    const key = fromHex(vector.public_key);
    const content = fromHex(vector.content);
    const signature = fromHex(vector.signature);
    expect(verifier.verify(key, content, signature)).toBe(vector.verifies);
    expect(await isSignedBy(key, content, signature)).toBe(vector.verifies);
  },
);

test("y of p or more stands for no key and for no R", async () => {
  const [plain] = vectors;
  const content = fromHex(plain?.content ?? "");
  const signature = fromHex(plain?.signature ?? "");
  for (const encoding of non_canonical.map(fromHex)) {
    expect(isUsablePoint(encoding)).toBe(false);
    expect(verifier.verify(encoding, content, signature)).toBe(false);
    expect(await isSignedBy(encoding, content, signature)).toBe(false);
    const other = Uint8Array.from([...encoding, ...signature.subarray(32)]);
    expect(verifier.verify(fromHex(plain?.public_key ?? ""), content, other)).toBe(false);
  }
  const below = Uint8Array.from(non_canonical.map(fromHex)[0] ?? []);
  below[0] = 0xe0;
  expect(isUsablePoint(below)).toBe(true);
});
