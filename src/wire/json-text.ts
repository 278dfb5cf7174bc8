import { StewardError } from "../errors.ts";

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/**
 * Parses JSON text as strictly as MessagePack is decoded: refuses the same key twice in one object
 * and integers beyond ±(2^53-1), which `JSON.parse` loses in silence, and nesting before it is
 * built; `docs/protocol.md` §5.
 * @throws StewardError 2003
 */
export function parseJsonText(text: string, depthMax: number): unknown {
  scanText(text, depthMax);
  return parse(text);
}

function refuse(message: string): StewardError {
  return new StewardError(2003, { message });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse("The body is text but not JSON.");
  }
}

/** Reads tokens only; what is no JSON is left to `JSON.parse`. */
function scanText(text: string, depthMax: number): void {
  const open: (Set<string> | undefined)[] = [];
  let expectsKey = false;
  for (let offset = 0; offset < text.length; offset++) {
    const character = text[offset] as string;
    if (character === '"') {
      const end = findStringEnd(text, offset);
      if (expectsKey) addKey(open.at(-1), text.slice(offset, end + 1));
      expectsKey = false;
      offset = end;
    } else if (character === "{" || character === "[") {
      if (open.length >= depthMax) throw refuse(`The body is nested deeper than ${depthMax}.`);
      open.push(character === "{" ? new Set() : undefined);
      expectsKey = character === "{";
    } else if (character === "}" || character === "]") {
      open.pop();
      expectsKey = false;
    } else if (character === ",") {
      expectsKey = open.at(-1) !== undefined;
    } else if (character === "-" || (character >= "0" && character <= "9")) {
      offset += Math.max(readNumber(text, offset), 1) - 1;
    }
  }
}

function findStringEnd(text: string, start: number): number {
  for (let offset = start + 1; offset < text.length; offset++) {
    if (text[offset] === "\\") offset++;
    else if (text[offset] === '"') return offset;
  }
  throw refuse("The body is text but not JSON.");
}

function addKey(keys: Set<string> | undefined, token: string): void {
  const key = parse(token) as string;
  if (keys?.has(key)) throw refuse("A map holds the same key twice.");
  keys?.add(key);
}

/** Returns how many characters the number has. */
function readNumber(text: string, offset: number): number {
  NUMBER.lastIndex = offset;
  const token = NUMBER.exec(text)?.[0] ?? "";
  if (/^-?[0-9]{16,}$/.test(token) && !Number.isSafeInteger(Number(token))) {
    throw refuse("The body holds an integer beyond 2^53-1.");
  }
  return token.length;
}
