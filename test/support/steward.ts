import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, type Logger } from "../../src/base/log.ts";
import { parseConfig } from "../../src/config/config.ts";
import { createSteward, type Steward } from "../../src/steward.ts";

/** Limits no test reaches by accident. */
export const WIDE_LIMITS = {
  unknown: {
    messages_per_second: 100_000,
    messages_per_minute: 1_000_000,
    bytes_per_minute: 10_000_000_000,
  },
  zone: { messages_per_minute: 1_000_000 },
};

export interface TestStewardOptions {
  /** The database is an older copy's. */
  readonly isRestored?: boolean;
  /** Default: the level of `TEST_LOG` on stderr. */
  readonly log?: Logger;
  readonly config?: Record<string, unknown>;
  /** Kept by the caller; otherwise temporary and removed at the end. */
  readonly dataDir?: string;
  readonly nowMs?: () => number;
  /** Default: the clock of `nowMs`. */
  readonly monotonicMs?: () => number;
}

export interface TestSteward extends AsyncDisposable {
  readonly steward: Steward;
  readonly wireUrl: string;
  readonly httpUrl: string;
  readonly nodeId: string;
  readonly dataDir: string;
  readonly token: string;
  /** Calls the admin API with the admin token. */
  api(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<ApiAnswer>;
  /** The nodes that have a session now. */
  listOnline(): Promise<readonly string[]>;
  /** Creates a zone that echoes for free. */
  createZone(fields?: Record<string, unknown>): Promise<string>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a JSON body, asserted on by each test
  readonly body: any;
}

/** Boots a real steward on port 0 with its own SQLite file. */
export async function startSteward(options: TestStewardOptions = {}): Promise<TestSteward> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "steward-test-"));
  const config = parseConfig(
    {
      data_dir: dataDir,
      http: { port: 0 },
      limits: WIDE_LIMITS,
      handlers: { "*": { echo: { type: "echo" } } },
      ...options.config,
    },
    dataDir,
  );
  const steward = await createSteward(config, {
    log: options.log ?? createLogger(process.env.TEST_LOG ?? "silent"),
    ...(options.nowMs && { nowMs: options.nowMs }),
    ...(options.monotonicMs && { monotonicMs: options.monotonicMs }),
    isRestored: options.isRestored,
  });
  const token = steward.firstToken ?? "";
  const api = createApi(steward.httpUrl, token);
  return {
    steward,
    wireUrl: steward.wireUrl,
    httpUrl: steward.httpUrl,
    nodeId: steward.nodeId,
    dataDir,
    token,
    api,
    listOnline: async () => {
      const online: string[] = [];
      for (let after = ""; ; ) {
        const { body } = await api("GET", `/v1/sessions?limit=100&after=${after}`);
        online.push(...body.sessions.map(({ node_id }: { node_id: string }) => node_id));
        if (!body.next) return online;
        after = body.next;
      }
    },
    createZone: async (fields = {}) => {
      const answer = await api("POST", "/v1/zones", { ...TEST_ZONE, ...fields });
      if (answer.status !== 201) throw new Error(`No zone: ${JSON.stringify(answer.body)}`);
      return answer.body.id as string;
    },
    [Symbol.asyncDispose]: async () => {
      await steward[Symbol.asyncDispose]();
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The create-input of the zone most tests use. */
export const TEST_ZONE = {
  name: "test-zone",
  description: "A zone of the tests.",
  type: "open",
  actions: [{ name: "echo", description: "Answers its params.", params: { text: "string" } }],
};

/** Returns a function that calls an admin API. */
export function createApi(httpUrl: string, token: string): TestSteward["api"] {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${httpUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  };
}
