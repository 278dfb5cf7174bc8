import { PackedValue } from "./packed-value.ts";
import { refuse } from "./structure-limits.ts";

/** Longer than the name of any type. */
const TYPE_BYTES_MAX = 128;

/** JSON text takes twice as long to read as MessagePack of as many bytes. */
const TEXT_BYTES_MAX = 1_048_576;
/** Of one UTF-16 code unit. */
const UTF8_BYTES_MAX = 3;

/** A received body: a map with a string `type`, of which nothing else is built yet. */
export class PackedBody {
  readonly type: string;
  /** The whole of it. */
  readonly value: PackedValue;

  private constructor(type: string, value: PackedValue) {
    this.type = type;
    this.value = value;
  }

  /**
   * Takes the body of an envelope that was decoded with `PackedValue.scan`; JSON text is packed; `docs/protocol.md` §5.
   * @throws StewardError 2003; its message says which limit
   */
  static parse(raw: unknown): PackedBody {
    const value = typeof raw === "string" ? packText(raw) : raw;
    if (!(value instanceof PackedValue) || !value.isMap) throw refuse("The body is not a map.");
    const packedType = value.member("type");
    if (packedType?.isText !== true) throw refuse("The body has no string type.");
    const type = packedType.byteLength > TYPE_BYTES_MAX ? "" : String(packedType.decode());
    return new PackedBody(type, value);
  }

  /** Finds a member's value. */
  find(key: string): PackedValue | undefined {
    return this.value.member(key);
  }
}

function packText(text: string): PackedValue {
  const mayBeLong = text.length * UTF8_BYTES_MAX > TEXT_BYTES_MAX;
  if (mayBeLong && new TextEncoder().encode(text).length > TEXT_BYTES_MAX) {
    throw refuse("The body is more than 1 MiB of JSON text: send it as a MessagePack map.");
  }
  return PackedValue.fromJson(text);
}
