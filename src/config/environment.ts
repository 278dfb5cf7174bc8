import type { ConfigProblem } from "./problem.ts";

const PREFIX = "STEWARD_";
const SEPARATOR = "__";

/** Keys at the top that a variable without `__` sets, as the text that it is. */
const PLAIN_KEYS: ReadonlyMap<string, string> = new Map([
  ["STEWARD_DATA_DIR", "data_dir"],
  ["STEWARD_NAME", "name"],
]);

/** Read where they are used: the configuration's path, the commands' own, the service's secrets. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set([
  "STEWARD_CONFIG",
  "STEWARD_URL",
  "STEWARD_CONTEXT",
  "STEWARD_TOKEN",
  "STEWARD_WALLET_KEY",
  "STEWARD_MASTER_KEY",
  "STEWARD_PARENT_IPC",
]);

/** A process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says of the configuration. */
export interface EnvironmentLayer {
  readonly values: Record<string, unknown>;
  /** The variable behind each value, by the value's path in the configuration. */
  readonly variables: readonly { readonly name: string; readonly path: readonly string[] }[];
  /** Variables that begin with STEWARD_ and are none of the configuration's; a platform's, or slips. */
  readonly ignored: readonly string[];
  /** Variables of a section that cannot be read at all. */
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads the configuration's part of the environment: `STEWARD_HTTP__PORT=1` becomes
 * {http: {port: 1}}; values are JSON where they parse as such, empty ones are as good as unset.
 * Container platforms inject variables like `STEWARD_PORT` for a service named `steward`, so only
 * variables with `__` after one of the sections are taken, and the documented ones without.
 * @param sections the configuration's keys at the top
 */
export function parseEnvironment(
  environment: Environment,
  sections: readonly string[],
): EnvironmentLayer {
  const values: Record<string, unknown> = {};
  const variables: { name: string; path: string[] }[] = [];
  const ignored: string[] = [];
  const problems: ConfigProblem[] = [];
  const refuse = (name: string, message: string) =>
    problems.push({ key: name, message, source: "the environment" });
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || OTHER_VARIABLES.has(name)) continue;
    if (text === undefined || text === "") continue;
    const plain = PLAIN_KEYS.get(name);
    const path =
      plain === undefined ? name.slice(PREFIX.length).toLowerCase().split(SEPARATOR) : [plain];
    if (plain === undefined && (path.length === 1 || !sections.includes(path[0] ?? ""))) {
      ignored.push(name);
    } else if (path.includes("")) {
      refuse(name, 'expected STEWARD_<SECTION>__<KEY>, with a key between each "__"');
    } else if (!setValue(values, path, plain === undefined ? parseScalar(text) : text)) {
      refuse(name, "another variable sets the same, or the whole that this is a part of");
    } else {
      variables.push({ name, path });
    }
  }
  return { values, variables, ignored, problems };
}

/** Finds the variable that set the value at a path of the configuration, or a part of it. */
export function findVariable(
  layer: EnvironmentLayer,
  path: readonly PropertyKey[],
): string | undefined {
  const wanted = path.map(String);
  const isAbout = (known: readonly string[]) =>
    known.every((key, i) => i >= wanted.length || wanted[i] === key);
  return layer.variables.find(({ path: known }) => isAbout(known))?.name;
}

/** Sets a value at a path; false where part of the path has a value that is no object. */
function setValue(values: Record<string, unknown>, path: readonly string[], value: unknown) {
  let at = values;
  for (const key of path.slice(0, -1)) {
    if (!Object.hasOwn(at, key)) at[key] = {};
    const next = at[key];
    if (typeof next !== "object" || next === null || Array.isArray(next)) return false;
    at = next as Record<string, unknown>;
  }
  const last = path.at(-1) ?? "";
  if (Object.hasOwn(at, last)) return false;
  at[last] = value;
  return true;
}

function parseScalar(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
