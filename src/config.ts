import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { chainConfigSchema, paymentsConfigSchema } from "./payments/config.ts";
import { wireSchema } from "./session/config.ts";
import { limitsSchema } from "./session/limits.ts";
import { handlersSchema } from "./zones/actions/config.ts";
import { zonesSchema } from "./zones/config.ts";

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
  data_dir: z.string().min(1).default("./data"),
  name: z.string().min(1).max(64).default("zone-steward"),
  http: httpSchema,
  wire: wireSchema,
  limits: limitsSchema,
  zones: zonesSchema,
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
  /** Where relative paths of the configuration start. */
  readonly baseDir: string;
};

/** A configuration that cannot be used, with every problem found. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n- ${problems.join("\n- ")}`);
    this.problems = problems;
  }
}

const ENVIRONMENT_PREFIX = "STEWARD_";

export interface ConfigSources {
  /** The file; undefined uses `steward.config.json` in the working directory if it is there. */
  readonly file?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** From flags; wins over everything else. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/**
 * Loads the configuration: defaults < file < environment < flags.
 * @throws ConfigError with every problem listed
 */
export function loadConfig(sources: ConfigSources = {}): Config {
  const file = resolve(sources.file ?? "steward.config.json");
  const layers = [
    readConfigFile(file, sources.file !== undefined),
    parseEnvironment(sources.environment ?? {}),
    sources.overrides ?? {},
  ];
  const merged = layers.reduce<Record<string, unknown>>((left, right) => merge(left, right), {});
  return parseConfig(merged, dirname(file));
}

/**
 * Parses a configuration value.
 * @throws ConfigError with every problem listed
 */
export function parseConfig(value: unknown, baseDir: string): Config {
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(
        (issue) => `${issue.path.map(String).join(".") || "(top)"}: ${issue.message}`,
      ),
    );
  }
  return Object.freeze({ ...parsed.data, baseDir });
}

function readConfigFile(path: string, required: boolean): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (!required && (cause as NodeJS.ErrnoException).code === "ENOENT") return {};
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

/** `STEWARD_HTTP__PORT=1` becomes {http: {port: 1}}; values are JSON where they parse as such. */
function parseEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(ENVIRONMENT_PREFIX) || text === undefined) continue;
    if (SECRET_VARIABLES.has(name)) continue;
    const path = name.slice(ENVIRONMENT_PREFIX.length).toLowerCase().split("__");
    let at = result;
    for (const key of path.slice(0, -1)) {
      const next = at[key];
      at[key] = typeof next === "object" && next !== null ? next : {};
      at = at[key] as Record<string, unknown>;
    }
    at[path.at(-1) ?? ""] = parseScalar(text);
  }
  return result;
}

/** Environment variables that hold secrets and are read where they are used. */
const SECRET_VARIABLES = new Set(["STEWARD_TOKEN", "STEWARD_WALLET_KEY", "STEWARD_URL"]);

function parseScalar(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function merge(
  left: Readonly<Record<string, unknown>>,
  right: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const result: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    if (value === undefined) continue;
    const before = result[key];
    result[key] = isPlainObject(before) && isPlainObject(value) ? merge(before, value) : value;
  }
  return result;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
