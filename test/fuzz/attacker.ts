import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WebSocket } from "ws";
import { type DecodedEnvelope, decodeEnvelope } from "../../src/wire/envelope.ts";
import { WireClient } from "../support/wire-client.ts";
import type { Target } from "./corpus.ts";
import { type Shot, toShot } from "./frames.ts";
import { findFault, toKind } from "./judge.ts";
import { mutateTree } from "./mutate.ts";
import { frame, pack } from "./pack.ts";
import type { Random } from "./random.ts";

const BATCH_MAX = 30;
const ANSWER_MS = 20_000;
/** Below any time a frame of the attack would ping with. */
const BARRIERS = 1_000_000;
const HELLO = 0x01;
const VERIFY = 0x03;
/** More than a steward reads before Verify, so that it ends the connection whatever they are. */
const SHOTS_BEFORE_VERIFY = 20;

/** How many frames are still to be sent, by all attackers together. */
export interface Budget {
  left: number;
  /** Answered, in the order they were sent, or ended by a clean close. */
  taken: number;
}

/** Sends hostile frames over one session after another, and judges everything that comes back. */
export class Attacker {
  /** What came back that should not have. */
  readonly faults: string[] = [];
  /** How often each kind of answer came. */
  readonly answers = new Map<string, number>();
  private readonly url: string;
  private readonly target: Target;
  private readonly random: Random;
  private client: WireClient | undefined;
  private isOpen = false;
  private pings = 0;
  private echoed = 0;
  private wake: () => void = () => {};

  constructor(url: string, target: Target, random: Random) {
    this.url = url;
    this.target = target;
    this.random = random;
  }

  /** Attacks open sessions until the budget is spent. */
  async attack(budget: Budget): Promise<void> {
    while (budget.left > 0 && this.faults.length === 0) {
      const client = this.client?.closed === false ? this.client : await this.connect();
      const count = Math.min(budget.left, 1 + this.random.below(BATCH_MAX));
      budget.left -= count;
      const shots = Array.from({ length: count }, () => toShot(this.target, this.random));
      for (const shot of shots) fire(client.socket, shot);
      client.send("ping", { ts: -BARRIERS - ++this.pings });
      await this.answered(client, shots);
      budget.taken += count;
    }
  }

  /** Attacks handshakes, on a connection each, until the budget is spent. */
  async attackHandshakes(budget: Budget): Promise<void> {
    while (budget.left > 0 && this.faults.length === 0) {
      budget.left -= SHOTS_BEFORE_VERIFY;
      const client = await WireClient.open(this.url, this.target.key);
      this.listen(client);
      const shots = Array.from({ length: SHOTS_BEFORE_VERIFY }, () => this.toEarlyShot());
      for (const shot of shots) fire(client.socket, shot);
      this.client = client;
      await this.answered(client, shots);
      budget.taken += SHOTS_BEFORE_VERIFY;
    }
  }

  /** Leaves. */
  async close(): Promise<void> {
    this.client?.socket.terminate();
    await this.client?.waitClosed();
    this.client = undefined;
  }

  private async connect(): Promise<WireClient> {
    const client = await WireClient.connect(this.url, { key: this.target.key });
    this.listen(client);
    client.sendBody({ type: "zone.join", zone_id: this.target.zones[0] });
    this.client = client;
    this.isOpen = true;
    this.pings = 0;
    this.echoed = 0;
    return client;
  }

  /** Takes the frames from the client, which would keep them all. */
  private listen(client: WireClient): void {
    client.socket.removeAllListeners("message");
    client.socket.on("message", (data: Buffer) => this.judge(decodeEnvelope(data)));
    client.socket.on("close", () => this.wake());
  }

  private judge(envelope: DecodedEnvelope): void {
    const kind = toKind(envelope);
    this.answers.set(kind, (this.answers.get(kind) ?? 0) + 1);
    const fault = findFault(envelope, { stewardId: this.target.stewardId, isOpen: this.isOpen });
    if (fault !== undefined) this.faults.push(fault);
    if (envelope.type === "pong") {
      this.echoed = Math.max(this.echoed, -BARRIERS - (envelope.fields.echo as number));
    }
    this.wake();
  }

  /** Waits for the pong behind a batch, or for the end of the session. */
  private async answered(client: WireClient, shots: readonly Shot[]): Promise<void> {
    const isAnswered = () => client.closed || (this.pings > 0 && this.echoed === this.pings);
    const silence = setTimeout(() => {
      this.faults.push(`no answer within ${ANSWER_MS} ms`);
      this.wake();
    }, ANSWER_MS);
    while (!isAnswered() && this.faults.length === 0) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    clearTimeout(silence);
    if (this.faults.length > 0) this.faults.push(`after the frames in ${writeShots(shots)}`);
  }

  private toEarlyShot(): Shot {
    const { random, target } = this;
    if (random.chance(0.3)) return toShot(target, random);
    const hello = {
      node_id: target.key.nodeId,
      name: "fuzz",
      skills: [],
      public_key: target.key.publicKey,
      protocol_v: 1,
      timestamp: Math.floor(Date.now() / 1000),
      capabilities: ["bound_verify"],
      challenge: random.bytes(32),
    };
    const verify = { signature: random.bytes(64), challenge: random.bytes(32) };
    const [type, fields] = random.pick([
      [HELLO, hello],
      [VERIFY, verify],
    ] as const);
    return { bytes: frame(type, pack(random.chance(0.2) ? fields : mutateTree(fields, random))) };
  }
}

function fire(socket: WebSocket, shot: Shot): void {
  if ("text" in shot) socket.send(shot.text, { binary: false });
  else socket.send(shot.bytes, { binary: true });
}

/** Keeps what led to a fault; returns the file. */
function writeShots(shots: readonly Shot[]): string {
  const file = join(mkdtempSync(join(tmpdir(), "fuzz-fault-")), "frames.txt");
  const toText = (shot: Shot) =>
    "text" in shot ? `text ${shot.text}` : Buffer.from(shot.bytes).toString("hex");
  writeFileSync(file, shots.map(toText).join("\n"));
  return file;
}
