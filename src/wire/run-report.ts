import { z } from "zod";
import { StewardError } from "../errors.ts";
import { optionalField, toSchemaMessage } from "../protocol/schema-fields.ts";
import type { PackedBody } from "./packed-body.ts";
import type { PackedValue } from "./packed-value.ts";
import { safeParse } from "./safe-parse.ts";

/** What a steward that is primary no more says of a run that it began; `docs/protocol.md` §9.9. */
export interface RunReport {
  readonly invokeId: string;
  /** JSON null where nothing is said. */
  readonly result: PackedValue | undefined;
  readonly error: { readonly message: string } | undefined;
  /** False: it was never invoked. */
  readonly started: boolean;
}

const ID_BYTES_MAX = 512;
const ERROR_BYTES_MAX = 64 * 1024;

const schema = z.object({
  invoke_id: z.string().max(128),
  error: optionalField(z.object({ message: z.string().max(4096) })),
  started: optionalField(z.boolean()).transform((started) => started ?? true),
});

/**
 * Reads a zone.result that comes over a link; its result stays packed.
 * @throws StewardError `invalid_params`; the message names the field
 */
export function parseRunReport(body: PackedBody): RunReport {
  const fields = {
    invoke_id: decode(body, "invoke_id", ID_BYTES_MAX),
    error: decode(body, "error", ERROR_BYTES_MAX),
    started: decode(body, "started", ID_BYTES_MAX),
  };
  const parsed = safeParse(schema, fields);
  if (!parsed.success) {
    throw new StewardError("invalid_params", { message: toSchemaMessage(parsed.error) });
  }
  const { invoke_id: invokeId, error, started } = parsed.data;
  return { invokeId, error, started, result: body.find("result") };
}

/** What is too long is no valid value of its field. */
function decode(body: PackedBody, key: string, bytesMax: number): unknown {
  const value = body.find(key);
  if (value === undefined || value.byteLength <= bytesMax) return value?.decode();
  throw new StewardError("invalid_params", { message: `${key}: longer than ${bytesMax} bytes` });
}
