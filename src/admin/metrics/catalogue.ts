import { COUNTED_LIMITS } from "../../base/counters.ts";
import { readVersion } from "../../version.ts";
import type { Metric } from "./metric.ts";
import { PAYMENT_METRICS } from "./payment-metrics.ts";
import type { Readings } from "./readings.ts";

const MICROS = 1e6;

const PROCESS_METRICS: readonly Metric<Readings>[] = [
  {
    name: "steward_build_info",
    type: "gauge",
    help: "Always 1; the version of the steward and of Node are its labels.",
    labels: ["version", "node"],
    read: () => [[`${readVersion()} ${process.version}`, 1]],
  },
  {
    name: "process_start_time_seconds",
    type: "gauge",
    help: "When the process started, Unix seconds.",
    read: () => Math.round(performance.timeOrigin) / 1000,
  },
  {
    name: "process_cpu_seconds_total",
    type: "counter",
    help: "CPU time of the process, all threads, seconds.",
    read: ({ cpu }) => (cpu.user + cpu.system) / MICROS,
  },
  {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Memory of the process that is in RAM.",
    read: ({ memory }) => memory.rss,
  },
  {
    name: "steward_heap_used_bytes",
    type: "gauge",
    help: "JavaScript heap in use.",
    read: ({ memory }) => memory.heapUsed,
  },
  {
    name: "steward_machine_memory_bytes",
    type: "gauge",
    help: "RAM of the machine.",
    read: ({ machineBytes }) => machineBytes,
  },
  {
    name: "steward_event_loop_delay_seconds",
    type: "histogram",
    help: "By how much a timer of 20 ms came late: what everything else waited for.",
    read: ({ deps }) => deps.delay.lateness,
  },
  {
    name: "steward_draining",
    type: "gauge",
    help: "1 from the moment the steward was asked to stop.",
    read: ({ deps }) => Number(deps.draining.aborted),
  },
];

const HTTP_METRICS: readonly Metric<Readings>[] = [
  {
    name: "steward_http_requests_total",
    type: "counter",
    help: "HTTP requests by method, registered route and status.",
    labels: ["method", "route", "status"],
    read: ({ deps }) => deps.httpMeter.requests.read(),
  },
  {
    name: "steward_http_request_duration_seconds",
    type: "histogram",
    help: "Time until an HTTP answer was ready and what it tells of durable.",
    labels: ["method", "route"],
    read: ({ deps }) => deps.httpMeter.durations.read(),
  },
];

const WIRE_METRICS: readonly Metric<Readings>[] = [
  {
    name: "steward_messages_total",
    type: "counter",
    help: "Messages by the type of their body (direct: for another node) and outcome: ok, or the code of the error that answered.",
    labels: ["type", "outcome"],
    read: ({ deps }) => deps.meter.outcomes.read(),
  },
  {
    name: "steward_message_duration_seconds",
    type: "histogram",
    help: "Time from a message's turn to its first answer, durable and, of replicated zones, acknowledged.",
    labels: ["type"],
    read: ({ deps }) => deps.meter.durations.read(),
  },
  {
    name: "steward_wire_errors_total",
    type: "counter",
    help: "ErrorMessages sent, by wire code: what was refused before a zone was asked.",
    labels: ["code"],
    read: ({ deps }) => deps.sessions.stats.errors.read(),
  },
  {
    name: "steward_sessions",
    type: "gauge",
    help: "Connections now: verified agents, links of other stewards, and those whose handshake is not over.",
    labels: ["kind"],
    read: ({ levels }) => [
      ["verified", levels.verified],
      ["link", levels.links],
      ["unverified", levels.unverified],
    ],
  },
  {
    name: "steward_connections_total",
    type: "counter",
    help: "Connections accepted, and those of them that proved a node id.",
    labels: ["step"],
    read: ({ deps }) => [
      ["accepted", deps.sessions.stats.accepted],
      ["verified", deps.sessions.stats.verified],
    ],
  },
  {
    name: "steward_frames_total",
    type: "counter",
    help: "Frames received and sent on the wire.",
    labels: ["direction"],
    read: ({ deps }) => [
      ["in", deps.sessions.stats.framesIn],
      ["out", deps.sessions.stats.framesOut],
    ],
  },
  {
    name: "steward_sent_bytes_total",
    type: "counter",
    help: "Bytes of frames sent.",
    read: ({ deps }) => deps.sessions.stats.bytesOut,
  },
  {
    name: "steward_fan_out_frames_total",
    type: "counter",
    help: "Frames that all members of a zone are sent.",
    read: ({ deps }) => deps.zones.rooms.stats.frames,
  },
  {
    name: "steward_fan_out_deliveries_total",
    type: "counter",
    help: "Sessions that such frames were sent to.",
    read: ({ deps }) => deps.zones.rooms.stats.deliveries,
  },
  {
    name: "steward_limit_reached_total",
    type: "counter",
    help: "How often a limit refused something, by its key in the configuration.",
    labels: ["limit"],
    read: ({ deps }) => {
      const counts = deps.counters.read() ?? {};
      return COUNTED_LIMITS.map((limit) => [limit, counts[limit] ?? 0] as const);
    },
  },
  {
    name: "steward_scanner_finds_total",
    type: "counter",
    help: "Messages, params and manifests in which the content scanner found a threat, by its type and by what became of them.",
    labels: ["threat", "outcome"],
    read: ({ deps }) => deps.zones.scanCounters.list(),
  },
];

const QUEUE_METRICS: readonly Metric<Readings>[] = [
  {
    name: "steward_unsent_bytes",
    type: "gauge",
    help: "Bytes that connections have yet to send: all of them, and the fullest.",
    labels: ["of"],
    read: ({ levels }) => [
      ["all", levels.unsentBytes],
      ["fullest", levels.unsentBytesMax],
    ],
  },
  {
    name: "steward_unread_bytes",
    type: "gauge",
    help: "Bytes of large messages that have begun and not ended.",
    read: ({ deps }) => deps.transport.heldBytes,
  },
  {
    name: "steward_runs_under_way",
    type: "gauge",
    help: "Runs of actions that have not ended.",
    read: ({ deps }) => deps.zones.runner.underWay,
  },
  {
    name: "steward_run_duration_seconds",
    type: "histogram",
    help: "How long runs of actions took, by how they ended.",
    labels: ["outcome"],
    read: ({ deps }) => deps.zones.runner.runs.read(),
  },
  {
    name: "steward_requests",
    type: "gauge",
    help: "Requests that wait: paid for their run, running for its end, undelivered for the operator.",
    labels: ["state"],
    read: ({ unfinished }) =>
      ["paid", "running", "undelivered"].map((state) => {
        const count = unfinished.find((row) => row.state === state)?.count ?? 0;
        return [state, count] as const;
      }),
  },
  {
    name: "steward_stored_rows",
    type: "gauge",
    help: "What is kept for others: unpaid requests, unpaid quotes, waiting direct messages, members.",
    labels: ["kind"],
    read: ({ usage }) => usage.map(([kind, { rows }]) => [kind, rows] as const),
  },
  {
    name: "steward_stored_bytes",
    type: "gauge",
    help: "Bytes of what is kept for others, by the same kinds.",
    labels: ["kind"],
    read: ({ usage }) => usage.map(([kind, { bytes }]) => [kind, bytes] as const),
  },
  {
    name: "steward_public_zones",
    type: "gauge",
    help: "Zones that anybody may find here.",
    read: ({ publicZones }) => publicZones,
  },
];

const STORE_METRICS: readonly Metric<Readings>[] = [
  {
    name: "steward_commit_duration_seconds",
    type: "histogram",
    help: "Time that a COMMIT of the database took, its sync of the disk included.",
    read: ({ deps }) => deps.store.stats.commits,
  },
  {
    name: "steward_commit_operations",
    type: "histogram",
    help: "Operations that one COMMIT made durable.",
    read: ({ deps }) => deps.store.stats.operations,
  },
  {
    name: "steward_database_bytes",
    type: "gauge",
    help: "Bytes of the database: its file, unused pages of it, and its write-ahead log.",
    labels: ["of"],
    read: ({ file }) => [
      ["file", file.bytes],
      ["unused", file.unusedBytes],
      ["log", file.logBytes],
    ],
  },
  {
    name: "steward_disk_free_bytes",
    type: "gauge",
    help: "What the data directory's disk has left for the steward.",
    read: ({ disk }) => disk && disk.bavail * disk.bsize,
  },
];

const REPLICATION_METRICS: readonly Metric<Readings>[] = [
  {
    name: "steward_replicated_zones",
    type: "gauge",
    help: "Replicated zones by standing: all, those with this steward as primary, of these those it is not in charge of, and halted ones.",
    labels: ["standing"],
    read: ({ replicated: { zones, primary, not_in_charge, halted } }) => [
      ["all", zones],
      ["primary", primary],
      ["not_in_charge", not_in_charge],
      ["halted", halted],
    ],
  },
  {
    name: "steward_replication_lag_commits",
    type: "gauge",
    help: "Commits that the voter furthest behind has yet to acknowledge to this primary.",
    read: ({ replicated }) => replicated.commits,
  },
  {
    name: "steward_replication_silence_seconds",
    type: "gauge",
    help: "How long ago the voter last answered that has been silent for longest.",
    read: ({ replicated }) => replicated.silenceMs / 1000,
  },
  {
    name: "steward_replication_unheard_voters",
    type: "gauge",
    help: "Voters that have not answered this primary yet, each zone counted.",
    read: ({ replicated }) => replicated.unheard,
  },
  {
    name: "steward_replication_held_frames",
    type: "gauge",
    help: "Frames and effects that wait until enough voters have what they tell of.",
    read: ({ deps }) => deps.gate.measure().frames,
  },
  {
    name: "steward_replication_held_bytes",
    type: "gauge",
    help: "About how much memory these keep.",
    read: ({ deps }) => deps.gate.measure().bytes,
  },
];

const WEBHOOK_METRICS: readonly Metric<Readings>[] = [
  {
    name: "steward_webhook_attempts_total",
    type: "counter",
    help: "POSTs to webhooks, by whether the receiver took the event.",
    labels: ["outcome"],
    read: ({ deps }) => [
      ["delivered", deps.webhooks.stats.delivered],
      ["failed", deps.webhooks.stats.failed],
    ],
  },
  {
    name: "steward_webhook_given_up_total",
    type: "counter",
    help: "Deliveries to webhooks that were given up.",
    read: ({ deps }) => deps.webhooks.stats.dead,
  },
  {
    name: "steward_webhook_deliveries",
    type: "gauge",
    help: "Deliveries of webhooks that wait, and those that were given up and are kept for a replay.",
    labels: ["state"],
    read: ({ webhooks }) => [
      ["pending", webhooks.pending],
      ["dead", webhooks.dead],
    ],
  },
  {
    name: "steward_webhook_lag_seconds",
    type: "gauge",
    help: "For how long the event has waited that an active webhook was to be sent first.",
    read: ({ webhooks }) => webhooks.lagSecs,
  },
];

/** All metrics, in the order in which they are shown. */
export const METRICS: readonly Metric<Readings>[] = [
  ...PROCESS_METRICS,
  ...HTTP_METRICS,
  ...WIRE_METRICS,
  ...QUEUE_METRICS,
  ...STORE_METRICS,
  ...PAYMENT_METRICS,
  ...REPLICATION_METRICS,
  ...WEBHOOK_METRICS,
];
