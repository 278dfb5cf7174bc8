import { writeCanonicalJson } from "../independent/canonical-json.ts";
import { sha256 } from "../independent/ed25519.ts";

/** Input and output as they stand in RFC 8785 §3.2.2 and §3.2.3, copied, not computed. */
const FROM_THE_RFC = [
  {
    name: "RFC 8785 §3.2.2",
    input:
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    canonical:
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  },
  {
    name: "RFC 8785 §3.2.3, keys sorted by UTF-16 code units",
    input:
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
    canonical:
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  },
];

const COMPUTED = [
  ["empty object", "{}"],
  ["empty array", "[]"],
  ["minus zero", "[-0.0,0]"],
  ["largest integers", "[9007199254740991,-9007199254740991]"],
  ["where exponents begin", "[1e20,1e21,123456789012345680000,1e-6,1e-7]"],
  ["nested, unsorted", '{"b":{"d":1,"c":[{"z":1,"a":2}]},"a":null}'],
  ["control characters", '{"s":"\\u0001\\b\\t\\n\\f\\r\\u001f\\u007f"}'],
];

/** Canonical JSON with its hash. */
export function toCanonicalVectors() {
  const computed = COMPUTED.map(([name, input]) => ({
    name,
    input,
    canonical: writeCanonicalJson(JSON.parse(input ?? "")),
  }));
  return {
    vectors: [...FROM_THE_RFC, ...computed].map((vector) => ({
      ...vector,
      sha256: sha256(vector.canonical),
    })),
  };
}
