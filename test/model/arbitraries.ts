import fc from "fast-check";
import {
  type Actor,
  asAgent,
  asBurst,
  asOperator,
  comeBack,
  goOffline,
  inTurn,
  jumpClock,
  resend,
  restart,
  type ZoneCommand,
} from "./commands.ts";
import {
  AGENTS,
  actor,
  agent,
  anyActor,
  banArgs,
  carryArgs,
  createArgs,
  historyArgs,
  inviteArgs,
  joinArgs,
  membersArgs,
  name,
  pageArgs,
  rules,
  SLOTS,
  sayArgs,
  skills,
  slot,
  targetArgs,
  updateArgs,
} from "./fields.ts";
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

/** Somebody comes with an invitation just before, or when it ends. */
const lateGuest = fc
  .tuple(slot, agent, fc.constantFrom(1, 60), fc.nat(1))
  .map(([at, who, secs, early]) => {
    const inviteFields = { slot: at, target: undefined, maxUses: undefined, forSecs: secs };
    const joinFields = { slot: at, epochOff: undefined, invite: 0 };
    return inTurn([
      asOperator("invites", inviteFields, inviteByOperator(inviteFields)),
      jumpClock(secs - early),
      asAgent("joins", { agent: who, session: 0 }, joinFields, join(joinFields)),
    ]);
  });

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
  [2, lateGuest],
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
