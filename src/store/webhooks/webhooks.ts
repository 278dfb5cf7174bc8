import type { Store, Write } from "../database.ts";
import type { WebhookState } from "./schema.ts";

/** A webhook as it is stored, its secrets sealed; times are Unix seconds. */
export interface WebhookRow {
  readonly webhookId: string;
  readonly url: string;
  /** Patterns of types. */
  readonly events: readonly string[];
  readonly secretSealed: string;
  readonly formerSecretSealed: string | null;
  readonly formerSecretUntil: number | null;
  readonly allowPrivate: boolean;
  readonly state: WebhookState;
  readonly createdBy: string;
  readonly createdAt: number;
  /** The last event that was looked at for it. */
  readonly position: number;
}

/** What can be changed of a webhook. */
export type WebhookChange = Pick<WebhookRow, "url" | "events" | "allowPrivate" | "state">;

type StoredRow = Omit<WebhookRow, "events" | "allowPrivate"> & {
  readonly events: string;
  readonly allowPrivate: 0 | 1;
};

const COLUMNS = `webhook_id AS webhookId, url, events, secret_sealed AS secretSealed,
  former_secret_sealed AS formerSecretSealed, former_secret_until AS formerSecretUntil,
  allow_private AS allowPrivate, state, created_by AS createdBy, created_at AS createdAt, position`;

/** Prepares the queries on webhooks. */
export function prepareWebhookQueries({ raw }: Pick<Store, "raw">) {
  const all = raw.prepare<[], StoredRow>(`SELECT ${COLUMNS} FROM webhooks ORDER BY webhook_id`);
  const one = raw.prepare<[string], StoredRow>(
    `SELECT ${COLUMNS} FROM webhooks WHERE webhook_id = ?`,
  );
  const insert = raw.prepare<[StoredRow]>(
    `INSERT INTO webhooks (webhook_id, url, events, secret_sealed, former_secret_sealed,
       former_secret_until, allow_private, state, created_by, created_at, position)
     VALUES (@webhookId, @url, @events, @secretSealed, @formerSecretSealed,
       @formerSecretUntil, @allowPrivate, @state, @createdBy, @createdAt, @position)`,
  );
  const remove = raw.prepare<[string]>("DELETE FROM webhooks WHERE webhook_id = ?");
  const change = raw.prepare<[Record<string, string | number>]>(
    `UPDATE webhooks SET url = @url, events = @events, allow_private = @allowPrivate, state = @state
     WHERE webhook_id = @webhookId`,
  );
  const setState = raw.prepare<[WebhookState, string]>(
    "UPDATE webhooks SET state = ? WHERE webhook_id = ?",
  );
  const move = raw.prepare<[number, string]>(
    "UPDATE webhooks SET position = ? WHERE webhook_id = ?",
  );
  const setSecrets = raw.prepare<[Record<string, string | number | null>]>(
    `UPDATE webhooks SET secret_sealed = @secretSealed, former_secret_sealed = @formerSecretSealed,
       former_secret_until = @formerSecretUntil WHERE webhook_id = @webhookId`,
  );
  return {
    /** Lists all webhooks, by id; their number is bounded. */
    listWebhooks: (): WebhookRow[] => all.all().map(fromStored),
    findWebhook: (webhookId: string): WebhookRow | undefined => {
      const row = one.get(webhookId);
      return row && fromStored(row);
    },
    insertWebhook: (write: Write, row: WebhookRow): void => {
      const { events, allowPrivate } = row;
      const stored = {
        events: JSON.stringify(events),
        allowPrivate: allowPrivate ? 1 : 0,
      } as const;
      write.run(insert, { ...row, ...stored });
    },
    /** Deletes a webhook with its deliveries; tells whether there was one. */
    deleteWebhook: (write: Write, webhookId: string): boolean =>
      write.run(remove, webhookId).changes === 1,
    changeWebhook: (write: Write, webhookId: string, to: WebhookChange): void => {
      const { url, events, allowPrivate, state } = to;
      const stored = { events: JSON.stringify(events), allowPrivate: allowPrivate ? 1 : 0 };
      write.run(change, { webhookId, url, state, ...stored });
    },
    setWebhookState: (write: Write, webhookId: string, state: WebhookState): void => {
      write.run(setState, state, webhookId);
    },
    /** Notes up to which event a webhook was given everything. */
    moveWebhook: (write: Write, webhookId: string, position: number): void => {
      write.run(move, position, webhookId);
    },
    setWebhookSecrets: (
      write: Write,
      webhookId: string,
      secrets: Pick<WebhookRow, "secretSealed" | "formerSecretSealed" | "formerSecretUntil">,
    ): void => {
      write.run(setSecrets, { webhookId, ...secrets });
    },
  };
}

export type WebhookQueries = ReturnType<typeof prepareWebhookQueries>;

function fromStored({ events, allowPrivate, ...row }: StoredRow): WebhookRow {
  return { ...row, events: JSON.parse(events) as string[], allowPrivate: allowPrivate === 1 };
}
