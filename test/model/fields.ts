import fc from "fast-check";
import type { Actor } from "./commands.ts";
import type { Flaw } from "./hosting.ts";

/** How many agents a run has. */
export const AGENTS = 5;
/** How many zones a run has. */
export const SLOTS = 2;
/** Skills that zones ask for. */
export const SKILLS = ["cook", "sing"];

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(fc.constant(undefined), arbitrary);
}

function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, { arbitrary, weight: 1 });
}

/** Which zone. */
export const slot = fc.nat(SLOTS - 1);
/** Any agent. */
export const agent = fc.nat(AGENTS - 1);
const target = fc.nat(AGENTS);
/** Any agent, on any of its sessions. */
export const actor: fc.Arbitrary<Actor> = fc.record({ agent, session: fc.nat(1) });
/** Mostly whoever may. */
export const anyActor: fc.Arbitrary<Actor> = fc.oneof(
  {
    arbitrary: fc.record({ agent: fc.constant("creator" as const), session: fc.nat(1) }),
    weight: 4,
  },
  { arbitrary: actor, weight: 1 },
);
/** How far a message's epoch is from the zone's; undefined names none. */
const epochOff = seldom(fc.constantFrom(-1, 0, 1));
const tightRules = fc.record(
  {
    open: fc.boolean(),
    skills_required: fc.uniqueArray(fc.constantFrom(...SKILLS), { maxLength: 2 }),
    max_members: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: [] },
);
/** What a creator may ask of members. */
export const rules = fc.oneof(
  { arbitrary: fc.constant({}), weight: 1 },
  { arbitrary: tightRules, weight: 2 },
);
/** Seconds from now; the clock jumps by about as much. */
const forSecs = maybe(fc.constantFrom(-5, 0, 1, 60, 60, 3600));
const reason = maybe(fc.constantFrom("spam", "größe 😀"));
const index = fc.nat(5);
/** A Hello's name. */
export const name = fc.constantFrom("ann", "Bob", "cyd 😀");
/** What a Hello lists. */
export const skills = fc.subarray([...SKILLS]);

/** Who shows which invitation and names which epoch. */
export const joinArgs = fc.record({ slot, epochOff, invite: maybe(fc.nat(2)) });
/** What is said. */
export const sayArgs = fc.record({
  slot,
  epochOff,
  content: fc.jsonValue({ maxDepth: 2 }).map(toSendable),
  topic: seldom(fc.constantFrom("", "weather")),
  again: seldom(fc.record({ pick: index, same: fc.boolean(), stolen: fc.boolean() })),
  replyTo: seldom(index),
});
/** Where a page of the log begins. */
export const historyArgs = fc.record({
  slot,
  after: fc.nat(12),
  limit: maybe(fc.integer({ min: 1, max: 6 })),
});
/** Where a page of members begins. */
export const membersArgs = fc.record({
  slot,
  limit: fc.integer({ min: 1, max: 5 }),
  after: maybe(agent),
});
/** Whom to ban, why and for how long. */
export const banArgs = fc.record({ slot, target, reason, forSecs });
/** How long a page is. */
export const pageArgs: fc.Arbitrary<{ slot?: number; limit: number }> = fc.record({
  limit: fc.integer({ min: 1, max: 3 }),
});
/** Whom it is about. */
export const targetArgs = fc.record({ slot, target });
/** For whom, how often and how long. */
export const inviteArgs = fc.record({
  slot,
  target: seldom(agent),
  maxUses: maybe(fc.integer({ min: 1, max: 3 })),
  forSecs,
});

/** What a body may hold: no NUL, surrogate or bidi control, no integer beyond 2^53 - 1, no -0. */
function toSendable(value: unknown): unknown {
  const text = JSON.stringify(value).replace(/\\u0000|\\ud[89a-f][0-9a-f]{2}/gi, "?");
  const plain = text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "?").replaceAll("__proto__", "proto");
  return JSON.parse(plain, (_key, item) =>
    Number.isInteger(item) && !Number.isSafeInteger(item) ? 7 : item,
  );
}

const FIRST_FLAWS: readonly Flaw[] = ["gap", "wrong-prev", "foreign", "tampered", "replay"];
const NEXT_FLAWS: readonly Flaw[] = [
  ...(["gap", "chain", "chain-stops", "chain-overlaps", "chain-other-zone", "replay"] as const),
  ...(["first-again", "fork", "fork-first", "wrong-prev", "no-prev", "rekeyed"] as const),
  ...(["new-creator", "foreign", "tampered"] as const),
];
/** Of a fork that comes over the wire evidence is kept. */
const CARRIED_FLAWS = NEXT_FLAWS.filter((flaw) => !flaw.startsWith("fork"));

function flawOf(flaws: readonly Flaw[], weight: number): fc.Arbitrary<Flaw> {
  const none = { arbitrary: fc.constant<Flaw>("none"), weight: 10 };
  return fc.oneof(none, { arbitrary: fc.constantFrom(...flaws), weight });
}

/** A first envelope. */
export const createArgs = fc.record({
  slot,
  rules,
  flaw: flawOf(FIRST_FLAWS, 3),
  inNameOf: seldom(agent),
});
/** A next envelope, by its creator. */
export const updateArgs = fc.record({ slot, rules, flaw: flawOf([...NEXT_FLAWS, "stops"], 12) });
/** A next envelope, by the operator. */
export const carryArgs = fc.record({ slot, rules, flaw: flawOf([...CARRIED_FLAWS, "stops"], 6) });
