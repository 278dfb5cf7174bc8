import { isDeepStrictEqual } from "node:util";
import type { Config } from "./config.ts";

/** Sections and keys that take effect while the steward runs; whatever else differs needs a restart. */
const LIVE_KEYS = [
  "limits",
  "handlers",
  "log.level",
  "zones.retention",
  "scanner",
  "trust.allowed",
];
/** Bounds of `zones` are read where they are held against something. */
const ZONE_BOUND = /^zones\.\w+_(?:max|kept|per_\w+)$/;

/** How a configuration differs from the one in force, by keys. */
export interface ConfigChanges {
  /** What takes effect while the steward runs. */
  readonly changed: readonly string[];
  /** What does not, and needs a restart. */
  readonly restart: readonly string[];
}

/** Finds the keys in which two configurations differ, and whether they can be changed in a running steward. */
export function findChanges(before: Config, after: Config): ConfigChanges {
  const keys = findDifferences("", before, after);
  return { changed: keys.filter(isLive), restart: keys.filter((key) => !isLive(key)) };
}

/**
 * Puts the live keys of another configuration into force. They are changed in place: whoever holds a section
 * reads it when he needs it, and finds what is in force.
 */
export function putInForce(config: Config, next: Config): void {
  const { limits, zones, handlers, log, scanner, trust } = next;
  overwrite(config.limits, limits);
  overwrite(config.handlers, handlers);
  overwrite(config.log, { level: log.level });
  overwrite(config.zones.retention, zones.retention);
  overwrite(config.scanner, scanner);
  overwrite(config.trust, { ...config.trust, allowed: trust.allowed });
  const bounds = Object.entries(zones).filter(([key]) => ZONE_BOUND.test(`zones.${key}`));
  Object.assign(config.zones, Object.fromEntries(bounds));
}

function isLive(key: string): boolean {
  return ZONE_BOUND.test(key) || LIVE_KEYS.some((live) => `${key}.`.startsWith(`${live}.`));
}

function findDifferences(path: string, before: unknown, after: unknown): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isSection(before) || !isSection(after)) return [path];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    findDifferences(path === "" ? name : `${path}.${name}`, before[name], after[name]),
  );
}

/** Makes an object have the fields of another one, and sections in it, too, so that each stays the same object. */
function overwrite(target: object, source: object): void {
  const fields = target as Record<string, unknown>;
  const next = source as Record<string, unknown>;
  for (const name of Object.keys(fields)) if (!Object.hasOwn(next, name)) delete fields[name];
  for (const [name, value] of Object.entries(next)) {
    const known = fields[name];
    if (isSection(known) && isSection(value)) overwrite(known, value);
    else fields[name] = value;
  }
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
