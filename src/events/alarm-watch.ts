import type { Logger } from "../base/log.ts";
import type { Store } from "../store/database.ts";
import { type OpenAlarm, prepareAlarmQueries } from "../store/events/alarms.ts";
import type { EventsConfig } from "./config.ts";
import type { EventLog } from "./event-log.ts";

/** Something that needs the operator. */
export interface FoundAlarm {
  /** Names what is wrong; stable while it lasts. */
  readonly key: string;
  readonly what: string;
  readonly remedy: string;
}

export interface AlarmWatchDeps {
  readonly store: Store;
  readonly events: EventLog;
  readonly config: { readonly events: EventsConfig };
  readonly nowMs: () => number;
  readonly log: Logger;
  /** What is wrong now. */
  readonly find: () => readonly FoundAlarm[];
}

/**
 * Tells once when something begins to be wrong and once when it is over, a restart between the two
 * included: what stands is kept.
 */
export class AlarmWatch implements Disposable {
  private readonly deps: AlarmWatchDeps;
  private readonly queries;
  private timer: NodeJS.Timeout | undefined;

  constructor(deps: AlarmWatchDeps) {
    this.deps = deps;
    this.queries = prepareAlarmQueries(deps.store);
  }

  /** Looks now, and from now on by its interval. */
  start(): void {
    this.look();
    const ms = this.deps.config.events.alarm_interval_ms;
    this.timer = setInterval(() => this.look(), ms).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
  }

  private look(): void {
    try {
      this.compare();
    } catch (err) {
      this.deps.log.error({ err }, "what is wrong could not be looked for");
    }
  }

  private compare(): void {
    const found = new Map(this.deps.find().map((alarm) => [alarm.key, alarm]));
    const open = new Map(this.queries.listAlarms().map((alarm) => [alarm.key, alarm]));
    const raised = [...found.values()].filter(({ key }) => !open.has(key));
    const cleared = [...open.values()].filter(({ key }) => !found.has(key));
    if (raised.length + cleared.length === 0) return;
    this.deps.store.write((write) => {
      const raisedAt = Math.floor(this.deps.nowMs());
      for (const { key, what, remedy } of raised) {
        this.queries.putAlarm(write, { key, what, remedy, raisedAt });
        const data = { key, what, remedy };
        this.deps.events.append(write, { type: "alarm.raised", subject: key, data });
      }
      for (const alarm of cleared) {
        this.queries.deleteAlarm(write, alarm.key);
        const data = toClearedData(alarm);
        this.deps.events.append(write, { type: "alarm.cleared", subject: alarm.key, data });
      }
    });
  }
}

function toClearedData({ key, what, raisedAt }: OpenAlarm) {
  return { key, what, raised_at: Math.floor(raisedAt / 1000) };
}
