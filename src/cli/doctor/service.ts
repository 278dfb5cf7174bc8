import { createServer } from "node:net";
import type { Config } from "../../config/config.ts";
import { toPlain } from "../output.ts";
import { createFindings, type Finding } from "./finding.ts";

const { good, note, bad } = createFindings("service");
const TIMEOUT_MS = 5000;

/** What is known of the steward that is looked at. */
export interface ServiceInput {
  readonly config: Config;
  /** Where it is asked; undefined: at the configured address. */
  readonly url: string | undefined;
  readonly token: string | undefined;
  /** Whether a process holds the data directory. */
  readonly isHeld: boolean;
  readonly nodeId: string | undefined;
}

/** Looks at the port, where no steward runs, else at what the running one says of itself. */
export async function diagnoseService(input: ServiceInput): Promise<Finding[]> {
  const { config, isHeld, url } = input;
  if (!isHeld && url === undefined) return [await diagnosePort(config.http)];
  const base = url ?? toLocalUrl(config.http);
  if (base === undefined) {
    return [
      note("admin API", "http.port is 0, so its address is not known", "Name it with --url."),
    ];
  }
  const about = await ask(base, "/.well-known/atlas.json");
  if (about === undefined) {
    const detail = `${base} does not answer though a steward holds the data directory`;
    return [
      bad(
        "admin API",
        detail,
        "Is it starting, or stuck? See its log. Is the port another one? --url names it.",
      ),
    ];
  }
  const own = isOwn(about, input.nodeId);
  return [
    own
      ? good("admin API", `${base} answers`)
      : bad(
          "admin API",
          `${base} is another steward: ${about.node_id}`,
          "Name this one's address with --url, or stop the other one.",
        ),
    ...(own ? await diagnoseHealth(base) : []),
    ...(own ? await diagnoseBreakers(base, input.token) : []),
    ...(await diagnosePublicUrl(input)),
  ];
}

type Body = Readonly<Record<string, unknown>>;

async function ask(base: string, path: string, token?: string): Promise<Body | undefined> {
  try {
    const response = await fetch(new URL(path, base), {
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    });
    const body = (await response.json()) as unknown;
    return typeof body === "object" && body !== null ? (body as Body) : undefined;
  } catch {
    return undefined;
  }
}

function isOwn({ node_id }: Body, nodeId: string | undefined): boolean {
  return nodeId === undefined ? typeof node_id === "string" : node_id === nodeId;
}

function toLocalUrl({ host, port }: Config["http"]): string | undefined {
  if (port === 0) return undefined;
  const local = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${local.includes(":") ? `[${local}]` : local}:${port}`;
}

async function diagnosePort({ host, port }: Config["http"]): Promise<Finding> {
  const item = "port";
  const where = `${host}:${port}`;
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
  if (code === undefined) return good(item, `${where} is free`);
  if (code === "EADDRINUSE") {
    return bad(
      item,
      `${where} is taken by another process`,
      "End that one, or set http.port (--port).",
    );
  }
  return bad(
    item,
    `${where} cannot be listened on (${code})`,
    "See http.host and http.port: an address of this machine, a port from 1024 on.",
  );
}

interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly problem?: string;
  readonly alarms?: readonly {
    readonly id: string;
    readonly what: string;
    readonly remedy: string;
  }[];
  readonly not_in_charge?: number;
  readonly halted?: number;
}

interface Health {
  readonly checks?: readonly HealthCheck[];
  readonly warnings?: readonly {
    readonly key: string;
    readonly what: string;
    readonly remedy: string;
  }[];
}

/** What `/readyz?verbose` says: failing checks, alarms, warnings, how replicated zones stand. */
async function diagnoseHealth(base: string): Promise<Finding[]> {
  const body = await ask(base, "/readyz?verbose");
  const failed = body?.error as { readonly details?: Health } | undefined;
  const { checks = [], warnings = [] } = (failed?.details ?? body ?? {}) as Health;
  const failing = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  return [
    failing.length === 0
      ? good("ready", "the steward takes work")
      : bad(
          "ready",
          `not ready: ${failing.join(", ")}`,
          "GET /readyz?verbose and the other findings say why.",
        ),
    ...checks.flatMap(toAlarmFindings),
    ...warnings.map(({ key, what, remedy }) => bad(key, what, remedy)),
    ...checks.filter(({ name }) => name === "replication").flatMap(toReplicaFindings),
  ];
}

function toAlarmFindings({ name, alarms = [] }: HealthCheck): Finding[] {
  return alarms.map(({ id, what, remedy }) => bad(`${name} ${id}`, toPlain(what), remedy));
}

function toReplicaFindings({ not_in_charge = 0, halted = 0 }: HealthCheck): Finding[] {
  const item = "replication";
  const waiting =
    "`steward replica list` names the zones and whom they wait for; bring those stewards back, or take the zone over: steward replica promote.";
  const proof = "Look at the proof (steward replica evidence), then go on: steward replica resync.";
  return [
    ...(not_in_charge > 0
      ? [bad(item, `${not_in_charge} zone(s) wait for their voters`, waiting)]
      : []),
    ...(halted > 0 ? [bad(item, `${halted} zone(s) are halted`, proof)] : []),
  ];
}

interface BreakerBody {
  readonly name: string;
  readonly state: string;
}

/** Which upstreams of actions, and which webhooks, are known to be down; for tokens. */
async function diagnoseBreakers(base: string, token: string | undefined): Promise<Finding[]> {
  const item = "upstreams";
  if (token === undefined) {
    const hint = "Give --token-file or STEWARD_TOKEN, scope read, to see them.";
    return [note(item, "were not looked at: only a token may", hint)];
  }
  const body = await ask(base, "/v1/breakers", token);
  const breakers = body?.breakers as readonly BreakerBody[] | undefined;
  if (breakers === undefined) {
    const { code = "no answer" } = (body?.error ?? {}) as { readonly code?: string };
    return [
      bad(
        item,
        `cannot be asked about (${code})`,
        "Is the token one of this steward's? steward token list.",
      ),
    ];
  }
  const open = breakers.filter(({ state }) => state !== "closed");
  if (open.length === 0) return [good(item, "none is known to be down")];
  return open.map(({ name }) =>
    bad(
      item,
      `${name} is down; what is posted to it waits or is refused`,
      "Bring it back; it is tried again within a minute, or at once: steward breaker close NAME.",
    ),
  );
}

/** Whether agents reach this steward where it says that they do. */
async function diagnosePublicUrl({ config, nodeId }: ServiceInput): Promise<Finding[]> {
  const { public_url: url } = config.http;
  if (url === undefined) return [];
  const item = "http.public_url";
  const about = await ask(url.replace(/^ws/, "http"), "/.well-known/atlas.json");
  if (about === undefined) {
    return [
      bad(
        item,
        `${url} does not answer from here`,
        "See the proxy and the name's address; from this machine it may also be a firewall's doing.",
      ),
    ];
  }
  if (isOwn(about, nodeId)) return [good(item, `${url} leads here`)];
  return [
    bad(
      item,
      `${url} leads to another steward: ${String(about.node_id)}`,
      "Correct the proxy, or http.public_url.",
    ),
  ];
}
