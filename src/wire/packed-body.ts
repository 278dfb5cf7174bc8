import { PackedValue } from "./packed-value.ts";
import { refuse } from "./structure-limits.ts";

/** Longer than the name of any type. */
const TYPE_BYTES_MAX = 128;

/** A received body: a map with a string `type`, of which nothing else is built yet. */
export class PackedBody {
  readonly type: string;
  /** The whole of it. */
  readonly value: PackedValue;
  private readonly members: ReadonlyMap<string, PackedValue>;

  private constructor(type: string, value: PackedValue, members: ReadonlyMap<string, PackedValue>) {
    this.type = type;
    this.value = value;
    this.members = members;
  }

  /**
   * Takes the body of an envelope that was decoded with `PackedValue.scan`; JSON text is packed; `docs/protocol.md` §5.
   * @throws StewardError 2003; its message says which limit
   */
  static parse(raw: unknown): PackedBody {
    const value = typeof raw === "string" ? PackedValue.fromJson(raw) : raw;
    const members = value instanceof PackedValue ? value.members() : undefined;
    if (!(value instanceof PackedValue) || members === undefined) {
      throw refuse("The body is not a map.");
    }
    const packedType = members.get("type");
    if (packedType?.isText !== true) throw refuse("The body has no string type.");
    const type = packedType.byteLength > TYPE_BYTES_MAX ? "" : String(packedType.decode());
    return new PackedBody(type, value, members);
  }

  /** Finds a member's value. */
  find(key: string): PackedValue | undefined {
    return this.members.get(key);
  }
}
