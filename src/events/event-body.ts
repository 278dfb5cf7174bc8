import type { JsonObject } from "../protocol/json.ts";
import type { EventRow } from "../store/events/events.ts";

/** An event as it is shown; `docs/events.md`. */
export interface EventBody {
  readonly id: number;
  readonly type: string;
  /** Unix seconds. */
  readonly created_at: number;
  readonly zone_id: string | null;
  /** Whom or what it is about. */
  readonly subject: string | null;
  readonly data: JsonObject;
}

/** Shows an event of the log. */
export function toEventBody({ id, at, type, zoneId, subject, data }: EventRow): EventBody {
  return { id, type, created_at: Math.floor(at / 1000), zone_id: zoneId, subject, data };
}

/** A message of `text/event-stream`; without an id it does not move where a reader goes on. */
export function toFrame(type: string, data: object, id?: number): string {
  const at = id === undefined ? "" : `id: ${id}\n`;
  return `${at}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
