import { StewardError } from "../errors.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import type { WebhookRow } from "../store/webhooks/webhooks.ts";
import { createWebhookSecret, parseWebhookSecret } from "./signature.ts";

/** The sealed columns of a webhook. */
type SealedSecrets = Pick<
  WebhookRow,
  "webhookId" | "secretSealed" | "formerSecretSealed" | "formerSecretUntil"
>;

/** The secrets that webhooks are signed with, sealed in the database. */
export class WebhookSecrets {
  private readonly box: SecretBox;

  constructor(box: SecretBox) {
    this.box = box;
  }

  /**
   * Takes a secret, or makes one.
   * @returns its written form, which is shown once, and the sealed one
   * @throws StewardError `invalid_request`
   */
  take(webhookId: string, given?: string): { readonly text: string; readonly sealed: string } {
    const text = given ?? createWebhookSecret();
    const secret = parseWebhookSecret(text);
    if (secret === undefined) {
      throw new StewardError("invalid_request", {
        message: "secret: expected whsec_ and 24 to 64 bytes in base64",
      });
    }
    return { text, sealed: this.box.seal(toRecordId(webhookId), secret) };
  }

  /** Seals the present secret as the former one. */
  toFormer({ webhookId, secretSealed }: SealedSecrets): string {
    const secret = this.box.open(toRecordId(webhookId), secretSealed);
    return this.box.seal(toFormerRecordId(webhookId), secret);
  }

  /**
   * The secrets that sign at a time, the present one first.
   * @param now Unix seconds
   * @throws Error where one was altered
   */
  open(row: SealedSecrets, now: number): Buffer[] {
    const { webhookId, secretSealed, formerSecretSealed: former, formerSecretUntil: until } = row;
    const present = this.box.open(toRecordId(webhookId), secretSealed);
    if (former === null || until === null || until <= now) return [present];
    return [present, this.box.open(toFormerRecordId(webhookId), former)];
  }
}

function toRecordId(webhookId: string): string {
  return `webhook:${webhookId}`;
}

function toFormerRecordId(webhookId: string): string {
  return `webhook-former:${webhookId}`;
}
