import { type Command, Option } from "commander";
import { toDone, toFields, toTime } from "../output.ts";
import {
  addListCommand,
  addOperatorCommand,
  addOperatorFamily,
  type ListOptions,
  list,
  type OperatorOptions,
  operate,
} from "./operate.ts";

interface TokenBody {
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  readonly created_at: number;
  /** In the answer that creates it only. */
  readonly token?: string;
}

/** Adds `steward token …`. */
export function addTokenCommands(program: Command): void {
  const token = addOperatorFamily(program, "token", "manage tokens of the admin API");
  addListCommand(token, "list", "list tokens, without their secrets").action(
    (options: ListOptions) =>
      operate(options, (api) =>
        list<TokenBody>(api, options, { path: "/v1/tokens", field: "tokens", toRow }),
      ),
  );
  addOperatorCommand(token, "create <name>", "make a token; it is shown once")
    .addOption(
      new Option("--scope <scope>", "what it may do")
        .choices(["read", "operate", "admin"])
        .makeOptionMandatory(),
    )
    .action((name: string, options: OperatorOptions & { scope: string }) =>
      operate(options, async (api) => {
        const body = { name, scope: options.scope };
        const made = await api<TokenBody>("POST", "/v1/tokens", { body });
        return {
          value: made,
          text: () => toFields({ ...toRow(made), secret: `${made.token} (shown this once)` }),
        };
      }),
    );
  addOperatorCommand(token, "revoke <token-id>", "make a token worthless").action(
    (tokenId: string, options: OperatorOptions) =>
      operate(options, async (api) => {
        await api("DELETE", `/v1/tokens/${encodeURIComponent(tokenId)}`);
        return toDone({ id: tokenId, revoked: true }, `${tokenId} is refused from now on`);
      }),
  );
}

function toRow({ id, name, scope, created_at }: TokenBody) {
  return { token: id, name, scope, created: toTime(created_at) };
}
