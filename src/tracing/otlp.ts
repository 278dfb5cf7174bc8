import { createHash, randomBytes } from "node:crypto";
import type { EndedSpan } from "../base/spans.ts";

const KINDS = { internal: 1, server: 2 } as const;
const ERROR_STATUS = 2;
const NANOS_PER_MS = 1_000_000n;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** Who the spans are of. */
export interface Resource {
  readonly version: string;
  readonly nodeId: string;
}

/** The id of a trace: who knows what it is of knows the id, in whatever process. */
export function toTraceId(trace: string): Buffer {
  return createHash("sha256").update(trace).digest().subarray(0, TRACE_ID_BYTES);
}

/** The body of an OTLP/HTTP export in JSON (ExportTraceServiceRequest of the OTLP 1 specification). */
export function toExportBody({ version, nodeId }: Resource, spans: readonly EndedSpan[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: {
          attributes: toAttributes({
            "service.name": "zone-steward",
            "service.version": version,
            "service.instance.id": nodeId,
          }),
        },
        scopeSpans: [{ scope: { name: "zone-steward", version }, spans: spans.map(toSpan) }],
      },
    ],
  });
}

function toSpan({ name, kind, endedMs, tookMs, trace, attributes, error }: EndedSpan) {
  return {
    traceId: toTraceId(trace).toString("hex"),
    spanId: randomBytes(SPAN_ID_BYTES).toString("hex"),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: toNanos(endedMs - tookMs),
    endTimeUnixNano: toNanos(endedMs),
    attributes: toAttributes(attributes),
    status: error === undefined ? {} : { code: ERROR_STATUS, message: error },
  };
}

/** Decimal text: the number is beyond what JSON's readers keep. */
function toNanos(ms: number): string {
  const whole = Math.floor(ms);
  const rest = BigInt(Math.floor((ms - whole) * 1_000_000));
  return (BigInt(whole) * NANOS_PER_MS + rest).toString();
}

function toAttributes(values: EndedSpan["attributes"]) {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const one = typeof value === "string" ? { stringValue: value } : { intValue: String(value) };
    return [{ key, value: one }];
  });
}
