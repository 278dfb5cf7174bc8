import { StewardError } from "../errors.ts";

/** How large a decoded value may be; held while it is read, before it is built. */
export interface StructureLimits {
  /** Names the value in refusals. */
  readonly name: "body" | "payload";
  /** Containers inside containers, the outermost included. */
  readonly depth: number;
  /** Items of one array. */
  readonly items: number;
  /** Keys of one map. */
  readonly keys: number;
  /** Values in all: every container, array item and map value, the outermost included. */
  readonly values: number;
  /** Texts may hold NUL and bidirectional controls. */
  readonly takesAnyText?: true;
}

/** The limits of a member's or creator's body; `docs/protocol.md` §5. */
export const BODY_LIMITS: StructureLimits = {
  name: "body",
  depth: 32,
  items: 10_000,
  keys: 10_000,
  values: 100_000,
};

/** The limits of everything beside the body, in unknown fields too; `docs/protocol.md` §5. */
export const FIELDS_LIMITS: StructureLimits = { ...BODY_LIMITS, name: "payload", depth: 64 };

/**
 * The limits of what a steward answers: a page of history holds many bodies, each a few levels down.
 */
export const REPLY_LIMITS: StructureLimits = { ...BODY_LIMITS, depth: 64, values: 1_000_000 };

/**
 * The limits of what stewards of a zone send one another: many bodies in one, each a few levels down;
 * `docs/protocol.md` §9.2.
 */
export const LINK_LIMITS: StructureLimits = {
  name: "body",
  depth: 64,
  items: 1_000_000,
  keys: 1_000_000,
  values: 2_000_000,
  takesAnyText: true,
};

/** Counts one value's parts against its limits while it is read. */
export class StructureCount {
  readonly limits: StructureLimits;
  private left: number;

  constructor(limits: StructureLimits) {
    this.limits = limits;
    this.left = limits.values;
  }

  /**
   * Takes an array before its items are read.
   * @param depth containers around it, itself included
   * @throws StewardError 2003; its message says which limit
   */
  enterArray(items: number, depth: number): void {
    this.assertItems(items);
    this.assertDepth(depth);
    this.addValues(items);
  }

  /** As `enterArray`, for a map before its keys are read. */
  enterMap(keys: number, depth: number): void {
    this.assertKeys(keys);
    this.assertDepth(depth);
    this.addValues(keys);
  }

  /** Refuses an array of that many items. Throws 2003. */
  assertItems(items: number): void {
    if (items <= this.limits.items) return;
    throw this.refuse(`holds an array of more than ${this.limits.items} items`);
  }

  /** Refuses a map of that many keys. Throws 2003. */
  assertKeys(keys: number): void {
    if (keys <= this.limits.keys) return;
    throw this.refuse(`holds a map of more than ${this.limits.keys} keys`);
  }

  /** Refuses a container inside that many, itself included. Throws 2003. */
  assertDepth(depth: number): void {
    if (depth > this.limits.depth) {
      throw this.refuse(`is nested deeper than ${this.limits.depth}`);
    }
  }

  /** Counts values, the outermost too, which is in no container. Throws 2003. */
  addValues(count: number): void {
    this.left -= count;
    if (this.left < 0) throw this.refuse(`holds more than ${this.limits.values} values in all`);
  }

  private refuse(what: string): StewardError {
    return refuse(`The ${this.limits.name} ${what}.`);
  }
}

/** The refusal of what cannot be taken as a message; 2003. */
export function refuse(message: string): StewardError {
  return new StewardError(2003, { message });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
const FORBIDDEN_CHARACTERS = /[\u0000\u202a-\u202e\u2066-\u2069]/;

/**
 * Refuses a text of a body that holds NUL or a bidirectional control; `docs/protocol.md` §5.
 * @throws StewardError 2003
 */
export function assertBodyText(text: string): void {
  if (FORBIDDEN_CHARACTERS.test(text)) {
    throw refuse("A string of the body holds NUL or a bidirectional control character.");
  }
}

/** Refuses a text of a body that UTF-8 cannot carry. Throws 2003. */
export function assertWellFormed(text: string): void {
  if (!text.isWellFormed()) throw refuse("A string of the body holds a lone surrogate.");
}

/**
 * Refuses a number of a body that JSON in other languages could not carry; `docs/protocol.md` §2.
 * @throws StewardError 2003
 */
export function assertBodyNumber(value: number): void {
  if (!Number.isFinite(value)) throw refuse("The body holds a number that is not finite.");
  // Some encoders write integers past 2^53 as floats, already rounded.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 64) {
    throw refuse("The body holds an integer beyond 2^53-1.");
  }
}
