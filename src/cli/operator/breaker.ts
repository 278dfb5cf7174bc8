import type { Command } from "commander";
import { toDone } from "../output.ts";
import {
  addListCommand,
  addOperatorCommand,
  addOperatorFamily,
  type ListOptions,
  list,
  type OperatorOptions,
  operate,
} from "./operate.ts";

interface BreakerBody {
  readonly name: string;
  readonly state: string;
  readonly failures: number;
  readonly retry_after_ms: number;
}

/** Adds `steward breaker …`. */
export function addBreakerCommands(program: Command): void {
  const breaker = addOperatorFamily(program, "breaker", "see which hosts calls are kept from");
  addListCommand(breaker, "list", "list the hosts that actions post to, and the webhooks").action(
    (options: ListOptions) =>
      operate(options, (api) =>
        list<BreakerBody>(api, options, {
          path: "/v1/breakers",
          field: "breakers",
          toRow: ({ name, state, failures, retry_after_ms }) => ({
            breaker: name,
            state,
            failures,
            "retried in":
              retry_after_ms === 0 ? undefined : `${Math.ceil(retry_after_ms / 1000)} s`,
          }),
        }),
      ),
  );
  addOperatorCommand(breaker, "close <name>", "let calls through to a host again").action(
    (name: string, options: OperatorOptions) =>
      operate(options, async (api) => {
        await api("DELETE", `/v1/breakers/${encodeURIComponent(name)}`);
        return toDone({ name, closed: true }, `${name} is called again`);
      }),
  );
}
