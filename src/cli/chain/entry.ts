import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { JsonSyntaxError, parseLocatedJson } from "../../config/located-json.ts";
import { UsageError } from "../exit-codes.ts";

/** An entry of the configuration's `chains`. */
export interface ChainEntry {
  readonly chain_id: number;
  readonly network: string;
  readonly rpc_urls: readonly string[];
  readonly usdc: string;
  readonly settlement: string;
  readonly escrow: string;
}

/** A configuration file that gets a chain's entry. */
export interface EntryFile {
  readonly path: string;
  /** `data_dir` as the file says it. */
  readonly dataDir: string | undefined;
  /** The entry of a chain that is there already. */
  find(chainId: number): Record<string, unknown> | undefined;
}

interface Content {
  readonly value: Record<string, unknown>;
  readonly chains: readonly Record<string, unknown>[];
  /** Spaces or tabs that the file is indented with. */
  readonly indent: string;
}

/**
 * Opens a configuration file that is to be written later, so that what is wrong with it is known
 * before any money is spent.
 * @throws UsageError where it cannot be read, parsed or written
 */
export function openEntryFile(path: string): EntryFile {
  const content = readContent(path);
  const target = realpathSync(path);
  try {
    accessSync(target, constants.W_OK);
    accessSync(dirname(target), constants.W_OK);
  } catch (error) {
    throw new UsageError(`--write: ${path} cannot be written (${toCode(error)}).`);
  }
  const dataDir = content.value.data_dir;
  return {
    path,
    dataDir: typeof dataDir === "string" ? dataDir : undefined,
    find: (chainId) => content.chains.find(({ chain_id }) => chain_id === chainId),
  };
}

/** Lays a new entry over the chain's old one: what else the operator wrote there stays. */
export function mergeEntry(
  old: Record<string, unknown> | undefined,
  { rpc_urls, network, ...entry }: ChainEntry,
): Record<string, unknown> {
  if (old === undefined) return { chain_id: entry.chain_id, network, rpc_urls, ...without(entry) };
  const known = Array.isArray(old.rpc_urls) ? old.rpc_urls : [];
  const added = rpc_urls.filter((url) => !known.includes(url));
  // Zones' prices name the network: it stays what it was.
  return { ...old, network: old.network ?? network, rpc_urls: [...added, ...known], ...entry };
}

function without({ chain_id: _, ...rest }: Omit<ChainEntry, "rpc_urls" | "network">) {
  return rest;
}

/**
 * Writes a chain's entry into a configuration file, in the place of the chain's old one; everything
 * else in it, its mode and its owner stay. The file is replaced as a whole or not at all.
 * @throws UsageError where it cannot be read or written
 */
export function writeEntry(path: string, entry: Record<string, unknown>): void {
  const { value, chains, indent } = readContent(path);
  const isThere = chains.some(({ chain_id }) => chain_id === entry.chain_id);
  const next = isThere
    ? chains.map((one) => (one.chain_id === entry.chain_id ? entry : one))
    : [...chains, entry];
  const target = realpathSync(path);
  const { mode, uid, gid } = statSync(target);
  const draft = `${target}.${process.pid}.new`;
  try {
    writeFileSync(draft, `${JSON.stringify({ ...value, chains: next }, null, indent)}\n`, {
      mode: 0o600,
      flag: "wx",
      flush: true,
    });
    chmodSync(draft, mode & 0o7777);
    if (uid !== process.getuid?.() || gid !== process.getgid?.()) chownSync(draft, uid, gid);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new UsageError(`${path} cannot be written (${toCode(error)}): add the entry by hand.`);
  }
}

function readContent(path: string): Content {
  const text = readText(path);
  const value = parse(path, text);
  const chains = value.chains ?? [];
  if (!Array.isArray(chains) || !chains.every(isObject)) {
    throw new UsageError(`--write: ${path}: chains: expected an array of objects.`);
  }
  return { value, chains, indent: /^([ \t]+)"/m.exec(text)?.[1] ?? "  " };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = toCode(error);
    const what = code === "ENOENT" ? "is not there; make it with: steward init" : `cannot be read`;
    throw new UsageError(`--write: ${path} ${what}${code === "ENOENT" ? "" : ` (${code})`}.`);
  }
}

function parse(path: string, text: string): Record<string, unknown> {
  try {
    const { value } = parseLocatedJson(text);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new UsageError(`--write: ${path} is not valid JSON: ${error.message}.`);
  }
  throw new UsageError(`--write: ${path}: expected a JSON object.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown";
}
