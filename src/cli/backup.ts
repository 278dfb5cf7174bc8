import { resolve } from "node:path";
import type { Command } from "commander";
import { Option } from "commander";
import type { RestoreOptions } from "./backup-work.ts";
import { addBackupCommands } from "./operator/backup.ts";

/** Adds `steward backup …`, of which checking and restoring need no steward that runs. */
export function addAllBackupCommands(program: Command): void {
  const backup = addBackupCommands(program);
  backup
    .command("verify <folder>")
    .description("check a backup's files, database, hash chains and signatures")
    .option("--json", "print exactly one JSON value")
    .action(async (folder: string, options: { json?: boolean }) =>
      (await import("./backup-work.ts")).runBackupVerify(resolve(folder), options),
    );
  backup
    .command("restore <folder>")
    .description("put a backup into a data directory that no steward uses")
    .addOption(
      new Option("--data <dir>", "data directory (default: the configuration's, or ./data)").env(
        "STEWARD_DATA_DIR",
      ),
    )
    .option("--config <file>", "configuration file, which names data directory and master key")
    .option("--force", "also over data that the backup has not; it is moved aside")
    .option("--json", "print exactly one JSON value")
    .action(async (folder: string, options: RestoreOptions) =>
      (await import("./backup-work.ts")).runBackupRestore(resolve(folder), options),
    );
}
