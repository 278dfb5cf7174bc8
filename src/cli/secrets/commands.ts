import type { Command } from "commander";
import type { SecretsOptions } from "./secrets.ts";

/** Adds `steward secrets …`, which works on the data directory of this machine. */
export function addSecretCommands(program: Command): void {
  const secrets = program
    .command("secrets")
    .description("seal key files and secrets of a data directory")
    .addHelpText(
      "after",
      "\nThe master key is in the file of secrets.master_key_file (mode 0600), or in STEWARD_MASTER_KEY. A steward\nthat runs goes on with the keys that it has read.",
    );
  secrets
    .command("keygen <file>")
    .description("make a master key in a file of its own")
    .option("--json", "print exactly one JSON value")
    .action(async (file: string, options: object) =>
      (await import("./secrets.ts")).runKeygen(file, options),
    );
  add(secrets, "status", "say what is sealed, and whether it can be opened").action(
    async (options: SecretsOptions) => (await import("./secrets.ts")).runStatus(options),
  );
  add(secrets, "seal", "seal key files and secrets with the master key that is configured").action(
    async (options: SecretsOptions) => (await import("./secrets.ts")).runSeal(options),
  );
  add(secrets, "unseal", "open the key files, which need no master key then").action(
    async (options: SecretsOptions) => (await import("./secrets.ts")).runUnseal(options),
  );
  add(
    secrets,
    "rotate",
    "seal key files and secrets with another master key; then configure that one",
  )
    .requiredOption("--new-master-key-file <file>", "file that holds the new one, mode 0600")
    .action(async (options: SecretsOptions & { newMasterKeyFile: string }) =>
      (await import("./secrets.ts")).runRotate(options),
    );
  add(
    secrets,
    "forget",
    "give up secrets of the database whose master key is lost; their webhooks need another one then",
  )
    .option("--yes", "do not ask")
    .action(async (options: SecretsOptions & { yes?: boolean }) =>
      (await import("./forget.ts")).runForget(options),
    );
  add(
    secrets,
    "new-wallet",
    "put a new wallet key in the place of the old one, which is kept; nothing may be in flight",
  ).action(async (options: SecretsOptions) =>
    (await import("./new-wallet.ts")).runNewWallet(options),
  );
}

function add(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option("--config <file>", "configuration file")
    .option("--data <dir>", "data directory")
    .option("--json", "print exactly one JSON value");
}
