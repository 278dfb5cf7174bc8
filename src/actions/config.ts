import { z } from "zod";
import { isAddressRule } from "../outbound/address-guard.ts";

const timeoutMs = z.int().min(10).max(600_000).default(30_000);

const echo = z.strictObject({ type: z.literal("echo") });

const http = z
  .strictObject({
    type: z.literal("http"),
    /** http or https, without credentials; redirects are not followed. */
    url: z.string().refine(isUpstreamUrl, "expected an http or https URL without credentials"),
    /** For everything: name lookup, connection, answer, repetitions. */
    timeout_ms: timeoutMs,
    /** Signs what is sent. Secrets belong into a file of mode 0600 or the environment. */
    secret: z.string().min(1).optional(),
    /** An environment variable that holds the secret. */
    secret_env: z.string().min(1).optional(),
    /** A file of mode 0600 that holds the secret; relative paths start at the configuration file. */
    secret_file: z.string().min(1).optional(),
    /** The upstream runs one Idempotency-Key once; a run of unknown outcome may be repeated. */
    idempotent: z.boolean().default(false),
    response_bytes_max: z
      .int()
      .min(1)
      .max(4 * 1_048_576)
      .default(1_048_576),
    /** Addresses, CIDR ranges and host names that may be private or reserved. */
    allow_private: z
      .array(z.string().refine(isAddressRule, "expected an address, a CIDR range or a host name"))
      .default([]),
  })
  .refine(
    ({ secret, secret_env, secret_file }) =>
      [secret, secret_env, secret_file].filter((from) => from !== undefined).length <= 1,
    "expected at most one of secret, secret_env and secret_file",
  );

const module = z.strictObject({
  type: z.literal("module"),
  /** A JavaScript or TypeScript file; relative paths start at the configuration file. */
  path: z.string().min(1),
  timeout_ms: timeoutMs,
  /** Of the JavaScript heap; the process as a whole may take 96 MB more. */
  memory_mb: z.int().min(16).default(128),
});

const provider = z.strictObject({
  type: z.literal("provider"),
  /** For one provider's answer. */
  timeout_ms: timeoutMs,
  /** Another provider takes over where one vanishes or does not answer. */
  idempotent: z.boolean().default(false),
  /** Runs one provider may have at a time; it is busy then. */
  outstanding_max: z.int().min(1).max(10_000).default(32),
});

/** One entry of `handlers`. */
const handlerSchema = z.discriminatedUnion("type", [echo, http, module, provider]);

/** The `handlers` section: zone id or `*`, then action name. */
export const handlersSchema = z
  .record(z.string(), z.record(z.string(), handlerSchema))
  .prefault({});

export type HandlerConfig = z.output<typeof handlerSchema>;
export type HandlersConfig = z.output<typeof handlersSchema>;
export type HttpHandlerConfig = z.output<typeof http>;
export type ModuleHandlerConfig = z.output<typeof module>;

function isUpstreamUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}
