import { Packr } from "msgpackr";
import { frameHex, type Packable, packHex } from "../independent/messagepack.ts";
import { fromHex } from "./cast.ts";

/** One envelope that decodes. */
export interface EnvelopeVector {
  readonly name: string;
  readonly type: string;
  readonly type_number: number;
  readonly hex: string;
  /** After the schema; bytes as {"$bytes": hex}, optional fields that are nil left out. */
  readonly fields: unknown;
  /** Whether this steward writes exactly these bytes for these fields. */
  readonly canonical: boolean;
  readonly written_by: "hand" | "independent" | "msgpackr";
  /** What the body of a Message is after JSON text was parsed, where it differs. */
  readonly parsed_body?: unknown;
}

const NUMBERS = {
  hello: 0x01,
  hello_ack: 0x02,
  verify: 0x03,
  verify_ack: 0x04,
  message: 0x10,
  message_ack: 0x11,
  error: 0xe0,
  ping: 0xf0,
  pong: 0xf1,
  disconnect: 0xff,
} as const;
type Type = keyof typeof NUMBERS;
type Fields = Readonly<Record<string, Packable>>;

/** The array form of byte fields. */
export const byteArray = (hex: string) => [...fromHex(hex)];
/** How decoded bytes stand in a vector. */
export const bytes = (hex: string) => ({ $bytes: hex });
/** A vector whose hex is written out. */
export function hand(name: string, type: Type, hex: string, fields: unknown): EnvelopeVector {
  const written_by = "hand" as const;
  const compact = hex.replaceAll(" ", "");
  return {
    name,
    type,
    type_number: NUMBERS[type],
    hex: compact,
    fields,
    canonical: true,
    written_by,
  };
}

/** A vector written by the independent encoder. */
export function packed(
  name: string,
  type: Type,
  packable: Packable,
  rest: { fields: unknown; canonical?: boolean; parsed_body?: unknown },
): EnvelopeVector {
  const hex = frameHex(NUMBERS[type], packHex(packable));
  const written_by = "independent" as const;
  return { name, type, type_number: NUMBERS[type], hex, written_by, canonical: false, ...rest };
}

/** A vector written by msgpackr. */
export function foreign(name: string, type: Type, fields: Fields): EnvelopeVector {
  const packr = new Packr({ useRecords: false });
  const hex = frameHex(NUMBERS[type], Buffer.from(packr.pack(fields)).toString("hex"));
  const written_by = "msgpackr" as const;
  return { name, type, type_number: NUMBERS[type], hex, fields, canonical: false, written_by };
}
