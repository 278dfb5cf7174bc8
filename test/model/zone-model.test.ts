import fc from "fast-check";
import { afterAll, beforeAll, test, vi } from "vitest";
import { createId } from "../../src/wire/ids.ts";
import { createAgentKey } from "../support/wire-client.ts";
import { AGENTS, anyCommand, SKILLS, SLOTS } from "./arbitraries.ts";
import type { Model, ModelAgent } from "./model.ts";
import { expectSame } from "./whole.ts";
import { World } from "./world.ts";

const numRuns = Number(process.env.MODEL_RUNS ?? 150);
const COMMANDS_MAX = 60;
const START = { name: "agent", skills: SKILLS };

vi.setConfig({ testTimeout: 60_000 + numRuns * 500 });

/** Agent 0 has two sessions; agent 3 knows only the plain handshake. */
const agents: ModelAgent[] = Array.from({ length: AGENTS }, (_, index) => ({
  key: createAgentKey(),
  bound: index !== 3,
  sessionCount: index === 0 ? 2 : 1,
  ...START,
  sessions: [],
}));
let world: World;
let runs = 0;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world[Symbol.asyncDispose]());

/** The steward serves all runs; each has zones of its own and everybody connected anew. */
async function openRun(): Promise<Model> {
  world.nowMs = Math.max(world.nowMs, Math.floor(Date.now() / 1000) * 1000) + 1000;
  world.errors.length = 0;
  for (const agent of agents) {
    const isFresh = agent.name === START.name && agent.skills === START.skills;
    if (agent.sessions.length > 0 && isFresh) continue;
    await world.disconnect(agent);
    Object.assign(agent, START);
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
      fc.commands([anyCommand], { maxCommands: COMMANDS_MAX, size: "max" }),
      async (commands) => {
        const model = await openRun();
        await fc.asyncModelRun(() => ({ model, real: world }), commands);
        await expectSame(model, world);
      },
    ),
    { numRuns },
  );
});
