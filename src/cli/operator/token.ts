import { type Command, Option } from "commander";
import { parseExpiry } from "../input.ts";
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
import type { TokenResetOptions } from "./token-reset.ts";

interface TokenBody {
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  readonly prefix?: string;
  readonly created_at: number;
  readonly expires_at?: number;
  readonly last_used_at?: number;
  /** In the answer that creates it only. */
  readonly token?: string;
}

interface CreateOptions extends OperatorOptions {
  readonly scope: string;
  /** Unix seconds. */
  readonly expiresIn?: number;
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
    .option("--expires-in <duration>", "like 12h or 30d; never where it is left out", parseExpiry)
    .action((name: string, options: CreateOptions) =>
      operate(options, async (api) => {
        const { scope, expiresIn } = options;
        const body = { name, scope, ...(expiresIn !== undefined && { expires_at: expiresIn }) };
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
  addResetCommand(token);
}

function addResetCommand(token: Command): void {
  token
    .command("reset")
    .description("make a token of scope admin on the steward's own machine, when all are lost")
    .option("--config <file>", "configuration file, which names the data directory")
    .option("--data <dir>", "data directory")
    .option("--name <name>", "the new token's name", "reset")
    .option("--revoke-others", "make every other token of scope admin worthless")
    .option("--json", "print exactly one JSON value")
    .action(async (options: TokenResetOptions) =>
      (await import("./token-reset.ts")).runTokenReset(options),
    );
}

function toRow({ id, name, scope, prefix, created_at, expires_at, last_used_at }: TokenBody) {
  return {
    token: id,
    name,
    scope,
    begins: prefix,
    created: toTime(created_at),
    expires: toTime(expires_at),
    used: toTime(last_used_at),
  };
}
