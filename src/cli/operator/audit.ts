import type { Command } from "commander";
import { toTime } from "../output.ts";
import { addListCommand, addOperatorFamily, type ListOptions, list, operate } from "./operate.ts";

interface EntryBody {
  readonly seq: number;
  readonly at: number;
  readonly actor: string | null;
  readonly address: string;
  readonly action: string;
  readonly status: number | null;
  readonly outcome?: string;
  readonly ids?: Readonly<Record<string, string>>;
  readonly failures?: number;
}

/** Adds `steward audit …`. */
export function addAuditCommands(program: Command): void {
  const audit = addOperatorFamily(program, "audit", "see who changed what, and from where");
  addListCommand(audit, "list", "list changes and refused tokens, the newest first")
    .option("--oldest-first", "the oldest first")
    .action((options: ListOptions & { oldestFirst?: boolean }) =>
      operate(options, (api) =>
        list<EntryBody>(api, options, {
          path: "/v1/audit",
          field: "entries",
          query: { order: options.oldestFirst ? "asc" : "desc" },
          toRow: toRow,
        }),
      ),
    );
}

function toRow({ seq, at, actor, address, action, status, outcome, ids, failures }: EntryBody) {
  return {
    entry: seq,
    at: toTime(at),
    who: actor,
    from: address,
    what: failures === undefined ? action : `${action} (${failures} within a minute)`,
    of: Object.values(ids ?? {}).join(" "),
    status: status ?? outcome ?? "begun",
  };
}
