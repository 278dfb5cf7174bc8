import { EVENT_TYPES, expandTypes } from "../events/types.ts";

const ALL = "*";

/** Tells whether a pattern of types, as `payment.*`, `member.joined` or `*`, fits any event that there may be. */
export function isEventPattern(pattern: string): boolean {
  return EVENT_TYPES.some((type) => fits(pattern, type));
}

/** Tells whether a type is of one of these patterns. */
export function isWanted(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) => fits(pattern, type));
}

/** The types that any of several lists of patterns asks for, each once; undefined: all of them. */
export function joinPatterns(lists: readonly (readonly string[])[]): string[] | undefined {
  return lists.some((list) => list.includes(ALL)) ? undefined : expandTypes(lists.flat());
}

function fits(pattern: string, type: string): boolean {
  if (pattern === ALL) return true;
  return pattern.endsWith(".*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}
