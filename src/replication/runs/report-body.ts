import type { JsonObject } from "../../protocol/json.ts";
import type { RunOutcome, RunReportRow } from "../../store/replication/run-reports.ts";
import { toPacked } from "../../wire/json-to-packed.ts";
import { asValue, PackedBytes } from "../../wire/messagepack-encode.ts";
import type { SentBody } from "../links/link-port.ts";

/** The zone.result by which a run is reported; `docs/protocol.md` §9.9. */
export function toReportBody({ invokeId, result, failure }: RunReportRow): SentBody {
  const body = { type: "zone.result", invoke_id: invokeId };
  if (result !== null) return { ...body, result: asValue(new PackedBytes(toPacked(result))) };
  if (failure !== null) return { ...body, error: { message: failure } };
  return { ...body, started: false };
}

/**
 * What this steward's own record or row of a request says of the run that another one's record waits for;
 * undefined where it is another run, or not at its end here either.
 */
export function toOwnOutcome(
  awaited: JsonObject,
  own: Readonly<Record<string, unknown>>,
): RunOutcome | undefined {
  if (own.invoke_id !== awaited.invoke_id) return undefined;
  if (own.state === "answered") return { result: toText(own.result) ?? "null", failure: null };
  if (own.state !== "failed") return undefined;
  const { message } = JSON.parse(toText(own.failure) ?? "{}") as { readonly message?: unknown };
  return { result: null, failure: toText(message) ?? "The run failed." };
}

function toText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
