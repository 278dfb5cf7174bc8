import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { handlersSchema } from "../actions/config.ts";
import { adminSchema } from "../admin/config.ts";
import { backupSchema } from "../backup/config.ts";
import { eventsSchema } from "../events/config.ts";
import { chainConfigSchema, paymentsConfigSchema } from "../payments/config.ts";
import { replicationSchema } from "../replication/config.ts";
import { scannerSchema } from "../scanning/config.ts";
import { wireSchema } from "../session/config.ts";
import { limitsSchema } from "../session/limits.ts";
import { storeSchema } from "../store/config.ts";
import { tracingSchema } from "../tracing/config.ts";
import { isProxyRule } from "../transport/client-address.ts";
import { listRegistryUrls, trustSchema } from "../trust/config.ts";
import { webhooksSchema } from "../webhooks/config.ts";
import { zonesSchema } from "../zones/config.ts";
import { type Environment, parseEnvironment } from "./environment.ts";
import { readConfigFile } from "./file.ts";
import { mergeLayers, resolvePaths } from "./layers.ts";
import { ConfigError, type ConfigProblem } from "./problem.ts";
import { findSecretProblems } from "./secrets.ts";
import { createSourceFinder, type SourceFinder } from "./sources.ts";

const DEFAULT_DATA_DIR = "./data";

const httpSchema = z
  .strictObject({
    /** The address that wire and admin API are at; loopback behind a proxy. */
    host: z.string().min(1).default("127.0.0.1"),
    /** 0 takes a free one. */
    port: z.int().min(0).max(65_535).default(8420),
    /** Where agents reach this steward; fixes the handshake's authority. */
    public_url: z.url({ protocol: /^(https?|wss?)$/ }).optional(),
    /** Addresses or CIDR ranges whose X-Forwarded-For is believed. */
    trusted_proxies: z
      .array(z.string().refine(isProxyRule, "expected an address or a CIDR range, as 10.0.0.0/8"))
      .default([]),
    /** Of a request to the admin API. */
    body_bytes_max: z.int().min(1024).default(1_048_576),
    /** How long a request's headers may take to arrive, and all of it. */
    headers_timeout_ms: z.int().min(100).max(600_000).default(10_000),
    request_timeout_ms: z.int().min(100).max(600_000).default(30_000),
  })
  .prefault({});

/** Refuses the second entry of one chain: payments would not know which contracts are theirs. */
function refuseTwins(
  chains: readonly { readonly chain_id: number }[],
  context: z.RefinementCtx,
): void {
  chains.forEach(({ chain_id }, index) => {
    const first = chains.findIndex((one) => one.chain_id === chain_id);
    if (first === index) return;
    const message = `chain ${chain_id} has an entry already, chains.${first}; expected one a chain`;
    context.addIssue({ code: "custom", path: [index, "chain_id"], message });
  });
}

/** The configuration's schema; unknown keys are refused. */
export const configSchema = z.strictObject({
  /** Where the steward keeps its files; relative ones start at the file's folder. */
  data_dir: z.string().min(1).default(DEFAULT_DATA_DIR),
  /** What Hello calls the steward. */
  name: z.string().min(1).max(64).default("zone-steward"),
  http: httpSchema,
  wire: wireSchema,
  limits: limitsSchema,
  zones: zonesSchema,
  store: storeSchema,
  chains: z.array(chainConfigSchema).superRefine(refuseTwins).default([]),
  payments: paymentsConfigSchema.prefault({}),
  handlers: handlersSchema,
  replication: replicationSchema,
  trust: trustSchema,
  admin: adminSchema,
  backup: backupSchema,
  webhooks: webhooksSchema,
  events: eventsSchema,
  tracing: tracingSchema,
  secrets: z
    .strictObject({
      /** Holds the passphrase that seals key files; mode 0600. */
      master_key_file: z.string().min(1).optional(),
    })
    .prefault({}),
  scanner: scannerSchema,
  log: z
    .strictObject({
      /** Lines of this level and above are logged. */
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
  /** Says who set a key. */
  readonly findSource: SourceFinder;
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
  const overrides = sources.overrides ?? {};
  const outside = mergeLayers([environment.values, overrides]);
  const given = sources.file ?? (sources.environment?.STEWARD_CONFIG || undefined);
  const path = given === undefined ? findConfigFile(outside.data_dir) : resolve(given);
  const baseDir = path === undefined ? process.cwd() : dirname(path);
  const file = path === undefined ? undefined : readConfigFile(path);
  const layers = [
    file === undefined ? {} : resolvePaths(file.values, baseDir),
    resolvePaths(outside, process.cwd()),
  ];
  const findSource = createSourceFinder({ environment, overrides, file });
  const config = parseLayers(mergeLayers(layers), baseDir, environment.problems, findSource);
  const problems = findSecretProblems(config, sources.environment ?? {}, findSource);
  if (problems.length > 0) throw new ConfigError(problems);
  return { config, file: path, ignoredVariables: environment.ignored, findSource };
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
  return parseLayers(value, baseDir, [], () => "the caller");
}

function parseLayers(
  value: unknown,
  baseDir: string,
  before: readonly ConfigProblem[],
  findSource: SourceFinder,
): Config {
  const parsed = configSchema.safeParse(value);
  const issues = parsed.error?.issues ?? [];
  const problems = [
    ...before,
    ...issues.flatMap((issue) => describeIssue(issue, findSource)),
    ...(parsed.success ? findUnreachable(parsed.data, findSource) : []),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const { data } = parsed;
  return Object.freeze({ ...data, data_dir: resolve(baseDir, data.data_dir), baseDir });
}

/** Refuses a registry that nobody could be asked about. */
function findUnreachable(
  { trust, chains }: z.output<typeof configSchema>,
  findSource: SourceFinder,
): ConfigProblem[] {
  if (trust.fid_registry === undefined || listRegistryUrls({ trust, chains }).length > 0) return [];
  const path = ["trust", "fid_registry", "rpc_urls"];
  const message = `expected RPC URLs of chain ${trust.fid_registry.chain_id}, here or in an entry of chains`;
  return [{ key: path.join("."), message, source: findSource(path) }];
}

/** Says what is wrong with which keys, and who set them. */
function describeIssue(issue: z.core.$ZodIssue, findSource: SourceFinder): ConfigProblem[] {
  const about =
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: "is not a known key" }))
      : [issue];
  return about.map(({ path, message }) => ({
    key: path.map(String).join(".") || "(top)",
    message,
    source: findSource(path),
  }));
}
