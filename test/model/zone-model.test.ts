import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { readCount } from "../support/counts.ts";
import { createAgentKey } from "../support/wire-client.ts";
import { anyCommand, opening } from "./arbitraries.ts";
import { SKILLS, SLOTS } from "./fields.ts";
import type { Model, ModelAgent } from "./model.ts";
import { expectSame } from "./whole.ts";
import { World } from "./world.ts";

const numRuns = readCount("MODEL_RUNS");
const COMMANDS_MAX = 60;
/** Answers so common that runs without them mean that the commands lead nowhere. */
const LED_TO = [
  ...["joined", "left", "sent", "page", "member_list", "manifest", "done", "invited"].map((name) =>
    expect.stringMatching(new RegExp(` zone\\.${name}$`)),
  ),
  ...["banned", "stale_manifest", "not_open", "skills_mismatch", "full", "stopped"].map(
    (code) => `zone.join ${code}`,
  ),
  ...["not_member", "stale_manifest", "stopped"].map((code) => `zone.message ${code}`),
  ...["zone.manifest", "invalid_params", "stopped", "2003 NOT_ALLOWED"].map(
    (answer) => `zone.update ${answer}`,
  ),
  "zone.create stale_manifest FORK",
  "resent zone.message",
  "restart",
];

/** What each agent's Hello says when a run begins. */
const START = [SKILLS, SKILLS, [], ["cook"], ["sing"]].map((skills, index) => ({
  name: `agent ${index}`,
  skills,
}));

vi.setConfig({ testTimeout: 60_000 + numRuns * 500 });

/** Agent 0 has two sessions; agent 3 knows only the plain handshake. */
const agents: ModelAgent[] = START.map((start, index) => ({
  key: createAgentKey(),
  bound: index !== 3,
  sessionCount: index === 0 ? 2 : 1,
  ...start,
  sessions: [],
}));
let world: World;
let runs = 0;
/** The last run ended as it should; otherwise its connections hold what nobody read. */
let settled = true;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world[Symbol.asyncDispose]());

/** The steward serves all runs; each has zones of its own and everybody connected anew. */
async function openRun(): Promise<Model> {
  world.nowMs = Math.max(world.nowMs, Math.floor(Date.now() / 1000) * 1000) + 1000;
  world.errors.length = 0;
  for (const [index, agent] of agents.entries()) {
    const isFresh = agent.skills === START[index]?.skills;
    if (settled && agent.sessions.length > 0 && isFresh) continue;
    await world.disconnect(agent);
    Object.assign(agent, START[index]);
    await world.connect(agent);
  }
  return {
    now: world.now,
    latest: world.now,
    stewardId: world.nodeId,
    operatorId: world.operatorId,
    topic: `run-${++runs}`,
    agents,
    slots: Array.from({ length: SLOTS }, () => createId("zone")),
    zones: new Map(),
    accepted: [],
    said: [],
    alarms: 0,
  };
}

test("whatever happens to zones, the steward answers, tells and keeps what the protocol says", async () => {
  await fc.assert(
    fc.asyncProperty(
      opening,
      fc.commands([anyCommand], { maxCommands: COMMANDS_MAX, size: "max" }),
      async (first, commands) => {
        const model = await openRun();
        settled = false;
        for (const command of first) await command.run(model, world);
        await fc.asyncModelRun(() => ({ model, real: world }), commands);
        await expectSame(model, world);
        settled = true;
      },
    ),
    { numRuns },
  );
  if (process.env.MODEL_REACHED !== undefined) console.log([...world.reached].sort());
  if (numRuns >= 150) expect([...world.reached.keys()]).toEqual(expect.arrayContaining(LED_TO));
});
