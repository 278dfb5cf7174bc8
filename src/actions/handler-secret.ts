import { resolve } from "node:path";
import { readSecretFile } from "../identity/secret-file.ts";
import type { HttpHandlerConfig } from "./config.ts";

/** A process's environment. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the secret that signs what a handler sends; undefined where none is configured.
 * @throws Error that names the variable or the file where it is missing; SecretFileError
 */
export function readHandlerSecret(
  { secret, secret_env, secret_file }: HttpHandlerConfig,
  baseDir: string,
  environment: Environment,
): string | undefined {
  if (secret_env !== undefined) {
    const found = environment[secret_env];
    if (found) return found;
    throw new Error(`the variable ${secret_env} is missing or empty: put the secret into it`);
  }
  if (secret_file === undefined) return secret;
  const path = resolve(baseDir, secret_file);
  const found = readSecretFile(path);
  if (found) return found;
  throw new Error(`${path} is missing or empty: put the secret into it, mode 0600`);
}
