/**
 * A client that shares no code with this steward: written from docs/protocol.md alone. It shows that the
 * document suffices, and fails when the document and the steward part.
 */
import { type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import {
  array,
  bytesOf,
  envelope,
  type Frame,
  integer,
  type Json,
  type JsonObject,
  jcs,
  keyPair,
  nodeIdOf,
  object,
  parse,
  publicKeyOf,
  sha256,
  TYPE,
  tagged,
  text,
  uuidv7,
  verifyJson,
  WireError,
  ZoneError,
} from "./foreign-codec.ts";

const POLL_MS = 10;

interface Waiter {
  readonly resolve: (body: JsonObject) => void;
  readonly reject: (error: Error) => void;
}

/** Are the parts of a Hello that a client chooses. */
export interface ForeignOptions {
  readonly url: string;
  readonly name: string;
  readonly skills?: string[];
  /** Asks the steward to prove its key (§3). */
  readonly prove?: boolean;
  /** Asks for errors in detail (§7). */
  readonly detail?: boolean;
}

/** Is one agent with its node key and one session, verified in the plain form. */
export class ForeignClient {
  readonly nodeId: string;
  /** Is the steward's, as its HelloAck told and its key proves. */
  stewardId = "";
  stewardKey: Uint8Array = new Uint8Array();
  readonly #options: ForeignOptions;
  readonly #key: KeyObject;
  readonly #publicKey: Buffer;
  readonly #socket: WebSocket;
  readonly #frames: Frame[] = [];
  readonly #waiters = new Map<string, Waiter>();
  #deliveries: JsonObject[] = [];
  #closed: Error | undefined;
  #verified = false;
  #nextSend = 0;

  private constructor(options: ForeignOptions) {
    this.#options = options;
    const { secret, raw } = keyPair(randomBytes(32));
    this.#key = secret;
    this.#publicKey = raw;
    this.nodeId = nodeIdOf(this.#publicKey);
    this.#socket = new WebSocket(options.url, "atlas.v1", { perMessageDeflate: false });
    this.#socket.on("message", (data: Buffer) => this.#receive(parse(data)));
    this.#socket.on("error", (error) => this.#end(error));
    this.#socket.on("close", (code) => this.#end(new Error(`closed with ${code}`)));
  }

  /** Connects with a fresh node key and completes the plain handshake. */
  static async connect(options: ForeignOptions): Promise<ForeignClient> {
    const client = new ForeignClient(options);
    await new Promise((resolve, reject) => {
      client.#socket.once("open", resolve).once("error", reject);
    });
    await client.#handshake();
    return client;
  }

  /** Sends a body and waits for its reply; throws a WireError or a ZoneError. */
  async call(body: JsonObject): Promise<JsonObject> {
    // 5 a second are allowed and 60 a minute: a short session stays far below with this pause.
    this.#nextSend = Math.max(Date.now(), this.#nextSend + 250);
    await sleep(this.#nextSend - Date.now());
    if (this.#closed) throw this.#closed;
    const id = `msg_${uuidv7()}`;
    const timestamp = Math.floor(Date.now() / 1000);
    const reply = new Promise<JsonObject>((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject });
    });
    this.#send(TYPE.message, { id, from: this.nodeId, to: this.stewardId, timestamp, body });
    const answer = await reply;
    if (answer.type === "zone.error") throw new ZoneError(answer);
    return answer;
  }

  /** Waits for the first delivery, or late answer, that matches, and takes it out. */
  async delivery(matches: (body: JsonObject) => boolean, timeoutMs = 10_000): Promise<JsonObject> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const found = this.#deliveries.find(matches);
      this.#deliveries = this.#deliveries.filter((body) => body !== found);
      if (found) return found;
      if (this.#closed) throw this.#closed;
      if (Date.now() > end) throw new Error("nothing was delivered in time");
      await sleep(POLL_MS);
    }
  }

  /** Reads a zone's manifest and checks what §6 wants checked before joining or paying. */
  async inspect(zoneId: string): Promise<JsonObject> {
    const answer = await this.call({ type: "zone.inspect", zone_id: zoneId });
    const { public_key, signature, ...signed } = object(answer.envelope);
    const manifest = object(signed.manifest);
    const key = Buffer.from(text({ public_key: public_key ?? null }, "public_key"), "hex");
    const stewards = array(manifest.steward_set).map(object);
    if (
      typeof signature !== "string" ||
      !verifyJson("atlas-zone-manifest-v1", signed, key, signature) ||
      object(manifest.creator).node_id !== nodeIdOf(key) ||
      manifest.id !== zoneId ||
      !stewards.some(({ node_id, role }) => node_id === this.stewardId && role === "primary")
    ) {
      throw new Error("the zone's envelope does not hold");
    }
    return manifest;
  }

  /** Sends a `zone.message`; gives the position the zone's log has for it. */
  async say(zoneId: string, content: Json): Promise<number> {
    const id = `zmsg_${uuidv7()}`;
    const sent = await this.call({ type: "zone.message", zone_id: zoneId, id, content });
    return integer(sent, "seq");
  }

  /** Reads the whole log and checks its hash chain (§6). */
  async history(zoneId: string): Promise<JsonObject[]> {
    const entries: JsonObject[] = [];
    let hash = sha256("atlas-zone-log-v1", zoneId);
    for (let head = 1; entries.length < head; ) {
      const after = entries.length;
      const body = { type: "zone.history", zone_id: zoneId, after_seq: after, limit: 2 };
      const page = await this.call(body);
      head = integer(page, "head_seq");
      for (const item of array(page.entries).map(object)) {
        const entry = object(item.entry);
        hash = sha256(hash, jcs(entry));
        if (hash.toString("hex") !== item.hash) throw new Error(`chain broken at ${entry.seq}`);
        if (entry.seq !== entries.push(entry)) throw new Error(`gap at ${entry.seq}`);
      }
      if (entries.length === after) throw new Error("an empty page before the head");
    }
    return entries;
  }

  /** Says goodbye and closes. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#send(TYPE.disconnect, { reason: "normal" });
    this.#socket.close();
    while (!this.#closed) await sleep(POLL_MS);
  }

  async #handshake(): Promise<void> {
    const challenge = randomBytes(32);
    const { name, skills = [], prove, detail } = this.#options;
    const hello = this.#send(TYPE.hello, {
      node_id: this.nodeId,
      name,
      skills,
      public_key: [...this.#publicKey],
      protocol_v: 1,
      timestamp: Math.floor(Date.now() / 1000),
      ...(prove && { challenge: [...challenge] }),
      ...(detail && { capabilities: ["error_detail"] }),
    });
    const ack = (await this.#expect(TYPE.helloAck)).fields;
    this.stewardKey = bytesOf(ack.public_key);
    this.stewardId = nodeIdOf(this.stewardKey);
    if (ack.node_id !== this.stewardId) throw new Error("the steward's id is not of its key");
    if (prove) {
      const proof = tagged(
        "atlas-responder-v1",
        sha256(hello),
        bytesOf(ack.challenge),
        this.stewardId,
      );
      const signature = bytesOf(ack.signature);
      if (!verify(null, proof, publicKeyOf(this.stewardKey), signature)) {
        throw new Error("the steward did not prove its key");
      }
    }
    const theirs = bytesOf(ack.challenge);
    const signature = [...sign(null, theirs, this.#key)];
    this.#send(TYPE.verify, { signature, challenge: [...theirs] });
    const verdict = (await this.#expect(TYPE.verifyAck)).fields;
    if (verdict.status !== "ok") throw new Error(`rejected: ${verdict.reason}`);
    this.#verified = true;
    for (const frame of this.#frames.splice(0)) this.#receive(frame);
  }

  async #expect(type: number): Promise<Frame> {
    while (this.#frames.length === 0 && !this.#closed) await sleep(POLL_MS);
    const frame = this.#frames.shift();
    if (!frame) throw this.#closed ?? new Error("no answer");
    if (frame.type === TYPE.error) throw new WireError(frame.fields);
    if (frame.type !== type) throw new Error(`got type ${frame.type} instead of ${type}`);
    return frame;
  }

  #send(type: number, fields: JsonObject): Buffer {
    const bytes = envelope(type, fields);
    this.#socket.send(bytes);
    return bytes.subarray(8);
  }

  #receive(frame: Frame): void {
    const { type, fields } = frame;
    if (!this.#verified) this.#frames.push(frame);
    else if (type === TYPE.ping) this.#pong(integer(fields, "ts"));
    else if (type === TYPE.error) this.#refused(new WireError(fields), fields.ref_msg_id);
    else if (type === TYPE.message) {
      const id = typeof fields.reply_to === "string" ? fields.reply_to : "";
      const waiter = this.#waiters.get(id);
      this.#waiters.delete(id);
      if (waiter) waiter.resolve(object(fields.body));
      else this.#deliveries.push(object(fields.body));
    }
  }

  #pong(echo: number): void {
    this.#send(TYPE.pong, { ts: Math.floor(Date.now() / 1000), echo });
  }

  #refused(error: WireError, id: Json | undefined): void {
    for (const [key, waiter] of this.#waiters) {
      if (key === id || id === undefined || id === null) waiter.reject(error);
    }
  }

  #end(error: Error): void {
    this.#closed ??= error;
    for (const waiter of this.#waiters.values()) waiter.reject(error);
  }
}
