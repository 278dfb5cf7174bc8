import fc from "fast-check";
import {
  asAgent,
  asBurst,
  asOperator,
  comeBack,
  goOffline,
  jumpClock,
  resend,
  restart,
  type ZoneCommand,
} from "./commands.ts";
import type { Flaw } from "./hosting.ts";
import {
  carryByOperator,
  create,
  createByOperator,
  resumeByOperator,
  stopByOperator,
  update,
  updateByOperator,
} from "./hosting-ops.ts";
import { invite, inviteByOperator, revokeByOperator } from "./invites.ts";
import { join, leave, type Op, say } from "./membership.ts";
import { ban, banByOperator, removeByOperator, unban, unbanByOperator } from "./moderation.ts";
import { discover, history, inspect, listMembers } from "./reading.ts";

export const AGENTS = 5;
export const SLOTS = 2;
export const SKILLS = ["cook", "sing"];

function maybe<T>(arbitrary: fc.Arbitrary<T>, freq = 2): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq });
}

const slot = fc.nat(SLOTS - 1);
const agent = fc.nat(AGENTS - 1);
const target = fc.nat(AGENTS);
const actor = fc.record({ agent, session: fc.nat(1) });
/** Agents 0 and 1 make the zones. */
const creator = fc.record({ agent: fc.nat(1), session: fc.nat(1) });
const anyActor = fc.oneof({ arbitrary: creator, weight: 3 }, { arbitrary: actor, weight: 1 });
const epochOff = maybe(fc.constantFrom(-1, 0, 1), 1);
const rules = fc.record(
  {
    open: fc.boolean(),
    skills_required: fc.uniqueArray(fc.constantFrom(...SKILLS), { maxLength: 2 }),
    max_members: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: [] },
);
/** Seconds from now; the clock jumps by about as much. */
const forSecs = maybe(fc.constantFrom(-5, 0, 1, 60, 3600));
const reason = maybe(fc.constantFrom("spam", "größe 😀"));
const index = fc.nat(5);

const joinArgs = fc.record({ slot, epochOff, invite: maybe(fc.nat(3)) });
const sayArgs = fc.record({
  slot,
  epochOff,
  content: fc.jsonValue({ maxDepth: 2 }).map(toSendable),
  topic: maybe(fc.constantFrom("", "weather"), 1),
  again: maybe(fc.record({ pick: index, same: fc.boolean() }), 1),
  replyTo: maybe(index, 1),
});
const historyArgs = fc.record({
  slot,
  after: fc.nat(12),
  limit: maybe(fc.integer({ min: 1, max: 6 })),
});
const banArgs = fc.record({ slot, target, reason, forSecs });
const targetArgs = fc.record({ slot, target });
const inviteArgs = fc.record({
  slot,
  target: maybe(agent, 1),
  maxUses: maybe(fc.integer({ min: 1, max: 3 })),
  forSecs,
});

/** Canonical JSON and MessagePack know no negative zero, and bodies no lone surrogates or NUL. */
function toSendable(value: unknown): unknown {
  const text = JSON.stringify(value).replace(/\\u0000|\\ud[89a-f][0-9a-f]{2}/gi, "?");
  return JSON.parse(text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "?").replaceAll("__proto__", "p"));
}

const FIRST_FLAWS = ["gap", "wrong-prev", "foreign", "tampered", "replay"] as const;
const NEXT_FLAWS = [
  ...["gap", "chain", "chain-stops", "chain-overlaps", "chain-other-zone", "replay"],
  ...["first-again", "fork", "fork-first", "wrong-prev", "no-prev", "rekeyed", "new-creator"],
  ...["foreign", "tampered"],
] as Flaw[];
/** Forks are kept as evidence where they come over the wire. */
const CARRIED_FLAWS = NEXT_FLAWS.filter((flaw) => !flaw.startsWith("fork"));

function flaw(flaws: readonly Flaw[]): fc.Arbitrary<Flaw> {
  return fc.oneof(
    { arbitrary: fc.constant<Flaw>("none"), weight: 10 },
    { arbitrary: fc.constantFrom(...flaws), weight: 10 },
  );
}

const stops = fc.constant<Flaw>("stops");
const mostlyChanges = (flaws: readonly Flaw[]) =>
  fc.oneof({ arbitrary: flaw(flaws), weight: 12 }, { arbitrary: stops, weight: 1 });

const createArgs = fc.record({
  slot,
  rules,
  flaw: fc.oneof(
    { arbitrary: fc.constant<Flaw>("none"), weight: 4 },
    { arbitrary: fc.constantFrom(...FIRST_FLAWS), weight: 1 },
  ),
  inNameOf: maybe(agent, 1).map((who) => (who === 4 ? undefined : undefined)),
});
const updateArgs = fc.record({ slot, rules, flaw: mostlyChanges(NEXT_FLAWS) });
const carryArgs = fc.record({ slot, rules, flaw: mostlyChanges(CARRIED_FLAWS) });

function agents<T extends object>(name: string, who: typeof actor, args: fc.Arbitrary<T>, op: (args: T) => Op) {
  return fc.tuple(who, args).map(([by, with_]) => asAgent(name, by, with_, op(with_)));
}

const burst = fc
  .array(fc.oneof(joinArgs.map(join), fc.record({ slot }).map(leave), sayArgs.map(say)), {
    minLength: 2,
    maxLength: 5,
  });

/** Everything that can happen to a steward's zones, about as often as it leads somewhere. */
export const COMMANDS: { readonly weight: number; readonly arbitrary: fc.Arbitrary<ZoneCommand> }[] =
  [];
