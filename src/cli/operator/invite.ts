import type { Command } from "commander";
import { integerOf, parseExpiry } from "../input.ts";
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

interface InviteBody {
  readonly invite_id: string;
  readonly node_id?: string;
  readonly max_uses: number;
  readonly uses: number;
  readonly expires_at?: number;
  readonly revoked_at?: number;
  /** The secret, in the answer that creates it only. */
  readonly invite?: string;
}

/** The options that describe a new invitation. */
export interface InviteInput {
  readonly node?: string;
  readonly maxUses?: number;
  /** Unix seconds. */
  readonly expiresIn?: number;
}

/** Adds `steward invite …`. */
export function addInviteCommands(program: Command): void {
  const invite = addOperatorFamily(program, "invite", "invite into a zone, list and revoke");
  addInviteOptions(
    addOperatorCommand(invite, "create <zone-id>", "make an invitation; its secret is shown once"),
  ).action((zoneId: string, options: OperatorOptions & InviteInput) =>
    operate(options, async (api) => {
      const { node, maxUses, expiresIn } = options;
      const body = {
        ...(node !== undefined && { node_id: node }),
        ...(maxUses !== undefined && { max_uses: maxUses }),
        ...(expiresIn !== undefined && { expires_at: expiresIn }),
      };
      const made = await api<InviteBody>("POST", toPath(zoneId), { body });
      return {
        value: made,
        text: () => toFields({ ...toRow(made), secret: `${made.invite} (shown this once)` }),
      };
    }),
  );
  addListCommand(
    invite,
    "list <zone-id>",
    "list a zone's invitations, without their secrets",
  ).action((zoneId: string, options: ListOptions) =>
    operate(options, (api) =>
      list<InviteBody>(api, options, { path: toPath(zoneId), field: "invites", toRow }),
    ),
  );
  addOperatorCommand(invite, "revoke <zone-id> <invite-id>", "make an invitation worthless").action(
    (zoneId: string, inviteId: string, options: OperatorOptions) =>
      operate(options, async (api) => {
        await api("DELETE", `${toPath(zoneId)}/${encodeURIComponent(inviteId)}`);
        const done = { zone_id: zoneId, invite_id: inviteId, revoked: true };
        return toDone(done, `${inviteId} admits nobody any more`);
      }),
  );
}

/** Adds the options of a command that makes an invitation. */
export function addInviteOptions(command: Command): Command {
  return command
    .option("--node <node-id>", "the only node that may use it")
    .option("--max-uses <n>", "how often it admits, default 1", integerOf(1, 1_000_000))
    .option("--expires-in <duration>", "how long it admits, like 30m, 24h, 7d", parseExpiry);
}

function toPath(zoneId: string): string {
  return `/v1/zones/${encodeURIComponent(zoneId)}/invites`;
}

function toRow({ invite_id, node_id, max_uses, uses, expires_at, revoked_at }: InviteBody) {
  return {
    invite: invite_id,
    node: node_id ?? "anyone",
    uses: `${uses}/${max_uses}`,
    expires: toTime(expires_at),
    revoked: toTime(revoked_at),
  };
}
