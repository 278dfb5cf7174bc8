import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { pino } from "pino";
import { expect } from "vitest";
import { parseConfig } from "../../src/config/config.ts";
import { createId } from "../../src/protocol/ids.ts";
import { createSteward, type Steward } from "../../src/steward.ts";
import { createApi, WIDE_LIMITS } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";
import type { Fields } from "./envelopes.ts";
import type { ModelAgent, ModelSession } from "./model.ts";
import type { Call } from "./moderation.ts";

const CONFIG = {
  http: { port: 0 },
  limits: WIDE_LIMITS,
  // One steward serves all runs.
  zones: {
    creation: "anyone",
    hosted_per_creator: 100_000,
    hosted_max: 100_000,
    memberships_per_node: 100_000,
  },
  // A model asks for what is not allowed more often than anybody would.
  wire: { malformed_per_minute: 1_000_000 },
};

/** A message that was sent, whose answers come later. */
export interface Sent {
  readonly id: string;
  readonly client: WireClient;
}

/** A real steward with real sockets and its own SQLite file, whose clock stands until it is moved. */
export class World implements AsyncDisposable {
  /** Milliseconds; the model's time is its seconds. */
  nowMs = Math.floor(Date.now() / 1000) * 1000;
  /** Log lines of level error and above. */
  readonly errors: Fields[] = [];
  /** How often each answer came, so that what is never reached is seen. */
  readonly reached = new Map<string, number>();
  private readonly dataDir = mkdtempSync(join(tmpdir(), "zone-model-"));
  private readonly clients = new Map<ModelSession, WireClient>();
  private steward: Steward | undefined;
  private token = "";

  /** Starts it. */
  static async start(): Promise<World> {
    const world = new World();
    await world.boot();
    return world;
  }

  get now(): number {
    return this.nowMs / 1000;
  }

  get nodeId(): string {
    return this.running.nodeId;
  }

  /** Creator of the zones that the operator makes. */
  get operatorId(): string {
    return this.running.creatorKey.nodeId;
  }

  /** Counts an answer. */
  note(what: string): void {
    this.reached.set(what, (this.reached.get(what) ?? 0) + 1);
  }

  /** Stops the steward and starts it on the same data directory; connections do not survive. */
  async restart(): Promise<void> {
    await this.running[Symbol.asyncDispose]();
    this.clients.clear();
    await this.boot();
  }

  /** Opens an agent's sessions. */
  async connect(agent: ModelAgent): Promise<void> {
    for (let i = 0; i < agent.sessionCount; i++) {
      const session: ModelSession = { agent, heard: [] };
      const client = await WireClient.connect(this.running.wireUrl, {
        key: agent.key,
        name: agent.name,
        skills: agent.skills,
        bound: agent.bound,
        hello: { timestamp: this.now },
      });
      this.clients.set(session, client);
      agent.sessions.push(session);
    }
  }

  /** Ends an agent's sessions. */
  async disconnect(agent: ModelAgent): Promise<void> {
    for (const session of agent.sessions.splice(0)) {
      const client = this.getClient(session);
      client.send("disconnect", { reason: "normal" });
      await client.waitClosed();
      this.clients.delete(session);
    }
  }

  /** Sends a body, under an id of its own or one that was used before. */
  send(session: ModelSession, body: Fields, id = createId("msg")): Sent {
    const client = this.getClient(session);
    client.sendBody(body, { id, timestamp: this.now });
    return { id, client };
  }

  /** Waits until a message was acknowledged; returns the Error where it was refused instead. */
  async accepted({ id, client }: Sent): Promise<Fields | undefined> {
    const { type, fields } = await client.take(
      (e) =>
        (e.type === "message_ack" && e.fields.msg_id === id) ||
        (e.type === "error" && e.fields.ref_msg_id === id),
    );
    return type === "error" ? { type, code: fields.code, reason: fields.reason } : undefined;
  }

  /** Waits for the zone reply; of an error only what programs decide by. */
  async replied({ id, client }: Sent): Promise<Fields> {
    const reply = await client.replyTo(id);
    const { type, code, reason } = reply;
    return type === "zone.error" ? { type, code, reason } : reply;
  }

  /** Calls the admin API; an error looks like a zone's. */
  async call({ method, path, body, headers }: Call): Promise<Fields | undefined> {
    const api = createApi(this.running.httpUrl, this.token);
    const answer = await api(method, path, body, headers);
    const code: unknown = answer.body?.error?.code;
    return code === undefined ? answer.body : { type: "zone.error", code };
  }

  /** Checks that a session was told what the model says, in that order, and nothing else. */
  async settle(session: ModelSession): Promise<void> {
    const client = this.getClient(session);
    client.send("ping", { ts: this.now });
    await client.next("pong");
    const told = client.received.splice(0).filter(({ type }) => type !== "ping");
    expect(
      told.map(({ type, fields }) => (type === "message" ? (fields.body as Reply) : type)),
    ).toEqual(session.heard);
    session.heard.length = 0;
  }

  /** Reads the SQLite file beside the running steward. */
  readFile<T>(sql: string, ...params: string[]): T[] {
    const db = new Database(join(this.dataDir, "steward.sqlite"), { readonly: true });
    try {
      return db.prepare(sql).all(...params) as T[];
    } finally {
      db.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.steward?.[Symbol.asyncDispose]();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private get running(): Steward {
    if (this.steward === undefined) throw new Error("The steward is not running.");
    return this.steward;
  }

  private getClient(session: ModelSession): WireClient {
    const client = this.clients.get(session);
    if (client === undefined) throw new Error("The session is not open.");
    return client;
  }

  private async boot(): Promise<void> {
    const write = (line: string): void => void this.errors.push(JSON.parse(line));
    this.steward = await createSteward(
      parseConfig({ ...CONFIG, data_dir: this.dataDir }, this.dataDir),
      { nowMs: () => this.nowMs, log: pino({ level: "error" }, { write }) },
    );
    this.token = this.steward.firstToken ?? this.token;
  }
}
