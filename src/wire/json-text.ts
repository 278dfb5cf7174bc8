import { refuse, StructureCount, type StructureLimits } from "./structure-limits.ts";

/**
 * Parses JSON text as strictly as MessagePack is decoded: refuses the same key twice in one object
 * and integers beyond ±(2^53-1), which `JSON.parse` loses in silence, and structure over its limits
 * before it is built; `docs/protocol.md` §5.
 * @throws StewardError 2003
 */
export function parseJsonText(text: string, limits: StructureLimits): unknown {
  scanText(text, limits);
  return parse(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse("The body is text but not JSON.");
  }
}

/** A container whose end was not read yet. */
interface OpenContainer {
  /** The keys so far; undefined for an array. */
  readonly keys: Set<string> | undefined;
  commas: number;
}

/** Reads tokens only; what is no JSON is left to `JSON.parse`. */
function scanText(text: string, limits: StructureLimits): void {
  const structure = new StructureCount(limits);
  const open: OpenContainer[] = [];
  let expectsKey = false;
  for (let offset = 0; offset < text.length; offset++) {
    const character = text.charCodeAt(offset);
    if (character === QUOTE) {
      const end = findStringEnd(text, offset);
      if (expectsKey) addKey(open.at(-1)?.keys, text.slice(offset, end + 1));
      else structure.addValues(1);
      expectsKey = false;
      offset = end;
    } else if (character === OPEN_BRACE || character === OPEN_BRACKET) {
      expectsKey = character === OPEN_BRACE;
      open.push({ keys: expectsKey ? new Set() : undefined, commas: 0 });
      structure.assertDepth(open.length);
      structure.addValues(1);
    } else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) {
      open.pop();
      expectsKey = false;
    } else if (character === COMMA) {
      const container = open.at(-1);
      expectsKey = container?.keys !== undefined;
      if (container !== undefined) countComma(structure, container);
    } else if (character > SPACE && character !== COLON) {
      structure.addValues(1);
      offset = findTokenEnd(text, offset) - 1;
    }
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;
const PLAIN_TEXT = /[^"\\]*/y;
const WORD = /[^\s,:"[\]{}]*/y;

function countComma(structure: StructureCount, container: OpenContainer): void {
  container.commas++;
  if (container.keys === undefined) structure.assertItems(container.commas + 1);
  else structure.assertKeys(container.commas + 1);
}

function findStringEnd(text: string, start: number): number {
  for (let offset = start + 1; offset < text.length; offset++) {
    const character = text.charCodeAt(offset);
    if (character === QUOTE) return offset;
    if (character === BACKSLASH) offset++;
    else {
      PLAIN_TEXT.lastIndex = offset;
      PLAIN_TEXT.test(text);
      offset = PLAIN_TEXT.lastIndex - 1;
    }
  }
  throw refuse("The body is text but not JSON.");
}

function addKey(keys: Set<string> | undefined, token: string): void {
  const key = token.includes("\\") ? (parse(token) as string) : token.slice(1, -1);
  if (keys?.has(key)) throw refuse("A map holds the same key twice.");
  keys?.add(key);
}

/** Returns where a number or a word ends. */
function findTokenEnd(text: string, start: number): number {
  WORD.lastIndex = start;
  const token = WORD.exec(text)?.[0] ?? "";
  if (/^-?[0-9]{16,}$/.test(token) && !Number.isSafeInteger(Number(token))) {
    throw refuse("The body holds an integer beyond 2^53-1.");
  }
  return start + Math.max(token.length, 1);
}
