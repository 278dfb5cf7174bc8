import type { Store, Write } from "../database.ts";

/** An alarm that was raised and not cleared since. */
export interface OpenAlarm {
  readonly key: string;
  readonly what: string;
  readonly remedy: string;
  /** Milliseconds since the epoch. */
  readonly raisedAt: number;
}

/** Prepares the queries on alarms that stand. */
export function prepareAlarmQueries({ raw }: Pick<Store, "raw">) {
  const list = raw.prepare<[], OpenAlarm>(
    "SELECT key, what, remedy, raised_at AS raisedAt FROM open_alarms ORDER BY key",
  );
  const put = raw.prepare<[OpenAlarm]>(
    "INSERT OR REPLACE INTO open_alarms VALUES (@key, @what, @remedy, @raisedAt)",
  );
  const remove = raw.prepare<[string]>("DELETE FROM open_alarms WHERE key = ?");
  return {
    listAlarms: () => list.all(),
    putAlarm: (write: Write, alarm: OpenAlarm): void => {
      write.run(put, alarm);
    },
    deleteAlarm: (write: Write, key: string): void => {
      write.run(remove, key);
    },
  };
}
