import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecodedEnvelope } from "../../src/wire/envelope.ts";
import { WireClient } from "../support/wire-client.ts";
import type { Target } from "./corpus.ts";
import { type Shot, toEarlyShot, toShot } from "./frames.ts";
import { findFault, toKind } from "./judge.ts";
import { Line, type Stage } from "./line.ts";
import type { Random } from "./random.ts";

const BATCH_MAX = 30;
const EARLY_SHOTS = 3;

/** How many frames several attackers send together. */
export interface Budget {
  readonly frames: number;
  /** Frames the steward is known to have read. */
  taken: number;
}

/** Sends hostile frames over one connection after another, and judges everything that comes back. */
export class Attacker {
  /** What came back that should not have. */
  readonly faults: string[] = [];
  /** How often each kind of answer came. */
  readonly answers = new Map<string, number>();
  private readonly url: string;
  private readonly target: Target;
  private readonly random: Random;
  private line: Line | undefined;

  constructor(url: string, target: Target, random: Random) {
    this.url = url;
    this.target = target;
    this.random = random;
  }

  /** Attacks open sessions until the budget is spent. */
  async attack(budget: Budget): Promise<void> {
    while (budget.taken < budget.frames && this.faults.length === 0) {
      const line = this.line?.client.closed === false ? this.line : await this.openSession();
      const count = 1 + this.random.below(BATCH_MAX);
      const shots = Array.from({ length: count }, () => toShot(this.target, this.random));
      const taken = await this.volley(line, shots);
      if (taken < count) await line.cut();
      budget.taken += taken;
    }
    await this.line?.cut();
  }

  /** Attacks handshakes, on a connection each, until the budget is spent. */
  async attackHandshakes(budget: Budget): Promise<void> {
    while (budget.taken < budget.frames && this.faults.length === 0) {
      const client = await WireClient.open(this.url, this.target.key);
      const line = new Line(client, "early", (envelope) => this.judge(envelope, "early"));
      const toOne = () => toEarlyShot(this.target, this.random);
      budget.taken += await this.volley(line, Array.from({ length: EARLY_SHOTS }, toOne));
      await line.cut();
    }
  }

  private async openSession(): Promise<Line> {
    const client = await WireClient.connect(this.url, { key: this.target.key });
    this.line = new Line(client, "open", (envelope) => this.judge(envelope, "open"));
    client.sendBody({ type: "zone.join", zone_id: this.target.zones[0] });
    return this.line;
  }

  private async volley(line: Line, shots: readonly Shot[]): Promise<number> {
    const taken = await line.volley(shots).catch((error: Error) => {
      this.faults.push(error.message);
      return 0;
    });
    if (this.faults.length > 0) this.faults.push(`after the frames in ${writeShots(shots)}`);
    return taken;
  }

  private judge(envelope: DecodedEnvelope, stage: Stage): void {
    const kind = toKind(envelope);
    this.answers.set(kind, (this.answers.get(kind) ?? 0) + 1);
    const { stewardId } = this.target;
    const fault = findFault(envelope, { stewardId, stage });
    if (fault !== undefined) this.faults.push(fault);
    if (envelope.type === "message" && envelope.fields.from !== stewardId) {
      this.acknowledge(envelope.fields.id);
    }
  }

  /** Takes every other direct message for good; the rest come again. */
  private acknowledge(id: unknown): void {
    if (this.line?.client.closed !== false || this.random.chance(0.5)) return;
    this.line.client.send("message_ack", { msg_id: id, status: "received" });
  }
}

/** Keeps what led to a fault; returns the file. */
function writeShots(shots: readonly Shot[]): string {
  const file = join(mkdtempSync(join(tmpdir(), "fuzz-fault-")), "frames.txt");
  const toText = (shot: Shot) =>
    "text" in shot ? `text ${shot.text}` : Buffer.from(shot.bytes).toString("hex");
  writeFileSync(file, shots.map(toText).join("\n"));
  return file;
}
