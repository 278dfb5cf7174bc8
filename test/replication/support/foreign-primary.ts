import type { SignedZone } from "../../support/creator.ts";
import type { TestSteward } from "../../support/steward.ts";
import type { Reply } from "../../support/wire-client.ts";
import { type Asked, type ForeignSteward, heard } from "./foreign-steward.ts";
import { Creator, toSet, until } from "./replicated-zone.ts";
import { tellSnapshot } from "./told-snapshot.ts";
import { ToldZone } from "./told-zone.ts";

/** A zone whose primary a test speaks for, with a steward that follows it. */
export interface ForeignZone {
  readonly creator: Creator;
  readonly zone: SignedZone;
  readonly told: ToldZone;
  /** The steward's zone.replicate, over whose link it is told the zone. */
  readonly link: Asked;
}

/** Has members by their records. */
export function toMembers(nodeIds: readonly string[]) {
  return nodeIds.map((nodeId) => ({
    ...{ kind: "member" as const, key: [nodeId] },
    value: { name: "member", role: "member", skills: "[]", joined_at: 1 },
  }));
}

/** Says how a primary's zone.epoch is answered: where it stands, with its signed head. */
export function standAt(
  primary: ForeignSteward,
  { told, zone }: Pick<ForeignZone, "told" | "zone">,
) {
  const n = told.commits.length;
  return {
    ...{ type: "zone.position", zone_id: zone.id, epoch: zone.envelope.epoch },
    ...{ envelope_hash: zone.hash, state: "primary" },
    ...{ position: told.placeAt(n).position, head: told.headAt(n, primary.signer) },
  };
}

/**
 * Begins a zone of a foreign primary that stewards are voters of, with three commits, and has them ask for it;
 * what they are sent is the test's affair.
 * @param others voters that a test speaks for, too
 */
export async function beginForeignZone(
  primary: ForeignSteward,
  followers: readonly TestSteward[],
  members: readonly string[] = [],
  others: readonly ForeignSteward[] = [],
): Promise<Omit<ForeignZone, "link">> {
  const creator = new Creator();
  const zone = creator.sign(toSet(primary, [...followers, ...others]));
  const told = new ToldZone({
    ...{ zoneId: zone.id, envelopeHash: zone.hash, signer: primary.signer },
  });
  told.commit({ epoch: 1, messages: ["first"], isFirst: true });
  told.commit({ epoch: 1, records: toMembers(members) });
  told.commit({ epoch: 1, messages: ["second"] });
  const begun = { creator, zone, told };
  primary.answer(zone.id, {
    "zone.epoch": (asked) => primary.reply(asked, standAt(primary, begun)),
  });
  for (const follower of followers) await primary.dial(follower, zone);
  return begun;
}

/** As `beginForeignZone`; the steward has a complete copy of the three commits then, all of them released. */
export async function openForeignZone(
  primary: ForeignSteward,
  follower: TestSteward,
  members: readonly string[] = [],
): Promise<ForeignZone> {
  const begun = await beginForeignZone(primary, [follower], members);
  const { zone, told } = begun;
  const link = await heard(primary, zone.id, "zone.replicate");
  const { begin, chunk, end } = tellSnapshot(told, { n: 3, epoch: 1, signer: primary.signer });
  for (const body of [begin, chunk, end]) primary.say(link, body);
  await acknowledged(primary, begun, 3);
  primary.say(link, { type: "zone.entries", zone_id: zone.id, epoch: 1, commits: [], released: 3 });
  return { ...begun, link };
}

/** Waits until the follower acknowledged a commit. */
export async function acknowledged(
  primary: ForeignSteward,
  { zone, told }: Pick<ForeignZone, "zone" | "told">,
  n: number,
): Promise<void> {
  await until(`n ${n} is acknowledged`, () =>
    primary.listAsked(zone.id, "zone.replica_ack").some(({ body }) => body.n === n),
  );
  const [ack] = primary.listAsked(zone.id, "zone.replica_ack").filter(({ body }) => body.n === n);
  if (ack?.body.digest !== told.digests[n]) throw new Error("Another digest is acknowledged.");
}

/** A zone.entries of commits that are told already, with the head of the last one. */
export function toEntries({ zone, told }: Pick<ForeignZone, "zone" | "told">, from: number): Reply {
  const commits = told.commits.slice(from - 1);
  return {
    ...{ type: "zone.entries", zone_id: zone.id, epoch: 1, commits, released: 0 },
    head: told.headAt(told.commits.length),
  };
}
