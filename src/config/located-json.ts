const DEPTH_MAX = 64;
const BLANK = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in a text
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const PLAIN = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** A text is no JSON; says where, and quotes nothing of it: it may hold secrets. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
  /** Counted from 1. */
  readonly line: number;

  constructor(line: number, column: number, expected: string) {
    super(`line ${line}, column ${column}: ${expected}`);
    this.line = line;
  }
}

/** A value of a JSON text and the lines where its parts stand. */
export interface LocatedJson {
  readonly value: unknown;
  /** The line, from 1, of the value at a path, or of the nearest one around it that is there. */
  lineOf(path: readonly PropertyKey[]): number;
}

/**
 * Parses JSON that people write: what is wrong is named with its line, and no key may stand twice in
 * one object.
 * @throws JsonSyntaxError
 */
export function parseLocatedJson(source: string): LocatedJson {
  const text = source.replace(/^\ufeff/, "");
  const scanner = new Scanner(text);
  scanner.readAll();
  return {
    value: JSON.parse(text) as unknown,
    lineOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const line = scanner.lines.get(toId(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}

function toId(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}

/** Walks through a text and notes where each value begins. */
class Scanner {
  readonly lines = new Map<string, number>();
  private readonly text: string;
  private offset = 0;

  constructor(text: string) {
    this.text = text;
  }

  readAll(): void {
    this.readValue([]);
    this.skip();
    if (this.offset < this.text.length) this.fail("expected the end, after the value");
  }

  private readValue(path: readonly string[]): void {
    this.skip();
    this.lines.set(toId(path), this.lineAt(this.offset));
    if (path.length > DEPTH_MAX) this.fail(`nested deeper than ${DEPTH_MAX}`);
    if (this.takes("{")) return this.readMembers(path);
    if (this.takes("[")) return this.readItems(path);
    if (this.match(STRING) ?? this.match(PLAIN)) return;
    if (this.text[this.offset] === '"') this.fail("this text does not end, or has a bad escape");
    this.fail("expected a value");
  }

  private readMembers(path: readonly string[]): void {
    const seen = new Set<string>();
    if (this.takes("}")) return;
    do {
      this.skip();
      const start = this.offset;
      const token = this.match(STRING);
      if (token === undefined) this.fail('expected a key in double quotes (a "," too many?)');
      const key = JSON.parse(token) as string;
      if (seen.has(key)) this.failAt(start, `the key ${token} stands here twice`);
      seen.add(key);
      if (!this.takes(":")) this.fail('expected ":" after the key');
      this.readValue([...path, key]);
    } while (this.takes(","));
    if (!this.takes("}")) this.fail('expected "," or "}"');
  }

  private readItems(path: readonly string[]): void {
    if (this.takes("]")) return;
    let index = 0;
    do this.readValue([...path, String(index++)]);
    while (this.takes(","));
    if (!this.takes("]")) this.fail('expected "," or "]"');
  }

  private takes(character: string): boolean {
    this.skip();
    if (this.text[this.offset] !== character) return false;
    this.offset++;
    return true;
  }

  private skip(): void {
    this.match(BLANK);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    const token = pattern.exec(this.text)?.[0];
    if (token !== undefined) this.offset += token.length;
    return token;
  }

  private lineAt(offset: number): number {
    return this.text.slice(0, offset).split("\n").length;
  }

  private fail(expected: string): never {
    this.skip();
    return this.failAt(this.offset, expected);
  }

  private failAt(offset: number, expected: string): never {
    const column = offset - this.text.lastIndexOf("\n", offset - 1);
    throw new JsonSyntaxError(this.lineAt(offset), column, expected);
  }
}
