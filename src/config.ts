import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import {
  type Environment,
  type EnvironmentLayer,
  findVariable,
  parseEnvironment,
} from "./config-environment.ts";
import { mergeLayers, resolvePaths } from "./config-layers.ts";
import { chainConfigSchema, paymentsConfigSchema } from "./payments/config.ts";
import { wireSchema } from "./session/config.ts";
import { limitsSchema } from "./session/limits.ts";
import { storeSchema } from "./store/config.ts";
import { handlersSchema } from "./zones/actions/config.ts";
import { zonesSchema } from "./zones/config.ts";

const DEFAULT_DATA_DIR = "./data";

const httpSchema = z
  .strictObject({
    host: z.string().min(1).default("127.0.0.1"),
    port: z.int().min(0).max(65_535).default(8420),
    /** Where agents reach this steward; fixes the handshake's authority. */
    public_url: z.url({ protocol: /^(https?|wss?)$/ }).optional(),
    /** Addresses or CIDR ranges whose X-Forwarded-For is believed. */
    trusted_proxies: z.array(z.string()).default([]),
    body_bytes_max: z.int().min(1024).default(1_048_576),
  })
  .prefault({});

/** The configuration's schema; unknown keys are refused. */
export const configSchema = z.strictObject({
  data_dir: z.string().min(1).default(DEFAULT_DATA_DIR),
  name: z.string().min(1).max(64).default("zone-steward"),
  http: httpSchema,
  wire: wireSchema,
  limits: limitsSchema,
  zones: zonesSchema,
  store: storeSchema,
  chains: z.array(chainConfigSchema).default([]),
  payments: paymentsConfigSchema.prefault({}),
  handlers: handlersSchema,
  log: z
    .strictObject({
      level: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
    })
    .prefault({}),
});

export type Config = Readonly<z.output<typeof configSchema>> & {
  /** Where relative paths of the configuration start; `data_dir` is absolute already. */
  readonly baseDir: string;
};

/** A configuration and where it came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read; undefined where there is none. */
  readonly file: string | undefined;
  /** Variables that begin with STEWARD_ and were not read. */
  readonly ignoredVariables: readonly string[];
}

/** A configuration that cannot be used, with every problem found. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n- ${problems.join("\n- ")}`);
    this.problems = problems;
  }
}

/** The configuration file's name where none is given. */
export const CONFIG_FILE = "steward.config.json";
const SECTIONS = Object.keys(configSchema.shape);

export interface ConfigSources {
  /** The file; else `STEWARD_CONFIG`, the working directory's, the data directory's, or none. */
  readonly file?: string | undefined;
  readonly environment?: Environment;
  /** From flags; wins over everything else. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/**
 * Loads the configuration: defaults < file < environment < flags. Relative paths start at the
 * file's folder in the file, and at the working directory in the environment and in flags.
 * @throws ConfigError with every problem listed
 */
export function loadConfig(sources: ConfigSources = {}): LoadedConfig {
  const environment = parseEnvironment(sources.environment ?? {}, SECTIONS);
  const outside = mergeLayers([environment.values, sources.overrides ?? {}]);
  const given = sources.file ?? (sources.environment?.STEWARD_CONFIG || undefined);
  const file = given === undefined ? findConfigFile(outside.data_dir) : resolve(given);
  const baseDir = file === undefined ? process.cwd() : dirname(file);
  const layers = [
    file === undefined ? {} : resolvePaths(readConfigFile(file), baseDir),
    resolvePaths(outside, process.cwd()),
  ];
  const config = parseLayers(mergeLayers(layers), baseDir, environment);
  return { config, file, ignoredVariables: environment.ignored };
}

/** Finds the file of a steward that is started without naming one. */
function findConfigFile(dataDir: unknown): string | undefined {
  const kept = join(typeof dataDir === "string" ? dataDir : DEFAULT_DATA_DIR, CONFIG_FILE);
  return [CONFIG_FILE, kept].map((path) => resolve(path)).find((path) => existsSync(path));
}

/**
 * Parses a configuration value.
 * @throws ConfigError with every problem listed
 */
export function parseConfig(value: unknown, baseDir: string): Config {
  return parseLayers(value, baseDir, parseEnvironment({}, []));
}

function parseLayers(value: unknown, baseDir: string, environment: EnvironmentLayer): Config {
  const parsed = configSchema.safeParse(value);
  const issues = parsed.error?.issues ?? [];
  const problems = [
    ...environment.problems,
    ...issues.flatMap((issue) => describeIssue(issue, environment)),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const { data } = parsed;
  return Object.freeze({ ...data, data_dir: resolve(baseDir, data.data_dir), baseDir });
}

/** Says what is wrong with which keys, and which variable set them. */
function describeIssue(issue: z.core.$ZodIssue, environment: EnvironmentLayer): string[] {
  const about =
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: "is not a known key" }))
      : [issue];
  return about.map(({ path, message }) => {
    const variable = findVariable(environment, path);
    const key = path.map(String).join(".") || "(top)";
    return `${key}: ${message}${variable === undefined ? "" : `, set by ${variable}`}`;
  });
}

function readConfigFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new ConfigError([`${path}: cannot be read`]);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isPlainObject(value)) {
      assertSecretsHidden(path, value);
      return value;
    }
    throw new ConfigError([`${path}: expected a JSON object`]);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError([`${path}: is not valid JSON`]);
  }
}

/** A file with a secret in it must be readable by its owner only. */
function assertSecretsHidden(path: string, value: Record<string, unknown>): void {
  const hasSecret = JSON.stringify(value.handlers ?? {}).includes('"secret":');
  if (!hasSecret || (statSync(path).mode & 0o077) === 0) return;
  throw new ConfigError([
    `${path}: holds a secret and may be read by others; run: chmod 600 ${path}`,
  ]);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
