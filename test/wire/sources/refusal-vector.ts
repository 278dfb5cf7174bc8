import { frameHex, type Packable, packHex, Raw } from "../independent/messagepack.ts";
import { MESSAGE } from "./message-envelopes.ts";

/** One frame that is refused, with what the steward does about it. */
export interface RefusalVector {
  readonly name: string;
  /**
   * The first check that refuses it: the envelope and its payload, the type's schema, the
   * handshake's own rules, the limits of a body, or the fields of a zone body.
   */
  readonly layer: "envelope" | "schema" | "handshake" | "body" | "zone";
  /** When it is sent; `any` where that makes no difference. */
  readonly state: "any" | "handshake" | "verified";
  /** The frame; a long one is the parts, each repeated, one after the other. */
  readonly hex?: string;
  readonly parts?: readonly { readonly hex: string; readonly times: number }[];
  /** Of the ErrorMessage, or of the zone.error where it is a string. */
  readonly code: number | string;
  readonly closes: boolean;
  /** What `ref_msg_id` is; left out where the id is not readable. */
  readonly ref_msg_id?: string;
}

type Options = Partial<Pick<RefusalVector, "layer" | "state" | "closes" | "ref_msg_id">>;

/** A frame written out as hex, refused by the envelope's rules unless told otherwise. */
export function refused(
  name: string,
  hex: string,
  code: number,
  options: Options = {},
): RefusalVector {
  const defaults = { layer: "envelope", state: "any" } as const;
  const closes = code === 1001 || code === 2002;
  return { name, ...defaults, hex: hex.replaceAll(" ", ""), code, closes, ...options };
}

/** A frame around a payload that is written out as hex. */
export function payload(
  name: string,
  typeNumber: number,
  hex: string,
  options: Options = {},
): RefusalVector {
  return refused(name, frameHex(typeNumber, hex.replaceAll(" ", "")), 2003, options);
}

/** An AtlasMessage in a verified session whose body is refused; its id stays readable. */
export function body(name: string, layer: RefusalVector["layer"], value: Packable): RefusalVector {
  const hex = frameHex(0x10, packHex({ ...MESSAGE, body: value }));
  return refused(name, hex, 2003, { layer, state: "verified", ref_msg_id: MESSAGE.id });
}

/** The same for one value inside a body, as MessagePack hex. */
export function bodyValue(name: string, hex: string): RefusalVector {
  return body(name, "envelope", { type: "t", deep: [{ value: new Raw(hex) }] });
}

/** Fields of a type in a given state that its schema refuses. */
export function schema(
  name: string,
  typeNumber: number,
  fields: Readonly<Record<string, Packable>>,
  options: Options & { code?: number } = {},
): RefusalVector {
  const { code = 2003, ...rest } = options;
  const id = typeNumber === 0x10 && typeof fields.id === "string" ? { ref_msg_id: fields.id } : {};
  const hex = frameHex(typeNumber, packHex(fields));
  return refused(name, hex, code, { layer: "schema", state: "verified", ...id, ...rest });
}
