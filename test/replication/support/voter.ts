import { onTestFinished } from "vitest";
import type { NodeKey } from "../../../src/identity/node-key.ts";
import type { JsonObject } from "../../../src/protocol/json.ts";
import type { SignedZone } from "../../support/creator.ts";
import type { TestSteward } from "../../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../../support/wire-client.ts";
import { Creator, LEASE_MS, toSet, until } from "./replicated-zone.ts";

/** Who speaks as a voter, and acknowledges only what it is told to. */
export class Voter {
  readonly key: NodeKey;
  readonly link: WireClient;
  readonly zoneId: string;
  private seen = 0;
  private readonly epoch = 1;

  private constructor(link: WireClient, zoneId: string, key: NodeKey) {
    this.link = link;
    this.zoneId = zoneId;
    this.key = key;
  }

  /** Opens a link to a zone's primary, and asks for the zone as who has nothing of it. */
  static async follow(
    { wireUrl }: Pick<TestSteward, "wireUrl">,
    zone: Pick<SignedZone, "id" | "envelope">,
    key: NodeKey,
  ): Promise<Voter> {
    const link = await WireClient.connect(wireUrl, { key });
    const voter = new Voter(link, zone.id, key);
    link.sendBody({ type: "zone.epoch", zone_id: zone.id, envelopes: [zone.envelope] });
    await until("it is a link", () => voter.bodies("zone.position").length > 0);
    const { envelope_hash } = voter.bodies("zone.position")[0] as Reply;
    const hash = "0".repeat(64);
    link.sendBody({
      ...{ type: "zone.replicate", zone_id: zone.id, epoch: 1, envelope_hash },
      ...{ window: 8_388_608, position: null, log: [{ seq: 0, hash }] },
    });
    return voter;
  }

  /** What came of a type, in order. */
  bodies(type: string): Reply[] {
    return this.link.received.flatMap(({ type: frame, fields }) => {
      const { body } = fields as { body?: Reply };
      return frame === "message" && body?.type === type ? [body] : [];
    });
  }

  /** Answers Pings that came. */
  pong(): void {
    const pings = this.link.received.filter(({ type }) => type === "ping");
    for (const { fields } of pings.slice(this.seen)) {
      this.link.send("pong", { ts: 1, echo: (fields as { ts: number }).ts });
    }
    this.seen = pings.length;
  }

  /** The newest position that came, by a snapshot or with commits. */
  get newest(): { n: number; digest: string } | undefined {
    const entries = this.bodies("zone.entries").filter(({ commits }) => commits?.length > 0);
    const last = entries.at(-1);
    if (last !== undefined) return { n: last.commits.at(-1).n, digest: last.head.state };
    const begin = this.bodies("zone.snapshot").find(({ position }) => position);
    return begin && { n: begin.position.n, digest: begin.position.digest };
  }

  /** Acknowledges the newest, or whatever it says. */
  ack({ n, digest } = this.newest ?? { n: 0, digest: "" }): void {
    const { zoneId: zone_id, epoch } = this;
    this.link.sendBody({ type: "zone.replica_ack", zone_id, epoch, n, digest });
  }

  /** Acknowledges all that comes, until it is told to end. */
  ackAll(): () => void {
    const acks = setInterval(() => this.ack(), 20);
    return () => clearInterval(acks);
  }
}

/** A zone of a steward with one voter that a test speaks for, and somebody connected to the steward. */
export interface HeldZone {
  readonly zone: SignedZone;
  readonly zoneId: string;
  readonly voter: Voter;
  readonly client: WireClient;
  readonly creator: Creator;
  /** Answers the steward's Pings. */
  readonly pings: NodeJS.Timeout;
}

/** Opens such a zone; its first commit is acknowledged. */
export async function openHeldZone(
  steward: TestSteward,
  { minAcks = 1, leaseMs = LEASE_MS, fields = {} as JsonObject } = {},
): Promise<HeldZone> {
  const creator = new Creator();
  const key = createAgentKey();
  const actions = [{ name: "echo", description: "Answers its params.", params: {} }];
  const replication = { min_acks: minAcks, lease_ms: leaseMs };
  const set = toSet(steward, [{ nodeId: key.nodeId }]);
  const zone = creator.sign(set, minAcks, { actions, ...fields }).again({ replication });
  await creator.create(steward, zone);
  const voter = await Voter.follow(steward, zone, key);
  onTestFinished(() => voter.link[Symbol.asyncDispose]());
  const pings = setInterval(() => voter.pong(), 50);
  onTestFinished(() => clearInterval(pings));
  await until("the first commit came", () => voter.newest !== undefined);
  const chunks = () => voter.bodies("zone.snapshot").filter(({ index }) => index !== undefined);
  for (const { snapshot, index } of chunks()) {
    const ack = { type: "zone.replica_ack", zone_id: zone.id, epoch: 1, snapshot, index };
    voter.link.sendBody(ack);
  }
  await until("the snapshot ended", () =>
    voter.bodies("zone.snapshot").some(({ chunks }) => chunks),
  );
  voter.ack();
  const client = await WireClient.connect(steward.wireUrl);
  onTestFinished(() => client[Symbol.asyncDispose]());
  return { zone, zoneId: zone.id, voter, client, creator, pings };
}

/** Has somebody join, everything acknowledged until he has. */
export async function joinHeld(
  { voter, zoneId, client: first }: HeldZone,
  client: WireClient = first,
): Promise<void> {
  const end = voter.ackAll();
  await until("it is a member", async () => {
    const answer = await client.ask({ type: "zone.join", zone_id: zoneId });
    return answer.type === "zone.joined";
  });
  end();
}
