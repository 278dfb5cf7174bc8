/**
 * What a character is to the scanner. Kinds from `FIRST_WORD_KIND` on make words; those from `APOSTROPHE` to
 * `TAG` are passed over inside words; all others end a word.
 */
export const KIND = {
  BLANK: 0,
  STOP: 1,
  COMMA: 2,
  OPENER: 3,
  CLOSER: 4,
  CONTROL: 5,
  APOSTROPHE: 6,
  INVISIBLE: 7,
  JOINER: 8,
  MARK: 9,
  SELECTOR: 10,
  TAG: 11,
  /** `a`; the other letters follow. */
  LETTER_A: 12,
  /** `0`; the other digits follow. */
  DIGIT_0: 38,
  UNDERSCORE: 48,
  /** A letter that no word of a rule has. */
  OTHER: 49,
} as const;

export const FIRST_WORD_KIND = KIND.LETTER_A;
/** Kinds fit into so many bits. */
export const KIND_BITS = 6;
/** Beside a kind: the character only looks like the letter it is taken for. */
export const DISGUISE = 1 << KIND_BITS;

/** An emoji that tags make a flag of. */
export const BLACK_FLAG = 0x1f3f4;

const BMP = 0x10000;
const MATH_FIRST = 0x1d400;
const MATH_LAST = 0x1d7ff;

/** Cyrillic and Greek letters that look like Latin ones. */
const LOOKALIKES: readonly (readonly [string, string])[] = [
  ["аеорсхуіѕјԁһԛԝ", "aeopcxyisjdhqw"],
  ["АВЕКМНОРСТХІЅЈ", "abekmhopctxisj"],
  ["οανιρυκτ", "oavipukt"],
  ["ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx"],
  ["ıɑɡⅼ", "iagl"],
];

/** Ranges of the kinds that are no letters; what is not listed is `OTHER`. */
const RANGES: readonly (readonly [number, number, number])[] = [
  [0xa0, 0xbf, KIND.BLANK],
  [0xad, 0xad, KIND.INVISIBLE],
  [0xd7, 0xd7, KIND.BLANK],
  [0xf7, 0xf7, KIND.BLANK],
  [0x300, 0x36f, KIND.MARK],
  [0x180e, 0x180e, KIND.INVISIBLE],
  [0x1ab0, 0x1aff, KIND.MARK],
  [0x2000, 0x200a, KIND.BLANK],
  [0x200b, 0x200b, KIND.INVISIBLE],
  [0x200c, 0x200d, KIND.JOINER],
  [0x200e, 0x200f, KIND.INVISIBLE],
  [0x2010, 0x2018, KIND.BLANK],
  [0x2019, 0x2019, KIND.APOSTROPHE],
  [0x201a, 0x2029, KIND.BLANK],
  [0x202a, 0x202e, KIND.CONTROL],
  [0x202f, 0x205f, KIND.BLANK],
  [0x2060, 0x2064, KIND.INVISIBLE],
  [0x2066, 0x2069, KIND.CONTROL],
  [0x20a0, 0x20cf, KIND.BLANK],
  [0x20d0, 0x20ff, KIND.MARK],
  [0x2190, 0x2bff, KIND.BLANK],
  // Written without spaces: what is between them stands alone.
  [0x3000, 0x9fff, KIND.BLANK],
  [0xac00, 0xd7af, KIND.BLANK],
  [0xe000, 0xfaff, KIND.BLANK],
  [0xfe00, 0xfe0f, KIND.SELECTOR],
  [0xfeff, 0xfeff, KIND.INVISIBLE],
  [0xff00, 0xff0f, KIND.BLANK],
  [0xff1a, 0xff20, KIND.BLANK],
  [0xff3b, 0xff40, KIND.BLANK],
  [0xff5b, 0xff65, KIND.BLANK],
  [0xffe0, 0xffff, KIND.BLANK],
];

/** By code point of the basic plane, its kind and whether it is a disguise. */
const KINDS = createKinds();
const MATH_KINDS = Uint8Array.from({ length: MATH_LAST - MATH_FIRST + 1 }, (_, index) => {
  const plain = String.fromCodePoint(MATH_FIRST + index).normalize("NFKC");
  return toAsciiKind(plain.toLowerCase(), DISGUISE);
});

/** Kinds of bytes; those from 0x80 on are no characters by themselves, and end what is ASCII. */
export const BYTE_KINDS: Uint8Array = KINDS.slice(0, 0x100).fill(KIND.BLANK, 0x80);

/** Returns a code point's kind, with `DISGUISE` where it only looks like it. */
export function toKind(codePoint: number): number {
  if (codePoint < BMP) return KINDS[codePoint] as number;
  if (codePoint >= MATH_FIRST && codePoint <= MATH_LAST) {
    return MATH_KINDS[codePoint - MATH_FIRST] as number;
  }
  if (codePoint >= 0xe0100 && codePoint <= 0xe01ef) return KIND.SELECTOR;
  if (codePoint >= 0xe0000 && codePoint <= 0xe007f) return KIND.TAG;
  return KIND.BLANK;
}

function createKinds(): Uint8Array {
  const kinds = new Uint8Array(BMP).fill(KIND.OTHER);
  for (let code = 0; code < 0x80; code++) kinds[code] = toAsciiKind(String.fromCharCode(code), 0);
  for (let code = 0xc0; code < 0x250; code++) {
    const [base = ""] = String.fromCharCode(code).normalize("NFD").toLowerCase();
    kinds[code] = toAsciiKind(base, 0);
  }
  for (const [first, last, kind] of RANGES) kinds.fill(kind, first, last + 1);
  for (let code = 0xff10; code <= 0xff5a; code++) {
    const plain = String.fromCharCode(code).normalize("NFKC");
    if (/\w/.test(plain)) kinds[code] = toAsciiKind(plain, DISGUISE);
  }
  for (const [seeming, latin] of LOOKALIKES) {
    [...seeming].forEach((letter, index) => {
      kinds[letter.charCodeAt(0)] = toAsciiKind(latin[index] ?? "", DISGUISE);
    });
  }
  return kinds;
}

function toAsciiKind(character: string, disguise: number): number {
  const code = character.toLowerCase().charCodeAt(0);
  if (code >= 0x61 && code <= 0x7a) return (KIND.LETTER_A + code - 0x61) | disguise;
  if (code >= 0x30 && code <= 0x39) return (KIND.DIGIT_0 + code - 0x30) | disguise;
  if (character === "_") return KIND.UNDERSCORE;
  if (character === "'") return KIND.APOSTROPHE;
  if (character === ",") return KIND.COMMA;
  if (".!?;".includes(character)) return KIND.STOP;
  if ("[{".includes(character)) return KIND.OPENER;
  if ("]})".includes(character)) return KIND.CLOSER;
  if (code >= 0x80) return KIND.OTHER;
  const isControl = (code < 0x20 && !"\t\n\v\f\r".includes(character)) || code === 0x7f;
  return isControl ? KIND.CONTROL : KIND.BLANK;
}
