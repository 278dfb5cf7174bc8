/** A room: a folder of `src` without the folders in it, or one file. */
export interface Room {
  /** Its path below `src`; the longest one that fits a file is the file's room. */
  readonly room: string;
  /** What it may import, types included: rooms above it in the table; `name/` means all rooms in there. */
  readonly may: readonly string[];
  /** Runs in a browser too: no `node:*`. */
  readonly isNodeFree?: true;
  /** The only packages it may import, where that is bounded. */
  readonly packages?: readonly string[];
}

/** Files through which alone the outside of a folder gets in. */
export interface Door {
  readonly inside: string;
  readonly through: readonly string[];
  /** Further files for single rooms outside, with the reason beside them. */
  readonly also: Readonly<Record<string, readonly string[]>>;
}

/** An import that the table forbids and that stands for now. */
export interface KnownImport {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** A folder beside `src` that measures or tries it. */
export interface Annex {
  readonly folder: string;
  /** Besides `src` and itself; what lies deeper is included. */
  readonly may: readonly string[];
}

const LEAVES = [
  "errors.ts",
  "error-catalogue.ts",
  "foreign-errors.ts",
  "protocol",
  "base",
] as const;
const VALUES = [...LEAVES, "wire"] as const;
const CLIENT_LEAVES = [
  ...VALUES,
  "client/agent-error.ts",
  "client/deadline.ts",
  "client/emitter.ts",
];
const CLI_LEAVES = [
  "cli/exit-codes.ts",
  "cli/output.ts",
  "cli/input.ts",
  "cli/own-command.ts",
  "cli/progress.ts",
];

/** The rooms from the ground floor up: each row may name only rows above it. */
export const ROOMS: readonly Room[] = [
  { room: "error-catalogue.ts", may: [], isNodeFree: true, packages: [] },
  { room: "foreign-errors.ts", may: ["error-catalogue.ts"], isNodeFree: true, packages: [] },
  { room: "errors.ts", may: ["error-catalogue.ts"], isNodeFree: true, packages: [] },
  { room: "base", may: ["errors.ts"], isNodeFree: true, packages: [] },
  { room: "base/log.ts", may: ["foreign-errors.ts"] },
  { room: "base/pruner.ts", may: ["base/log.ts"] },
  { room: "abi", may: [], isNodeFree: true, packages: [] },
  {
    room: "protocol",
    may: ["errors.ts", "error-catalogue.ts"],
    isNodeFree: true,
    packages: ["zod", "viem", "uuid", "canonicalize"],
  },
  { room: "wire", may: [...LEAVES], isNodeFree: true },
  { room: "contracts", may: ["abi", "base"] },
  { room: "identity", may: ["protocol", "errors.ts"] },
  { room: "transport", may: ["wire", "protocol", "errors.ts", "base", "base/log.ts"] },
  { room: "transport/brotli.ts", may: ["wire"] },
  { room: "outbound", may: ["errors.ts", "error-catalogue.ts", "base"] },

  // The SDK.
  { room: "client/agent-error.ts", may: ["errors.ts", "error-catalogue.ts"], isNodeFree: true },
  { room: "client/deadline.ts", may: ["client/agent-error.ts"], isNodeFree: true },
  { room: "client/emitter.ts", may: [], isNodeFree: true },
  { room: "client/link", may: CLIENT_LEAVES, isNodeFree: true },
  { room: "client/calls", may: [...CLIENT_LEAVES, "client/link"], isNodeFree: true },
  {
    room: "client/zones",
    may: [...CLIENT_LEAVES, "client/link", "client/calls"],
    isNodeFree: true,
  },
  {
    room: "client/inbox",
    may: [...CLIENT_LEAVES, "client/link", "client/calls"],
    isNodeFree: true,
  },
  {
    room: "client/requests",
    may: [...CLIENT_LEAVES, "client/link", "client/calls", "client/zones"],
    isNodeFree: true,
  },
  {
    room: "client/steward-finder.ts",
    may: [...CLIENT_LEAVES, "client/link", "client/calls", "client/zones"],
    isNodeFree: true,
  },
  {
    room: "client/agent-options.ts",
    may: [...CLIENT_LEAVES, "client/link", "client/calls", "client/zones", "client/requests"],
    isNodeFree: true,
  },
  {
    room: "client/agent-core.ts",
    may: [
      ...CLIENT_LEAVES,
      "client/link",
      "client/calls",
      "client/zones",
      "client/inbox",
      "client/requests",
      "client/steward-finder.ts",
      "client/agent-options.ts",
    ],
    isNodeFree: true,
  },
  {
    room: "client/methods",
    may: [
      ...CLIENT_LEAVES,
      "client/calls",
      "client/zones",
      "client/requests",
      "client/agent-options.ts",
      "client/agent-core.ts",
    ],
    isNodeFree: true,
  },
  { room: "client", may: [...VALUES, "client/"], isNodeFree: true },

  // What is durable.
  { room: "store", may: ["errors.ts", "protocol", "base"] },
  { room: "store/zones/schema.ts", may: ["store"] },
  { room: "store/zones", may: [...LEAVES, "store", "store/zones/schema.ts"] },
  { room: "store/payments", may: [...LEAVES, "store"] },
  {
    room: "store/replication",
    may: [...LEAVES, "store", "store/zones", "store/payments"],
  },
  { room: "store/admin", may: [...LEAVES, "store"] },
  { room: "store/secrets", may: [...LEAVES, "store"] },
  { room: "secrets", may: [...LEAVES, "identity", "store", "store/secrets"] },
  { room: "store/events", may: [...LEAVES, "store"] },

  // What happened, for whoever wants to hear of it.
  { room: "events/config.ts", may: [] },
  {
    room: "events",
    may: [...LEAVES, "base/log.ts", "store", "store/payments", "store/events", "events/config.ts"],
  },

  // What happened, for other systems.
  { room: "store/webhooks", may: ["store"] },
  { room: "webhooks/config.ts", may: ["outbound"] },
  {
    room: "webhooks",
    may: [
      ...LEAVES,
      "base/log.ts",
      "outbound",
      "secrets",
      "events",
      "store",
      "store/events",
      "store/webhooks",
      "webhooks/config.ts",
    ],
  },

  // How long what was done took, for a collector elsewhere.
  { room: "tracing/config.ts", may: [] },
  { room: "tracing/headers.ts", may: [] },
  {
    room: "tracing",
    may: [
      "base",
      "base/log.ts",
      "foreign-errors.ts",
      "events",
      "store",
      "store/payments",
      "tracing/config.ts",
      "tracing/headers.ts",
    ],
  },

  // What waits for a zone's other stewards, as zones and money know of it.
  { room: "zones/zone-gate.ts", may: ["errors.ts", "protocol", "wire"] },

  // Money: the chain at the bottom, the door at the top.
  { room: "payments/config.ts", may: [] },
  { room: "payments/port.ts", may: ["errors.ts", "protocol", "wire", "store"] },
  {
    room: "payments/chain",
    may: [...VALUES, "base/log.ts", "abi", "store/payments", "payments/config.ts"],
  },
  {
    room: "payments/authorization",
    may: [...VALUES, "abi", "store/payments", "payments/chain"],
  },
  {
    room: "payments/ledger",
    may: [
      ...VALUES,
      "base/log.ts",
      "zones/zone-gate.ts",
      "store",
      "store/payments",
      "payments/port.ts",
      "payments/chain",
      "payments/authorization",
    ],
  },
  {
    room: "payments/contracts",
    may: [...VALUES, "abi", "store", "store/payments", "payments/chain", "payments/ledger"],
  },
  {
    room: "payments/escrow",
    may: [
      ...VALUES,
      "base/log.ts",
      "abi",
      "store",
      "store/payments",
      "payments/port.ts",
      "payments/chain",
      "payments/authorization",
      "payments/ledger",
      "payments/contracts",
    ],
  },
  {
    room: "payments/books",
    may: [
      ...VALUES,
      "abi",
      "store",
      "store/payments",
      "payments/chain",
      "payments/ledger",
      "payments/contracts",
    ],
  },
  {
    room: "payments/jobs",
    may: [
      ...VALUES,
      "abi",
      "store",
      "store/payments",
      "payments/port.ts",
      "payments/chain",
      "payments/ledger",
      "payments/contracts",
      "payments/escrow",
    ],
  },
  {
    room: "payments/intake",
    may: [
      ...VALUES,
      "abi",
      "store",
      "store/payments",
      "payments/config.ts",
      "payments/port.ts",
      "payments/chain",
      "payments/authorization",
      "payments/ledger",
      "payments/contracts",
      "payments/escrow",
    ],
  },
  {
    room: "payments/settling",
    may: [
      ...VALUES,
      "base/log.ts",
      "abi",
      "store",
      "store/payments",
      "payments/config.ts",
      "payments/chain",
      "payments/authorization",
      "payments/ledger",
      "payments/contracts",
      "payments/escrow",
      "payments/jobs",
    ],
  },
  {
    room: "payments",
    may: [...VALUES, "base/log.ts", "zones/zone-gate.ts", "store", "store/payments", "payments/"],
  },

  // Zones.
  { room: "zones/params", may: ["errors.ts", "protocol", "wire"] },
  { room: "zones", may: [...VALUES, "store", "store/zones", "zones/zone-gate.ts"] },
  {
    room: "zones/log",
    may: [...VALUES, "identity", "store", "store/zones", "zones", "zones/zone-gate.ts"],
  },
  {
    room: "zones/hosting",
    may: [
      ...VALUES,
      "base/log.ts",
      "identity",
      "store",
      "store/zones",
      "zones",
      "zones/params",
      "zones/log",
    ],
  },
  { room: "zones/members", may: [...VALUES, "store", "store/zones", "zones", "zones/log"] },
  {
    room: "zones/handlers",
    may: [
      ...VALUES,
      "identity",
      "store",
      "store/zones",
      "zones",
      "zones/zone-gate.ts",
      "zones/log",
      "zones/hosting",
      "zones/members",
    ],
  },
  {
    room: "zones/export",
    may: [...VALUES, "identity", "store", "store/zones", "zones", "zones/log", "zones/hosting"],
  },
  {
    room: "actions",
    may: [
      ...VALUES,
      "base/log.ts",
      "identity",
      "outbound",
      "store",
      "store/zones",
      "zones/zone-gate.ts",
      "zones/log",
    ],
  },

  // Where zone, action and money meet.
  {
    room: "requests",
    may: [
      ...VALUES,
      "base/log.ts",
      "store",
      "store/zones",
      "store/replication",
      "payments/port.ts",
      "zones",
      "zones/zone-gate.ts",
      "zones/log",
      "zones/params",
      "outbound",
      "actions",
    ],
  },
  {
    room: "requests/handlers",
    may: [
      ...VALUES,
      "store",
      "store/zones",
      "payments/port.ts",
      "zones",
      "zones/zone-gate.ts",
      "zones/log",
      "zones/members",
      "outbound",
      "actions",
      "requests",
    ],
  },

  // Whether a person answers for a node.
  { room: "trust/config.ts", may: ["protocol"] },
  {
    room: "trust",
    may: [...LEAVES, "base/log.ts", "store", "store/zones", "payments/chain", "trust/config.ts"],
  },

  // What texts say.
  { room: "scanning/config.ts", may: [] },
  { room: "scanning", may: [...VALUES, "base/log.ts", "zones", "scanning/config.ts"] },

  // From bytes to a handler.
  {
    room: "session",
    may: [
      ...VALUES,
      "base/log.ts",
      "identity",
      "transport/brotli.ts",
      "transport",
      "store",
      "store/zones",
    ],
  },
  {
    room: "routing",
    may: [
      ...VALUES,
      "base/log.ts",
      "store",
      "store/zones",
      "session",
      "zones",
      "zones/zone-gate.ts",
    ],
  },

  // Zones that more than one steward holds.
  {
    room: "replication/core",
    may: ["errors.ts", "error-catalogue.ts", "protocol", "base"],
    isNodeFree: true,
  },
  {
    room: "replication/gate",
    may: [
      "errors.ts",
      "base",
      "base/log.ts",
      "protocol",
      "store",
      "wire",
      "zones/zone-gate.ts",
      "replication/core",
    ],
  },
  { room: "replication/config.ts", may: ["protocol"] },
  {
    room: "replication/records",
    may: [...VALUES, "base/log.ts", "store", "store/zones", "store/replication"],
  },
  {
    room: "replication/links",
    may: [
      ...VALUES,
      "base/log.ts",
      "identity",
      "client/agent-error.ts",
      "client/link",
      "store",
      "session",
      "zones/hosting",
      "replication/config.ts",
    ],
  },
  {
    room: "replication/serve",
    may: [
      ...VALUES,
      "identity",
      "store",
      "store/zones",
      "store/replication",
      "zones/log",
      "replication/config.ts",
      "replication/links",
    ],
  },
  {
    room: "replication/follow",
    may: [
      ...VALUES,
      "base/log.ts",
      "store",
      "store/zones",
      "store/replication",
      "zones/log",
      "replication/links",
    ],
  },
  {
    room: "replication/machines",
    may: [
      ...VALUES,
      "base/log.ts",
      "identity",
      "store",
      "store/zones",
      "store/replication",
      "zones/log",
      "zones/hosting",
      "replication/core",
      "replication/records",
      "replication/config.ts",
    ],
  },
  {
    room: "replication/exchange",
    may: [
      ...VALUES,
      "base/log.ts",
      "identity",
      "store",
      "store/zones",
      "store/replication",
      "zones/log",
      "zones/hosting",
      "replication/core",
      "replication/links",
      "replication/machines",
    ],
  },
  {
    room: "replication/forward",
    may: [
      ...VALUES,
      "store",
      "zones/log",
      "routing",
      "replication/core",
      "replication/gate",
      "replication/links",
    ],
  },
  {
    room: "replication/runs",
    may: [
      ...VALUES,
      "store",
      "store/zones",
      "store/replication",
      "replication/core",
      "replication/gate",
      "replication/links",
      "replication/machines",
    ],
  },
  {
    room: "replication/streams",
    may: [
      ...VALUES,
      "base/log.ts",
      "identity",
      "store",
      "store/zones",
      "store/replication",
      "zones/log",
      "replication/config.ts",
      "replication/core",
      "replication/records",
      "replication/links",
      "replication/machines",
      "replication/exchange",
      "replication/serve",
      "replication/follow",
    ],
  },
  {
    room: "replication/status",
    may: [...VALUES, "store", "store/replication", "replication/core"],
  },
  {
    room: "replication/evidence",
    may: [...VALUES, "replication/records", "replication/follow"],
  },
  {
    room: "replication/creator",
    may: [
      ...VALUES,
      "base/log.ts",
      "client/agent-error.ts",
      "client/methods",
      "client/zones",
      "client",
      "replication/status",
    ],
  },
  {
    room: "replication",
    may: [
      "events",
      ...VALUES,
      "base/log.ts",
      "identity",
      "store",
      "store/zones",
      "store/replication",
      "zones/log",
      "zones/hosting",
      "zones/log",
      "replication/",
    ],
  },

  // The steward, put together.
  { room: "version.ts", may: [] },
  { room: "admin/config.ts", may: [] },
  { room: "data-dir.ts", may: ["base", "store"] },
  { room: "backup/config.ts", may: [] },
  { room: "admin/config.ts", may: [] },
  {
    room: "config",
    may: [
      "trust/config.ts",
      "webhooks/config.ts",
      "base",
      "store",
      "backup/config.ts",
      "payments/config.ts",
      "zones",
      "transport",
      "session",
      "actions",
      "identity",
      "replication/config.ts",
      "admin/config.ts",
      "scanning/config.ts",
      "events/config.ts",
      "tracing/config.ts",
      "tracing/headers.ts",
    ],
  },
  {
    room: "backup",
    may: [
      ...VALUES,
      "base/log.ts",
      "identity",
      "secrets",
      "store",
      "store/secrets",
      "store/zones",
      "store/replication",
      "store/events",
      "zones/export",
      "backup/config.ts",
      "data-dir.ts",
    ],
  },
  { room: "twin-watch.ts", may: ["base/log.ts", "config"] },
  {
    room: "foundation.ts",
    may: [
      "events",
      "tracing",
      "version.ts",
      "base",
      "base/log.ts",
      "identity",
      "outbound",
      "store",
      "store/zones",
      "replication/gate",
      "secrets",
      "session",
      "config",
      "data-dir.ts",
    ],
  },
  {
    room: "request-service.ts",
    may: [
      "base",
      "wire",
      "store/zones",
      "payments/port.ts",
      "zones/log",
      "actions",
      "requests",
      "foundation.ts",
    ],
  },
  {
    room: "zone-service.ts",
    may: [
      "identity",
      "store/zones",
      "payments/port.ts",
      "zones",
      "zones/",
      "requests",
      "requests/",
      "scanning",
      "foundation.ts",
      "request-service.ts",
    ],
  },
  { room: "reload.ts", may: ["base/log.ts", "actions", "config"] },
  {
    room: "admin/deps.ts",
    may: [
      "webhooks",
      "events",
      "twin-watch.ts",
      "store/payments",
      "reload.ts",
      ...LEAVES,
      "base/log.ts",
      "identity",
      "outbound",
      "store",
      "store/zones",
      "store/admin",
      "payments",
      "session",
      "transport",
      "routing",
      "replication",
      "replication/gate",
      "config",
      "backup",
      "zone-service.ts",
    ],
  },
  { room: "admin/shown-config.ts", may: ["config", "protocol", "outbound"] },
  { room: "admin/warnings.ts", may: ["config", "payments"] },
  {
    room: "admin/http",
    may: [
      ...VALUES,
      "transport",
      "store",
      "store/admin",
      "zones",
      "admin/config.ts",
      "admin/deps.ts",
    ],
  },
  { room: "admin/openapi.ts", may: [...LEAVES, "version.ts", "admin/http"] },
  {
    room: "admin/hosting",
    may: [
      ...VALUES,
      "identity",
      "store",
      "store/zones",
      "zones",
      "zones/hosting",
      "zone-service.ts",
      "admin/deps.ts",
      "admin/http",
    ],
  },
  {
    room: "admin/metrics",
    may: ["base", "store", "payments", "version.ts", "admin/deps.ts"],
  },
  {
    room: "admin/routes",
    may: [
      "webhooks",
      "events",
      "twin-watch.ts",
      ...VALUES,
      "identity",
      "store/",
      "store",
      "payments",
      "payments/port.ts",
      "zones/",
      "zones",
      "requests",
      "session",
      "backup",
      "outbound",
      "version.ts",
      "zone-service.ts",
      "admin/warnings.ts",
      "admin/shown-config.ts",
      "admin/deps.ts",
      "admin/http",
      "admin/hosting",
      "admin/metrics",
      "replication/status",
    ],
  },
  {
    room: "admin/dashboard/frame",
    may: [...LEAVES, "store", "store/admin", "admin/deps.ts", "admin/http", "admin/metrics"],
  },
  {
    room: "admin/dashboard/pages",
    may: [...LEAVES, "config", "admin/dashboard/frame"],
  },
  {
    room: "admin/play/browser",
    may: ["protocol", "client"],
    isNodeFree: true,
  },
  {
    room: "admin/play",
    may: ["errors.ts", "admin/deps.ts", "admin/dashboard/frame"],
  },
  {
    room: "admin/dashboard",
    may: [
      ...LEAVES,
      "events",
      "admin/deps.ts",
      "admin/http",
      "admin/metrics",
      "admin/dashboard/frame",
      "admin/dashboard/pages",
      "admin/play",
    ],
  },
  { room: "admin", may: ["errors.ts", "admin/"] },
  { room: "http-server.ts", may: ["base", "transport"] },
  {
    room: "wire-service.ts",
    may: [
      "trust",
      "events",
      "wire",
      "identity",
      "transport",
      "store/zones",
      "session",
      "routing",
      "replication",
      "foundation.ts",
      "zone-service.ts",
    ],
  },
  { room: "zone-registration.ts", may: ["payments", "zones/hosting", "config"] },
  {
    room: "housekeeping.ts",
    may: [
      "webhooks",
      "events",
      "trust",
      "zones/hosting",
      "base/log.ts",
      "base/pruner.ts",
      "base",
      "store",
      "store/admin",
      "store/zones",
      "store/replication",
      "payments",
      "zones/log",
      "replication",
      "routing",
      "config",
      "zone-service.ts",
    ],
  },
  {
    room: "drain.ts",
    may: [
      "store",
      "store/admin",
      "session",
      "config",
      "http-server.ts",
      "wire-service.ts",
      "zone-service.ts",
    ],
  },
  {
    room: "steward.ts",
    may: [
      "tracing",
      "trust",
      "webhooks",
      "events",
      "twin-watch.ts",
      "store/payments",
      "wire",
      "base",
      "base/log.ts",
      "identity",
      "store/admin",
      "payments",
      "payments/port.ts",
      "requests",
      "session",
      "replication",
      "config",
      "data-dir.ts",
      "version.ts",
      "backup",
      "admin",
      "admin/routes",
      "drain.ts",
      "foundation.ts",
      "housekeeping.ts",
      "http-server.ts",
      "reload.ts",
      "request-service.ts",
      "wire-service.ts",
      "zone-registration.ts",
      "zone-service.ts",
    ],
  },

  // For people at a terminal.
  {
    room: "dev",
    may: [
      "abi",
      "base",
      "base/log.ts",
      "contracts",
      "identity",
      "config",
      "data-dir.ts",
      "steward.ts",
    ],
  },
  { room: "cli/exit-codes.ts", may: [] },
  { room: "cli/output.ts", may: [] },
  { room: "cli/progress.ts", may: [] },
  { room: "cli/own-command.ts", may: ["base"] },
  { room: "cli/input.ts", may: [...VALUES, "config", "cli/exit-codes.ts"] },
  { room: "cli/signals.ts", may: ["base", "base/log.ts"] },
  {
    room: "cli/operator/admin-client.ts",
    may: [...VALUES, "config", "data-dir.ts", "client/link", ...CLI_LEAVES],
  },
  {
    room: "cli/failure.ts",
    may: [
      ...VALUES,
      "identity",
      "config",
      "payments/chain",
      "client/agent-error.ts",
      "cli/operator/admin-client.ts",
      ...CLI_LEAVES,
    ],
  },
  {
    room: "cli/operator",
    may: [
      ...VALUES,
      "identity",
      "config",
      "data-dir.ts",
      "store",
      "store/admin",
      "store/events",
      "cli/failure.ts",
      "cli/operator/admin-client.ts",
      ...CLI_LEAVES,
    ],
  },
  {
    room: "cli/agent",
    may: [
      "transport/brotli.ts",
      ...VALUES,
      "client/",
      "client",
      "data-dir.ts",
      "dev",
      "identity",
      "cli/failure.ts",
      "cli/signals.ts",
      "cli/operator",
      ...CLI_LEAVES,
      "replication/creator",
    ],
  },
  {
    room: "cli/chain",
    may: [
      ...VALUES,
      "abi",
      "contracts",
      "identity",
      "config",
      "data-dir.ts",
      "dev",
      "payments/chain",
      "payments/config.ts",
      "cli/failure.ts",
      ...CLI_LEAVES,
    ],
  },
  {
    room: "cli/doctor",
    may: [
      "base",
      "identity",
      "config",
      "data-dir.ts",
      "secrets",
      "store/secrets",
      "store",
      "payments/chain",
      "trust",
      "trust/config.ts",
      "cli/operator",
      ...CLI_LEAVES,
    ],
  },
  {
    room: "cli/secrets",
    may: [
      "base",
      "identity",
      "config",
      "data-dir.ts",
      "secrets",
      "store",
      "store/secrets",
      "store/admin",
      ...CLI_LEAVES,
    ],
  },
  { room: "cli/demo", may: [...VALUES, "client", "dev", ...CLI_LEAVES] },
  {
    room: "cli",
    may: [
      "zones/export",
      ...VALUES,
      "base/log.ts",
      "identity",
      "config",
      "version.ts",
      "data-dir.ts",
      "secrets",
      "store",
      "store/admin",
      "dev",
      "steward.ts",
      "backup",
      "replication/evidence",
      "cli/",
    ],
  },
  { room: "main.ts", may: ["cli", "cli/exit-codes.ts", "cli/failure.ts"] },
];

/** What lies behind a door is reached through it alone. */
export const DOORS: readonly Door[] = [
  {
    inside: "payments/",
    through: ["payments/payments.ts", "payments/port.ts", "payments/config.ts"],
    also: {
      // Looks at a chain before a steward runs on it.
      "cli/chain": [
        "payments/chain/cancun.ts",
        "payments/chain/contract-check.ts",
        "payments/chain/contract-views.ts",
        "payments/chain/findings.ts",
        "payments/chain/inspect.ts",
        "payments/chain/rpc-endpoint.ts",
        "payments/chain/token-check.ts",
      ],
      "cli/doctor": ["payments/chain/findings.ts", "payments/chain/inspect.ts"],
      // Asks a chain that need not be one of payments.
      trust: [
        "payments/chain/contract-views.ts",
        "payments/chain/rpc-endpoint.ts",
        "payments/chain/rpc-pool.ts",
      ],
      // Says how such a look failed.
      "cli/failure.ts": ["payments/chain/contract-views.ts", "payments/chain/rpc-endpoint.ts"],
    },
  },
];

/** Imports that the table forbids and that stand for now; the list only shrinks. */
export const KNOWN: readonly KnownImport[] = [];

/** Folders beside `src`, and the only folders beside it and beside themselves that they may import. */
export const ANNEXES: readonly Annex[] = [{ folder: "bench", may: ["test/support"] }];
