import { resolve } from "node:path";
import { restoreBackup } from "../backup/restore.ts";
import { verifyBackup } from "../backup/verify.ts";
import { EXIT } from "./exit-codes.ts";
import { printAnswer, toFields, toPlain, toTime } from "./output.ts";
import { toOwnCommand, toShellWord } from "./own-command.ts";
import { startProgress } from "./progress.ts";

/** Checks a backup and prints what was found; ends with 1 where something is wrong. */
export async function runBackupVerify(
  folder: string,
  options: { readonly json?: boolean },
): Promise<void> {
  const progress = startProgress();
  const found = await verifyBackup(folder, ({ step, done, total }) =>
    progress.show(`checking ${step}`, done, total),
  ).finally(() => progress.end());
  const { manifest, ok, problems, problems_total, ...rest } = found;
  const { id, node_id, version, started_at, ended_at, keys } = manifest;
  const value = {
    ...{ ok, id, node_id, version, started_at, ended_at, keys, ...rest },
    ...{ problems, problems_total },
  };
  const text = (): string => {
    const fields = toFields({
      ...{ backup: id, node: node_id, "complete at": toTime(ended_at), "made by": version },
      ...{ zones: rest.zones, envelopes: rest.envelopes, entries: rest.entries },
      ...{ "signed messages": rest.signed_messages, keys: keys ? "in it" : "NOT in it" },
    });
    const isOlder = !rest.zones_checked && ok;
    const verdict = ok
      ? `It is whole${isOlder ? ", as far as files and structure go: zones of another version's schema are not checked" : ": files, structure, hash chains and signatures"}.`
      : `${problems_total} things are wrong:\n${problems.map((one) => `- ${toPlain(one)}`).join("\n")}`;
    return `${fields}\n\n${verdict}`;
  };
  printAnswer({ value, text }, options.json);
  if (!ok) process.exitCode = EXIT.failed;
}

/** Puts a backup into a data directory and prints what to do next. */
export async function runBackupRestore(
  from: string,
  options: { readonly data: string; readonly force?: boolean; readonly json?: boolean },
): Promise<void> {
  const to = resolve(options.data);
  const now = Math.floor(Date.now() / 1000);
  const restored = await restoreBackup({ from, to, force: options.force === true, now });
  const { manifest, replaced, lost_zones } = restored;
  const value = {
    ...{ id: manifest.id, node_id: manifest.node_id, data_dir: to, files: restored.files },
    ...{ lost_zones, ...(replaced !== undefined && { replaced }) },
  };
  const text = (): string => {
    const fields = toFields({
      ...{ restored: manifest.id, node: manifest.node_id, data: to, replaced },
      "complete at": toTime(manifest.ended_at),
    });
    const lost =
      lost_zones === 0
        ? []
        : [`Of ${lost_zones} replicated zones it says that what was acknowledged since is lost.`];
    return [
      fields,
      "",
      "What was acknowledged after that time is not there. Make sure that the steward it was made of does not",
      "run any more: both would have the same keys and the same wallet.",
      ...lost,
      `Next: ${toOwnCommand()} start --data ${toShellWord(to)}`,
    ].join("\n");
  };
  printAnswer({ value, text }, options.json);
}
