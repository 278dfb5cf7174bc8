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

  /** Seals the present secret as the former one; undefined where it cannot be opened. */
  toFormer({ webhookId, secretSealed }: SealedSecrets): string | undefined {
    const secret = this.tryOpen(toRecordId(webhookId), secretSealed);
    return secret && this.box.seal(toFormerRecordId(webhookId), secret);
  }

  /**
   * The secrets that sign at a time, the present one first; a former one that cannot be opened is left out.
   * @param now Unix seconds
   * @returns undefined where the present one cannot be opened
   */
  open(row: SealedSecrets, now: number): Buffer[] | undefined {
    const { webhookId, secretSealed, formerSecretSealed, formerSecretUntil: until } = row;
    const present = this.tryOpen(toRecordId(webhookId), secretSealed);
    if (present === undefined) return undefined;
    if (formerSecretSealed === null || until === null || until <= now) return [present];
    const former = this.tryOpen(toFormerRecordId(webhookId), formerSecretSealed);
    return former === undefined ? [present] : [present, former];
  }

  /** What a row holds may be altered, or come from another steward's database. */
  private tryOpen(recordId: string, sealed: string): Buffer | undefined {
    try {
      return this.box.open(recordId, sealed);
    } catch {
      return undefined;
    }
  }
}

/** Tells whether a webhook has a secret: not where it was given up with a lost master key. */
export function hasSecret({ secretSealed }: Pick<WebhookRow, "secretSealed">): boolean {
  return secretSealed !== "";
}

function toRecordId(webhookId: string): string {
  return `webhook:${webhookId}`;
}

function toFormerRecordId(webhookId: string): string {
  return `webhook-former:${webhookId}`;
}
