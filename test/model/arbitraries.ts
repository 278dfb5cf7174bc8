import fc from "fast-check";
import {
  type Actor,
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
import {
  ban,
  banByOperator,
  type OperatorOp,
  removeByOperator,
  unban,
  unbanByOperator,
} from "./moderation.ts";
import { discover, history, inspect, listMembers } from "./reading.ts";

export const AGENTS = 5;
export const SLOTS = 2;
export const SKILLS = ["cook", "sing"];

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(fc.constant(undefined), arbitrary);
}

function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, { arbitrary, weight: 1 });
}

const slot = fc.nat(SLOTS - 1);
const agent = fc.nat(AGENTS - 1);
const target = fc.nat(AGENTS);
const actor: fc.Arbitrary<Actor> = fc.record({ agent, session: fc.nat(1) });
/** Mostly whoever may. */
const anyActor: fc.Arbitrary<Actor> = fc.oneof(
  {
    arbitrary: fc.record({ agent: fc.constant("creator" as const), session: fc.nat(1) }),
    weight: 4,
  },
  { arbitrary: actor, weight: 1 },
);
const epochOff = seldom(fc.constantFrom(-1, 0, 1));
const tightRules = fc.record(
  {
    open: fc.boolean(),
    skills_required: fc.uniqueArray(fc.constantFrom(...SKILLS), { maxLength: 2 }),
    max_members: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: [] },
);
const rules = fc.oneof(
  { arbitrary: fc.constant({}), weight: 1 },
  { arbitrary: tightRules, weight: 2 },
);
/** Seconds from now; the clock jumps by about as much. */
const forSecs = maybe(fc.constantFrom(-5, 0, 1, 60, 60, 3600));
const reason = maybe(fc.constantFrom("spam", "größe 😀"));
const index = fc.nat(5);
const name = fc.constantFrom("ann", "Bob", "cyd 😀");
const skills = fc.subarray([...SKILLS]);

const joinArgs = fc.record({ slot, epochOff, invite: maybe(fc.nat(2)) });
const sayArgs = fc.record({
  slot,
  epochOff,
  content: fc.jsonValue({ maxDepth: 2 }).map(toSendable),
  topic: seldom(fc.constantFrom("", "weather")),
  again: seldom(fc.record({ pick: index, same: fc.boolean(), stolen: fc.boolean() })),
  replyTo: seldom(index),
});
const historyArgs = fc.record({
  slot,
  after: fc.nat(12),
  limit: maybe(fc.integer({ min: 1, max: 6 })),
});
const membersArgs = fc.record({
  slot,
  limit: fc.integer({ min: 1, max: 5 }),
  after: maybe(agent),
});
const banArgs = fc.record({ slot, target, reason, forSecs });
const pageArgs: fc.Arbitrary<{ slot?: number; limit: number }> = fc.record({
  limit: fc.integer({ min: 1, max: 3 }),
});
const targetArgs = fc.record({ slot, target });
const inviteArgs = fc.record({
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

const createArgs = fc.record({
  slot,
  rules,
  flaw: flawOf(FIRST_FLAWS, 3),
  inNameOf: seldom(agent),
});
const updateArgs = fc.record({ slot, rules, flaw: flawOf([...NEXT_FLAWS, "stops"], 12) });
const carryArgs = fc.record({ slot, rules, flaw: flawOf([...CARRIED_FLAWS, "stops"], 6) });

function byAgent<T extends { readonly slot?: number }>(
  name: string,
  who: fc.Arbitrary<Actor>,
  args: fc.Arbitrary<T>,
  toOp: (args: T) => Op,
): fc.Arbitrary<ZoneCommand> {
  return fc.tuple(who, args).map(([by, given]) => asAgent(name, by, given, toOp(given)));
}

function byOperator<T extends { readonly slot: number }>(
  name: string,
  args: fc.Arbitrary<T>,
  toOp: (args: T) => OperatorOp,
  needs: { freeSlot?: boolean } = {},
): fc.Arbitrary<ZoneCommand> {
  return args.map((given) => asOperator(name, given, toOp(given), needs));
}

const quickOp = fc.oneof(
  joinArgs.map((args) => ({ args, op: join(args) })),
  fc.record({ slot }).map((args) => ({ args, op: leave(args) })),
  sayArgs.map((args) => ({ args, op: say(args) })),
);
const burst = fc.tuple(actor, fc.array(quickOp, { minLength: 2, maxLength: 5 })).map(([by, list]) =>
  asBurst(
    by,
    list.map(({ args }) => args),
    list.map(({ op }) => op),
  ),
);

const weighted: readonly [number, fc.Arbitrary<ZoneCommand>][] = [
  [4, byAgent("creates", anyActor, createArgs, create)],
  [2, byOperator("creates", fc.record({ slot, rules }), createByOperator, { freeSlot: true })],
  [10, byAgent("joins", actor, joinArgs, join)],
  [3, byAgent("leaves", actor, fc.record({ slot }), leave)],
  [8, byAgent("says", actor, sayArgs, say)],
  [2, byAgent("reads", actor, historyArgs, history)],
  [2, byAgent("lists", actor, membersArgs, listMembers)],
  [1, byAgent("inspects", actor, fc.record({ slot }), inspect)],
  [1, byAgent("discovers", actor, pageArgs, discover)],
  [3, byAgent("bans", anyActor, banArgs, ban)],
  [2, byAgent("unbans", anyActor, targetArgs, unban)],
  [3, byAgent("invites", anyActor, inviteArgs, invite)],
  [6, byAgent("updates", anyActor, updateArgs, update)],
  [2, byOperator("bans", banArgs, banByOperator)],
  [1, byOperator("unbans", targetArgs, unbanByOperator)],
  [2, byOperator("removes", targetArgs, removeByOperator)],
  [2, byOperator("invites", inviteArgs, inviteByOperator)],
  [2, byOperator("revokes", fc.record({ slot, pick: fc.nat(1) }), revokeByOperator)],
  [2, byOperator("updates", fc.record({ slot, rules }), updateByOperator)],
  [2, byOperator("carries", carryArgs, carryByOperator)],
  [1, byOperator("stops", fc.record({ slot }), stopByOperator)],
  [2, byOperator("resumes", fc.record({ slot }), resumeByOperator)],
  [4, burst],
  [
    2,
    fc
      .tuple(fc.nat(30), fc.nat(1), sayArgs)
      .map(([pick, session, args]) => resend({ pick, session, op: say(args) })),
  ],
  [
    1,
    fc
      .tuple(fc.nat(30), fc.nat(1), slot)
      .map(([pick, session, at]) => resend({ pick, session, op: leave({ slot: at }) })),
  ],
  [1, agent.map(goOffline)],
  [2, fc.tuple(agent, name, skills).map(([who, as, with_]) => comeBack(who, as, with_))],
  [1, fc.constant(null).map(restart)],
  [2, fc.constantFrom(1, 59, 60, 3600, -1, -60, -3600).map(jumpClock)],
];

/** Whatever can happen to a steward's zones, about as often as it leads somewhere. */
export const anyCommand: fc.Arbitrary<ZoneCommand> = fc.oneof(
  ...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })),
);

function founding(at: number): fc.Arbitrary<ZoneCommand[]> {
  return fc.tuple(rules, fc.constantFrom(0, 1, "operator", "nobody")).map(([given, by]) => {
    const args = { slot: at, rules: given };
    if (by === "nobody") return [];
    if (by === "operator") return [asOperator("creates", args, createByOperator(args))];
    const flawless = { ...args, flaw: "none", inNameOf: undefined } as const;
    return [asAgent("creates", { agent: Number(by), session: 0 }, args, create(flawless))];
  });
}

const places = Array.from({ length: AGENTS * SLOTS }, (_, i) => ({
  who: i % AGENTS,
  args: { slot: Math.floor(i / AGENTS), epochOff: undefined, invite: undefined },
}));

/** How a run begins: most zones are there, and agents have tried to join them. */
export const opening: fc.Arbitrary<ZoneCommand[]> = fc
  .tuple(founding(0), founding(1), fc.subarray(places, { minLength: 4 }))
  .map(([first, second, joining]) => [
    ...first,
    ...second,
    ...joining.map(({ who, args }) =>
      asAgent("joins", { agent: who, session: 0 }, args, join(args)),
    ),
  ]);
