import { readSecretFile, SecretFileError } from "./secret-file.ts";

/** PKCS#8's derivation in OpenSSL is quick to try: what is short could be guessed. */
const CHARS_MIN = 24;
const VARIABLE = "STEWARD_MASTER_KEY";
const HOW = `at least ${CHARS_MIN} characters; make one with: steward secrets keygen FILE`;

/** The `secrets` section of the configuration. */
interface SecretsConfig {
  readonly master_key_file?: string | undefined;
}

/**
 * Reads the passphrase that seals key files, from the environment, else from the configured file of mode
 * 0600; undefined where there is none.
 * @throws SecretFileError where it cannot be read or is too short
 */
export function findMasterKey(
  { master_key_file: file }: SecretsConfig,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const told = environment[VARIABLE];
  if (told) return assertLong(told.trim(), VARIABLE);
  if (file === undefined) return undefined;
  return readMasterKey(file);
}

/**
 * Reads a passphrase that seals key files.
 * @throws SecretFileError where it is missing, cannot be read or is too short
 */
export function readMasterKey(file: string): string {
  const text = readSecretFile(file);
  if (text !== undefined) return assertLong(text, file);
  throw new SecretFileError(`${file} is not there: put the master key into it, mode 0600.`);
}

function assertLong(key: string, where: string): string {
  if (key.length >= CHARS_MIN) return key;
  throw new SecretFileError(`${where} holds no master key: expected ${HOW}`);
}
