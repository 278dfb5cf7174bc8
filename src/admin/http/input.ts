import type { Context } from "hono";
import type { z } from "zod";
import { StewardError } from "../../errors.ts";
import { assertBodyValue, parseBodyText } from "../../wire/body.ts";
import { safeParse } from "../../wire/safe-parse.ts";
import type { AdminEnv } from "../deps.ts";

const ISSUES_MAX = 20;
const JSON_TYPE = /^application\/(?:json|[a-z0-9.!#$&^_-]+\+json)\s*(?:;|$)/i;

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/**
 * Parses a value by a schema.
 * @throws StewardError `invalid_request`, every problem in `details.issues`
 */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, ISSUES_MAX).map((issue) => ({
    path: issue.path.map(String).join("."),
    message: issue.message,
  }));
  const first = issues[0];
  throw new StewardError("invalid_request", {
    ...(first && { message: `${first.path || "request"}: ${first.message}` }),
    details: { issues },
  });
}

/**
 * Reads a JSON body as strictly as the wire reads its own: no key twice, no integer that JavaScript
 * would round.
 * @param optional an empty body is `{}`
 * @throws StewardError `unsupported_media_type`, `payload_too_large`, `invalid_request`
 */
export async function readJson(
  context: Context<AdminEnv>,
  bytesMax: number,
  { optional = false }: { optional?: boolean } = {},
): Promise<unknown> {
  const type = context.req.header("Content-Type");
  if (type !== undefined ? !JSON_TYPE.test(type) : !optional) {
    throw new StewardError("unsupported_media_type");
  }
  const bytes = await readBytes(context, bytesMax);
  if (bytes.length === 0 && optional) return {};
  if (type === undefined) throw new StewardError("unsupported_media_type");
  return parseJson(bytes);
}

/**
 * Reads a form as browsers send it.
 * @throws StewardError `unsupported_media_type`, `payload_too_large`, `invalid_request`
 */
export async function readForm(
  context: Context<AdminEnv>,
  bytesMax: number,
): Promise<URLSearchParams> {
  if (!FORM_TYPE.test(context.req.header("Content-Type") ?? "")) {
    throw new StewardError("unsupported_media_type", { message: "Expected a form." });
  }
  return new URLSearchParams(new TextDecoder().decode(await readBytes(context, bytesMax)));
}

async function readBytes(context: Context<AdminEnv>, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new StewardError("payload_too_large", {
      message: `The body is larger than ${bytesMax} bytes.`,
      details: { bytes_max: bytesMax },
    });
  const announced = context.req.header("Content-Length");
  if (announced !== undefined && Number(announced) > bytesMax) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of context.req.raw.body ?? []) {
      length += chunk.length;
      if (length > bytesMax) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    // A body breaks off where its client does.
    if (error instanceof StewardError) throw error;
    throw new StewardError("invalid_request", { message: "The body ended before its end." });
  }
  return Buffer.concat(chunks);
}

function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new StewardError("invalid_request", { message: "The body is not UTF-8.", cause });
  }
  return asRequestProblem(() => parseBodyText(text));
}

/**
 * Refuses a value that could not be sent to agents in a message body; `docs/protocol.md` §5.
 * @throws StewardError `invalid_request`
 */
export function assertSendable(value: unknown): void {
  asRequestProblem(() => assertBodyValue(value));
}

/** The wire's parsers say 2003; over HTTP that is a request's problem like any other. */
function asRequestProblem<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof StewardError)) throw cause;
    throw new StewardError("invalid_request", { message: cause.message, cause });
  }
}
