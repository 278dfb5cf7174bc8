import { z } from "zod";

const NO_USERINFO =
  "expected no user name or password in the address: put Authorization=Basic … into the variable that tracing.headers_env names";

/** The `tracing` section of the configuration. */
export const tracingSchema = z
  .strictObject({
    /** Where spans are posted, as OTLP over HTTP in JSON: http://collector:4318/v1/traces; without it there are none. */
    otlp_url: z
      .url({ protocol: /^https?$/ })
      .refine((text) => !hasUserinfo(text), NO_USERINFO)
      .optional(),
    /** The environment's variable with headers for it: name=value, separated by commas. */
    headers_env: z.string().min(1).max(128).optional(),
    /** The share of traces that is kept; all spans of a trace are, or none. */
    sample_ratio: z.number().min(0).max(1).default(1),
    /** Spans that wait for the collector; beyond, they are lost and counted. */
    queue_max: z.int().min(1).max(1_000_000).default(4096),
    /** From one posting to the next. */
    interval_ms: z.int().min(10).max(600_000).default(2000),
    /** How long the collector may take to answer. */
    timeout_ms: z.int().min(10).max(600_000).default(10_000),
  })
  .prefault({});

export type TracingConfig = z.output<typeof tracingSchema>;

/** Of an address with it fetch makes an error that says all of it. */
function hasUserinfo(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.username !== "" || url.password !== "");
}
