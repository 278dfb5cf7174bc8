import type { NodeKey } from "../../../src/identity/node-key.ts";
import type { JsonObject } from "../../../src/protocol/json.ts";
import { type SignedZone, signZone } from "../../support/creator.ts";
import { startSteward, type TestSteward, type TestStewardOptions } from "../../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../../support/wire-client.ts";

/** L of the zones of these tests: short, so that what waits for it does not take long. */
export const LEASE_MS = 1000;

/** A steward, or who speaks as one, as a zone names it. */
export interface SetMember {
  readonly nodeId: string;
  /** Where the others dial it; nowhere where it is left out. */
  readonly wireUrl?: string;
}

/** Starts a steward that takes part in every zone, and whose zones anybody may create. */
export function startReplica(options: TestStewardOptions = {}): Promise<TestSteward> {
  const { config, ...rest } = options;
  return startSteward({
    ...rest,
    config: { zones: { creation: "anyone" }, replication: { allow: ["*"] }, ...config },
  });
}

/** The `steward_set` with one primary, voters and learners. */
export function toSet(
  primary: SetMember,
  voters: readonly SetMember[],
  learners: readonly SetMember[] = [],
): JsonObject[] {
  const toRef = ({ nodeId, wireUrl }: SetMember, role: string) => ({
    node_id: nodeId,
    role,
    ...(wireUrl !== undefined && { entrypoint: wireUrl }),
  });
  return [
    toRef(primary, "primary"),
    ...voters.map((member) => ({ ...toRef(member, "replica"), voter: true })),
    ...learners.map((member) => ({ ...toRef(member, "replica"), voter: false })),
  ];
}

/** A zone's creator with its own key. */
export class Creator {
  readonly key: NodeKey = createAgentKey();

  /** Signs the first envelope of a zone. */
  sign(set: readonly JsonObject[], minAcks = 1, fields: JsonObject = {}): SignedZone {
    const first = signZone(this.key, "", { steward_set: [...set], ...fields });
    return first.again({ replication: { min_acks: minAcks, lease_ms: LEASE_MS } });
  }

  /** Sends a body as the creator; returns the answer. */
  async ask(steward: { readonly wireUrl: string }, body: JsonObject): Promise<Reply> {
    await using client = await WireClient.connect(steward.wireUrl, { key: this.key });
    return await client.ask(body);
  }

  /** Has a steward host a zone. */
  async create(steward: { readonly wireUrl: string }, zone: SignedZone): Promise<void> {
    const reply = await this.ask(steward, { type: "zone.create", envelope: zone.envelope });
    if (reply.type !== "zone.manifest") throw new Error(JSON.stringify(reply));
  }

  /** Hands a steward a zone's next envelope. */
  update(steward: { readonly wireUrl: string }, zone: SignedZone): Promise<Reply> {
    return this.ask(steward, { type: "zone.update", envelope: zone.envelope });
  }
}

/** Waits until a check, asked every few milliseconds, is true. */
export async function until(
  what: string,
  check: () => boolean | Promise<boolean>,
  ms = 8000,
): Promise<void> {
  const endMs = performance.now() + ms;
  while (!(await check())) {
    if (performance.now() > endMs) throw new Error(`Not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The epoch that a steward has of a zone; 0 without one. */
export function epochAt({ steward }: TestSteward, zoneId: string): number {
  return steward.zones.queries.findZone(zoneId)?.epoch ?? 0;
}

/** The `replication` item of `/readyz`. */
export async function readReplication({ httpUrl }: TestSteward): Promise<Reply | undefined> {
  const answer = await fetch(`${httpUrl}/readyz?verbose`);
  const { checks } = (await answer.json()) as Reply;
  return checks.find(({ name }: Reply) => name === "replication");
}
