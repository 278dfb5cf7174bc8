import { resolve } from "node:path";

type Layer = Readonly<Record<string, unknown>>;

/** The keys that hold paths; `*` stands for any key. */
const PATH_KEYS = [
  ["data_dir"],
  ["handlers", "*", "*", "path"],
  ["handlers", "*", "*", "secret_file"],
  ["secrets", "master_key_file"],
  ["backup", "dir"],
] as const;

/** Makes the relative paths of one source of the configuration absolute. */
export function resolvePaths(layer: Layer, baseDir: string): Record<string, unknown> {
  return PATH_KEYS.reduce<Record<string, unknown>>(
    (values, keys) => resolveAt(values, keys, baseDir) as Record<string, unknown>,
    { ...layer },
  );
}

function resolveAt(value: unknown, keys: readonly string[], baseDir: string): unknown {
  const [key, ...rest] = keys;
  if (key === undefined)
    return typeof value === "string" && value ? resolve(baseDir, value) : value;
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(([name, below]) => [
    name,
    key === "*" || key === name ? resolveAt(below, rest, baseDir) : below,
  ]);
  return Object.fromEntries(entries) as unknown;
}

/** Joins sources of the configuration; later ones win, key by key. */
export function mergeLayers(layers: readonly Layer[]): Record<string, unknown> {
  return layers.reduce<Record<string, unknown>>(merge, {});
}

function merge(left: Layer, right: Layer): Record<string, unknown> {
  const result: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    if (value !== undefined) result[key] = mergeValues(result[key], value);
  }
  return result;
}

function mergeValues(before: unknown, value: unknown): unknown {
  if (!isPlainObject(value)) return value;
  if (isPlainObject(before)) return merge(before, value);
  return Array.isArray(before) ? mergeItems(before, value) : value;
}

/** The environment names an item of a list by its place: `STEWARD_CHAINS__0__RPC_URLS`. */
function mergeItems(before: readonly unknown[], value: Layer): unknown {
  const items = [...before];
  for (const [key, item] of Object.entries(value)) {
    const place = /^\d+$/.test(key) ? Number(key) : items.length;
    if (place >= items.length) return value;
    items[place] = mergeValues(items[place], item);
  }
  return items;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
