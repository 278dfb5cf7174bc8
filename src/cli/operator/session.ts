import type { Command } from "commander";
import { toDone, toTime } from "../output.ts";
import {
  addListCommand,
  addOperatorCommand,
  addOperatorFamily,
  type ListOptions,
  list,
  type OperatorOptions,
  operate,
} from "./operate.ts";

interface SessionBody {
  readonly id: string;
  readonly address: string;
  readonly opened_at: number;
  readonly node_id?: string;
  readonly name?: string;
  readonly trust?: string;
  readonly operator?: { readonly fid: number };
  readonly trust_reason?: string;
  readonly bound?: boolean;
}

/** Adds `steward session …`. */
export function addSessionCommands(program: Command): void {
  const session = addOperatorFamily(program, "session", "see and end connections");
  addListCommand(session, "list", "list peers that are connected now").action(
    (options: ListOptions) =>
      operate(options, (api) =>
        list<SessionBody>(api, options, {
          path: "/v1/sessions",
          field: "sessions",
          toRow: ({
            id,
            node_id,
            name,
            trust,
            operator,
            trust_reason,
            bound,
            address,
            opened_at,
          }) => ({
            session: id,
            node: node_id,
            name,
            trust,
            operator: operator?.fid ?? trust_reason,
            bound,
            address,
            since: toTime(opened_at),
          }),
        }),
      ),
  );
  addOperatorCommand(session, "disconnect <session-id>", "end a connection").action(
    (sessionId: string, options: OperatorOptions) =>
      operate(options, async (api) => {
        await api("DELETE", `/v1/sessions/${encodeURIComponent(sessionId)}`);
        return toDone({ session_id: sessionId, disconnected: true }, `${sessionId} is ended`);
      }),
  );
}
