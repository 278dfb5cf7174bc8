import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { InvalidArgumentError } from "commander";
import { parseLocatedJson } from "../config/located-json.ts";
import type { JsonObject, JsonValue } from "../protocol/json.ts";
import { parseJsonText } from "../wire/json-text.ts";
import { BODY_LIMITS } from "../wire/structure-limits.ts";
import { UsageError } from "./exit-codes.ts";

const STDIN = "-";
const UNIT_SECS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads a file, or standard input where it is named `-`. Throws UsageError. */
export async function readText(path: string): Promise<string> {
  try {
    return path === STDIN ? await text(process.stdin) : await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${path === STDIN ? "standard input" : path} cannot be read (${code}).`);
  }
}

/**
 * Reads a JSON object from a file, or from standard input where it is named `-`, as strictly as the
 * wire: no key twice, no integer that would be rounded.
 * @throws UsageError
 */
export async function readJsonObject(path: string): Promise<JsonObject> {
  const value = parseJson(await readText(path), path);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw new UsageError(`${path}: expected a JSON object.`);
}

/** Parses JSON given as an argument. Throws UsageError. */
export function parseJson(json: string, what: string): JsonValue {
  try {
    return parseJsonText(json, BODY_LIMITS) as JsonValue;
  } catch (error) {
    throw new UsageError(
      `${what}: expected JSON: ${findSyntaxError(json) ?? (error as Error).message}`,
    );
  }
}

/** Where a text stops being JSON; undefined where it is JSON that the wire does not take. */
function findSyntaxError(json: string): string | undefined {
  try {
    parseLocatedJson(json);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Returns an argument, or standard input without its last line break where the argument is `-`. */
export async function readArgument(argument: string): Promise<string> {
  return argument === STDIN ? (await readText(STDIN)).replace(/\r?\n$/, "") : argument;
}

/** Parses a duration of seconds, minutes, hours or days into the Unix second at which it ends. */
export function parseExpiry(duration: string): number {
  const [, count, unit] = /^([1-9][0-9]{0,8})([smhd])$/.exec(duration) ?? [];
  const secs = Number(count) * (UNIT_SECS[unit ?? ""] ?? Number.NaN);
  if (Number.isNaN(secs))
    throw new InvalidArgumentError("expected a duration, like 30m, 24h or 7d");
  return Math.floor(Date.now() / 1000) + secs;
}

/** Creates a parser of integers within bounds. */
export function integerOf(min: number, max: number): (digits: string) => number {
  return (digits) => {
    const number = Number(digits);
    if (/^[0-9]+$/.test(digits) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`expected an integer from ${min} to ${max}`);
  };
}
