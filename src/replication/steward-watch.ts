import type { EventLog } from "../events/event-log.ts";
import type { Store } from "../store/database.ts";
import type { LinkHub } from "./links/link-hub.ts";

export interface StewardWatchDeps {
  readonly store: Store;
  readonly events: EventLog;
  readonly hub: LinkHub;
  /** Tells whether a node is a steward of a zone that this one shares with it. */
  readonly isSteward: (nodeId: string) => boolean;
  /** False once this steward itself ends its links. */
  readonly isRunning: () => boolean;
}

/** Has it in the log of events when the last link with another steward is down, and when one is up again. */
export function watchStewards({ store, events, hub, ...deps }: StewardWatchDeps): void {
  const lost = new Set<string>();
  const note = (type: "replication.steward_lost" | "replication.steward_back", nodeId: string) =>
    store.write((write) =>
      events.append(write, { type, subject: nodeId, data: { node_id: nodeId } }),
    );
  hub.desk.listen({
    onUp: ({ nodeId }) => {
      if (lost.delete(nodeId)) note("replication.steward_back", nodeId);
    },
    onDown: ({ nodeId }) => {
      const isLost = deps.isRunning() && hub.table.listOf(nodeId).length === 0;
      if (!isLost || lost.has(nodeId) || !deps.isSteward(nodeId)) return;
      lost.add(nodeId);
      note("replication.steward_lost", nodeId);
    },
  });
}
