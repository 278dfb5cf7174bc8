import { type Command, Option } from "commander";
import { UsageError } from "../exit-codes.ts";
import { integerOf } from "../input.ts";
import { toDone, toFields, toTime } from "../output.ts";
import type { AdminApi } from "./admin-client.ts";
import {
  addListCommand,
  addOperatorCommand,
  addOperatorFamily,
  type ListOptions,
  list,
  type OperatorOptions,
  operate,
} from "./operate.ts";

interface WebhookBody {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly state: string;
  readonly has_secret: boolean;
  readonly pending: number;
  readonly dead: number;
  /** In the answer that makes it only. */
  readonly secret?: string;
}

interface DeliveryBody {
  readonly id: string;
  readonly type: string;
  readonly zone_id: string | null;
  readonly state: string;
  readonly attempts: number;
  readonly created_at: number;
  readonly next_at?: number;
  readonly status?: number;
  readonly problem?: string;
}

interface AddOptions extends OperatorOptions {
  readonly event: readonly string[];
  readonly allowPrivate?: boolean;
}

interface ReplayOptions extends OperatorOptions {
  readonly dead?: boolean;
}

/** Adds `steward webhook …`. */
export function addWebhookCommands(program: Command): void {
  const webhook = addOperatorFamily(program, "webhook", "send what happens to other systems");
  addListCommand(webhook, "list", "list the webhooks").action((options: ListOptions) =>
    operate(options, (api) =>
      list<WebhookBody>(api, options, { path: "/v1/webhooks", field: "webhooks", toRow }),
    ),
  );
  addAdd(webhook);
  addDeliveries(webhook);
  addReplay(webhook);
  addTest(webhook);
  addRotation(webhook);
  addStateCommand(webhook, "pause", "paused", "send nothing; what happens waits in the event log");
  addStateCommand(webhook, "resume", "active", "go on where it was paused or disabled");
  addOperatorCommand(webhook, "remove <id>", "remove a webhook, and what waits for it").action(
    (id: string, options: OperatorOptions) =>
      operate(options, async (api) => {
        await api("DELETE", toPath(id));
        return toDone({ id, removed: true }, `${id} is sent nothing any more`);
      }),
  );
}

function addAdd(webhook: Command): void {
  addOperatorCommand(webhook, "add <url>", "make a webhook; its secret is shown once")
    .requiredOption(
      "--event <pattern...>",
      "types of events: payment.confirmed, a family as payment.*, or '*'",
    )
    .option("--allow-private", "it may lead to addresses that webhooks.allow_private names")
    .action((url: string, options: AddOptions) =>
      operate(options, async (api) => {
        const { event: events, allowPrivate } = options;
        const body = { url, events: [...events], ...(allowPrivate && { allow_private: true }) };
        return toMade(await api<WebhookBody>("POST", "/v1/webhooks", { body }));
      }),
    );
}

function addDeliveries(webhook: Command): void {
  addListCommand(webhook, "deliveries <id>", "list what it waits for, was sent, and was given up")
    .addOption(
      new Option("--state <state>", "only these").choices(["pending", "delivered", "dead"]),
    )
    .action((id: string, options: ListOptions & { readonly state?: string }) =>
      operate(options, (api) =>
        list<DeliveryBody>(api, options, {
          path: `${toPath(id)}/deliveries`,
          field: "deliveries",
          query: { state: options.state },
          toRow: toDeliveryRow,
        }),
      ),
    );
}

function addReplay(webhook: Command): void {
  addOperatorCommand(webhook, "replay <id> [delivery-id]", "send again: one delivery, or --dead")
    .option("--dead", "all that were given up")
    .action((id: string, deliveryId: string | undefined, options: ReplayOptions) => {
      if ((deliveryId === undefined) === (options.dead !== true)) {
        throw new UsageError("Name a delivery (steward webhook deliveries ID), or give --dead.");
      }
      return operate(options, async (api) => {
        if (deliveryId === undefined) return await replayDead(api, id);
        const path = `${toPath(id)}/deliveries/${encodeURIComponent(deliveryId)}/replay`;
        const row = await api<DeliveryBody>("POST", path);
        return { value: row, text: () => toFields(toDeliveryRow(row)) };
      });
    });
}

async function replayDead(api: AdminApi, id: string) {
  let replayed = 0;
  let left = 0;
  for (;;) {
    const done = await api<{ replayed: number; left: number }>("POST", `${toPath(id)}/replay`);
    replayed += done.replayed;
    left = done.left;
    if (left === 0 || done.replayed === 0) break;
  }
  const rest = left === 0 ? "" : `; ${left} are left: repeat it once those are sent`;
  return toDone({ id, replayed, left }, `${replayed} deliveries are sent again${rest}`);
}

function addTest(webhook: Command): void {
  addOperatorCommand(webhook, "test <id>", "send an event of the type webhook.test, now").action(
    (id: string, options: OperatorOptions) =>
      operate(options, async (api) => {
        const answer = await api<{ delivered: boolean; status?: number; problem?: string }>(
          "POST",
          `${toPath(id)}/test`,
        );
        const { delivered, status, problem } = answer;
        if (!delivered) process.exitCode = 1;
        return { value: answer, text: () => toFields({ delivered, status, problem }) };
      }),
  );
}

function addRotation(webhook: Command): void {
  addOperatorCommand(webhook, "secret <id>", "give it another secret, which is shown once")
    .option(
      "--overlap <seconds>",
      "how long the one before signs, too (default: webhooks.overlap_secs)",
      integerOf(0, 30 * 86_400),
    )
    .action((id: string, options: OperatorOptions & { readonly overlap?: number }) =>
      operate(options, async (api) => {
        const { overlap } = options;
        const body = overlap === undefined ? {} : { overlap_secs: overlap };
        return toMade(await api<WebhookBody>("POST", `${toPath(id)}/secret`, { body }));
      }),
    );
}

function addStateCommand(webhook: Command, name: string, state: string, what: string): void {
  addOperatorCommand(webhook, `${name} <id>`, what).action((id: string, options: OperatorOptions) =>
    operate(options, async (api) => {
      const row = await api<WebhookBody>("PATCH", toPath(id), { body: { state } });
      return { value: row, text: () => toFields(toRow(row)) };
    }),
  );
}

function toMade(made: WebhookBody) {
  return {
    value: made,
    text: () => toFields({ ...toRow(made), secret: `${made.secret} (shown this once)` }),
  };
}

function toPath(id: string): string {
  return `/v1/webhooks/${encodeURIComponent(id)}`;
}

function toRow({ id, url, events, state, has_secret, pending, dead }: WebhookBody) {
  const shown = has_secret ? state : `${state}, no secret`;
  return { webhook: id, url, events: events.join(" "), state: shown, pending, dead };
}

function toDeliveryRow(row: DeliveryBody) {
  const { id, type, zone_id, state, attempts, created_at, next_at, status, problem } = row;
  return {
    delivery: id,
    type,
    zone: zone_id ?? undefined,
    state,
    attempts,
    happened: toTime(created_at),
    next: toTime(next_at),
    status,
    problem,
  };
}
