import type fc from "fast-check";
import { expect } from "vitest";
import type { Op } from "./membership.ts";
import type { Model, ModelSession } from "./model.ts";
import type { OperatorOp } from "./moderation.ts";
import type { Sent, World } from "./world.ts";

/** One step of a run: the model takes it, the steward takes it, and both must say the same. */
export type ZoneCommand = fc.AsyncCommand<Model, World>;

/** Beyond this a message id may have been forgotten. */
const REMEMBERED_SECS = 600;

interface CommandParts {
  readonly text: string;
  readonly check?: (model: Readonly<Model>) => boolean;
  readonly run: (model: Model, world: World) => Promise<void>;
}

function toCommand({ text, check = () => true, run }: CommandParts): ZoneCommand {
  return { check, run, toString: () => text };
}

/** Who does it, and on which of its sessions. */
export interface Actor {
  /** An agent's index, or whoever created the zone it is about; agent 0 where that is no agent. */
  readonly agent: number | "creator";
  readonly session: number;
}

/** What changes nothing. */
const QUESTIONS = new Set(["zone.discover", "zone.history", "zone.inspect", "zone.members"]);

function findAgent(model: Readonly<Model>, { agent }: Pick<Actor, "agent">, slot = 0) {
  if (agent !== "creator") return model.agents[agent];
  const zone = model.zones.get(model.slots[slot % model.slots.length] as string);
  return model.agents.find(({ key }) => key.nodeId === zone?.creator) ?? model.agents[0];
}

/** Finds an agent's session; undefined while it is offline. */
function findSession(model: Readonly<Model>, actor: Actor, slot?: number) {
  const sessions = findAgent(model, actor, slot)?.sessions ?? [];
  return sessions[actor.session % (sessions.length || 1)];
}

function getSession(model: Model, actor: Actor, slot?: number): ModelSession {
  const session = findSession(model, actor, slot);
  if (session === undefined) throw new Error("The agent is offline.");
  return session;
}

function toText({ agent, session }: Actor): string {
  return agent === "creator" ? `creator.${session}` : `agent${agent}.${session}`;
}

interface Pending {
  readonly sent: Sent;
  readonly step: ReturnType<Op>;
}

function start(model: Model, world: World, session: ModelSession, op: Op): Pending {
  const step = op(model, session);
  return { step, sent: world.send(session, step.body) };
}

async function finish(
  model: Model,
  world: World,
  { agent }: ModelSession,
  { step, sent }: Pending,
): Promise<void> {
  const refused = await world.accepted(sent);
  const isQuestion = QUESTIONS.has(String(step.body.type));
  if (refused === undefined) model.accepted.push({ agent, id: sent.id, at: model.now, isQuestion });
  const reply = refused ?? (await world.replied(sent));
  world.note(
    `${step.body.type} ${reply.code ?? reply.type}${reply.reason ? ` ${reply.reason}` : ""}`,
  );
  expect(reply).toEqual(step.expected);
  step.learn?.(reply);
}

/** An agent asks and is answered. */
export function asAgent(name: string, actor: Actor, args: { readonly slot?: number }, op: Op) {
  return toCommand({
    text: `${toText(actor)} ${name} ${JSON.stringify(args)}`,
    check: (model) => findSession(model, actor, args.slot) !== undefined,
    run: async (model, world) => {
      const from = getSession(model, actor, args.slot);
      await finish(model, world, from, start(model, world, from, op));
    },
  });
}

/** An agent asks several things before it reads an answer; they are taken in their order. */
export function asBurst(actor: Actor, args: object, ops: readonly Op[]) {
  return toCommand({
    text: `${toText(actor)} burst ${JSON.stringify(args)}`,
    check: (model) => findSession(model, actor) !== undefined,
    run: async (model, world) => {
      const from = getSession(model, actor);
      const pending = ops.map((op) => start(model, world, from, op));
      for (const one of pending) await finish(model, world, from, one);
    },
  });
}

/** The operator calls the admin API. */
export function asOperator(
  name: string,
  args: { readonly slot: number },
  op: OperatorOp,
  needs: { freeSlot?: boolean } = {},
) {
  return toCommand({
    text: `operator ${name} ${JSON.stringify(args)}`,
    check: ({ slots, zones }) =>
      !needs.freeSlot || !zones.has(slots[args.slot % slots.length] as string),
    run: async (model, world) => {
      const call = op(model);
      const answer = await world.call(call);
      world.note(`${name} by operator ${answer?.code ?? "ok"}`);
      expect(answer).toEqual(call.expected);
      if (answer !== undefined) call.learn?.(answer);
    },
  });
}

/** An agent sends an id again, under another body: it is acknowledged and nothing happens. */
export function resend({ pick, session, op }: { pick: number; session: number; op: Op }) {
  return toCommand({
    text: `resend ${pick} on session ${session}`,
    check: (model) => findResendable(model, pick) !== undefined,
    run: async (model, world) => {
      const found = findResendable(model, pick);
      if (found === undefined) return;
      const sessions = found.agent.sessions;
      const from = sessions[session % sessions.length] as ModelSession;
      // On a copy: the model must not do it.
      const { body } = op(structuredCloneModel(model), from);
      expect(await world.accepted(world.send(from, body, found.id))).toBeUndefined();
      world.note(`resent ${body.type}`);
    },
  });
}

function findResendable({ accepted, latest }: Readonly<Model>, pick: number) {
  const known = accepted.filter(
    ({ agent, at }) => agent.sessions.length > 0 && latest - at < REMEMBERED_SECS,
  );
  return known[pick % (known.length || 1)];
}

/** Enough of a copy for an op to write its body. */
function structuredCloneModel(model: Model): Model {
  return { ...model, zones: new Map(), said: [...model.said] };
}

/** The agent's connections end; it is a member of what it was. */
export function goOffline(agent: number) {
  return toCommand({
    text: `agent${agent} goes offline`,
    check: (model) => findSession(model, { agent, session: 0 }) !== undefined,
    run: async (model, world) => {
      const who = model.agents[agent];
      if (who === undefined) return;
      for (const session of who.sessions) await world.settle(session);
      await world.disconnect(who);
    },
  });
}

/** The agent connects again, with what its Hello says now. */
export function comeBack(agent: number, name: string, skills: readonly string[]) {
  return toCommand({
    text: `agent${agent} comes back as ${name} [${skills}]`,
    check: (model) => findSession(model, { agent, session: 0 }) === undefined,
    run: async (model, world) => {
      const who = model.agents[agent];
      if (who === undefined) return;
      who.name = name;
      who.skills = skills;
      await world.connect(who);
    },
  });
}

/** The steward stops and starts again on its data directory. */
export function restart() {
  return toCommand({
    text: "restart",
    run: async (model, world) => {
      const online = model.agents.filter(({ sessions }) => sessions.length > 0);
      for (const { sessions } of online) for (const one of sessions) await world.settle(one);
      await world.restart();
      world.note("restart");
      // Which questions were answered is not kept on the disk.
      const isKept = ({ isQuestion }: { isQuestion: boolean }) => !isQuestion;
      model.accepted.splice(0, Infinity, ...model.accepted.filter(isKept));
      for (const agent of online) {
        agent.sessions = [];
        await world.connect(agent);
      }
    },
  });
}

/** Several commands that make a story together; what cannot be done is left out. */
export function inTurn(commands: readonly ZoneCommand[]) {
  return toCommand({
    text: commands.map(String).join(", then "),
    run: async (model, world) => {
      for (const command of commands) {
        if (await command.check(model)) await command.run(model, world);
      }
    },
  });
}

/** The steward's clock moves. */
export function jumpClock(secs: number) {
  return toCommand({
    text: `clock ${secs > 0 ? "+" : ""}${secs} s`,
    run: async (model, world) => {
      world.nowMs += secs * 1000;
      model.now = world.now;
      model.latest = Math.max(model.latest, model.now);
    },
  });
}
