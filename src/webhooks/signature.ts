import { createHmac, randomBytes } from "node:crypto";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** What a receiver knows a request by; standardwebhooks.com, specification 1.0. */
export interface SignedHeaders {
  /** The same at each attempt. */
  readonly "webhook-id": string;
  /** Unix seconds of this attempt. */
  readonly "webhook-timestamp": string;
  /** One signature for each secret in force, with a space between them. */
  readonly "webhook-signature": string;
}

/** Makes a secret, in its written form. */
export function createWebhookSecret(): string {
  return toWritten(randomBytes(SECRET_BYTES));
}

/** Reads a secret's written form: `whsec_` and 24 to 64 bytes in base64; undefined where it is none. */
export function parseWebhookSecret(text: string): Buffer | undefined {
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : "";
  if (!BASE64.test(encoded)) return undefined;
  const secret = Buffer.from(encoded, "base64");
  // What is no canonical base64 would be other bytes for another reader.
  if (toWritten(secret) !== text) return undefined;
  return secret.length >= SECRET_BYTES_MIN && secret.length <= SECRET_BYTES_MAX
    ? secret
    : undefined;
}

/** Signs a body with each secret. */
export function signWebhook(
  secrets: readonly Uint8Array[],
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
): SignedHeaders {
  const signatures = secrets.map((secret) => {
    const hmac = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`);
    return `v1,${hmac.digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signatures.join(" "),
  };
}

function toWritten(secret: Buffer): string {
  return `${PREFIX}${secret.toString("base64")}`;
}
