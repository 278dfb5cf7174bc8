import { expect, test } from "vitest";
import { KnownTexts } from "../../src/wire/known-texts.ts";

const encode = (text: string) => new TextEncoder().encode(`..${text}..`);

test("whatever came before, a text is what its bytes say", () => {
  const known = new KnownTexts(4, 20);
  const texts = Array.from({ length: 50 }, (_, i) => `key_${i % 7}_${"ab".repeat(i % 5)}`);
  for (const text of [...texts, ...texts.toReversed(), ...texts]) {
    const bytes = encode(text);
    expect(known.read(bytes, 2, bytes.length - 2)).toBe(text);
  }
  expect(known.read(encode(""), 2, 2)).toBe("");
});

test("what is long, not ASCII or has a NUL is left to others", () => {
  const known = new KnownTexts(4, 20);
  for (const text of ["x".repeat(21), "é", "a\u0000b"]) {
    const bytes = encode(text);
    expect(known.read(bytes, 2, bytes.length - 2)).toBeUndefined();
  }
});
