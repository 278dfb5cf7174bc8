import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { UsageError } from "../exit-codes.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const CONTEXTS_MAX = 1000;

const contextSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** Absolute. */
  token_file: z.string().min(1),
});
const fileSchema = z.strictObject({ contexts: z.record(z.string().regex(NAME), contextSchema) });

/** A steward's address, and the file with the token for it. */
export type StewardContext = z.output<typeof contextSchema>;
type Contexts = Readonly<Record<string, StewardContext>>;

/** The file that contexts are kept in: in the user's configuration folder. */
export function toContextsFile(environment: NodeJS.ProcessEnv = process.env): string {
  const folder = environment.XDG_CONFIG_HOME || join(homedir(), ".config");
  return join(folder, "zone-steward", "contexts.json");
}

/**
 * Reads all contexts.
 * @throws UsageError where the file holds none
 */
export function readContexts(): Contexts {
  const path = toContextsFile();
  if (!existsSync(path)) return {};
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, "utf8"))).contexts;
  } catch {
    throw new UsageError(`${path} cannot be read as contexts: correct it, or remove it.`);
  }
}

/**
 * Gets a context by its name.
 * @throws UsageError where there is none
 */
export function getContext(name: string): StewardContext {
  const contexts = readContexts();
  const context = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (context !== undefined) return context;
  const known = Object.keys(contexts).join(", ") || "none";
  throw new UsageError(
    `There is no context ${name} (there are: ${known}). Make it with: steward context set ${name} --url URL --token-file FILE`,
  );
}

/**
 * Adds a context, or replaces the one of its name.
 * @throws UsageError where its name or its URL is none
 */
export function putContext(name: string, context: StewardContext): void {
  if (!NAME.test(name))
    throw new UsageError("A context's name is of letters, digits, _, - and ., at most 64.");
  if (!contextSchema.safeParse(context).success)
    throw new UsageError("--url: expected an http:// or https:// URL.");
  const contexts = { ...readContexts(), [name]: context };
  if (Object.keys(contexts).length > CONTEXTS_MAX)
    throw new UsageError(`There are ${CONTEXTS_MAX} contexts: remove one first.`);
  writeContexts(contexts);
}

/**
 * Removes a context; the file with its token stays.
 * @throws UsageError where there is none
 */
export function removeContext(name: string): void {
  getContext(name);
  const others = Object.entries(readContexts()).filter(([known]) => known !== name);
  writeContexts(Object.fromEntries(others));
}

function writeContexts(contexts: Contexts): void {
  const path = toContextsFile();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const made = `${path}.${process.pid}`;
  writeFileSync(made, `${JSON.stringify({ contexts }, null, 2)}\n`, { mode: 0o600 });
  renameSync(made, path);
}
