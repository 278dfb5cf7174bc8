import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Rig, startRig } from "./upstream.ts";

const MODULE = `
let calls = 0;
const hold = [];
const modes = {
  good: ({ params }) => ({ n: params.n, calls: ++calls }),
  slow: async () => { await new Promise((resolve) => setTimeout(resolve, 300)); return "slow"; },
  loop: () => { for (;;); },
  buffers: async () => {
    for (let i = 0; i < 100; i++) {
      hold.push(Buffer.alloc(16 * 1048576, i));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Promise(() => {});
  },
  heap: () => { for (;;) hold.push({ a: [1, 2, 3] }); },
  exit: () => process.exit(0),
  abort: () => process.abort(),
  throws: () => { throw new Error("no luck in /srv/secret/file.js"); },
  throwsText: () => { throw "text"; },
  later: () => new Promise(() => setTimeout(() => { throw new Error("stray"); }, 10)),
  never: () => new Promise(() => {}),
  circular: () => { const a = {}; a.a = a; return a; },
  bigint: () => 1n,
  nothing: () => undefined,
  killParent: () => { process.kill(process.ppid, "SIGKILL"); return "killed"; },
  killAll: () => process.kill(0, "SIGKILL"),
  killGroup: async () => {
    const { execSync } = await import("node:child_process");
    execSync("kill -9 " + process.ppid + " 0");
  },
  channel: () => { process.send({ id: 1, text: "1" }); },
  noise: () => { for (let i = 0; i < 2000; i++) console.error("y".repeat(1000)); return "noise"; },
  environment: () => Object.keys(process.env),
};
export default (invocation) => modes[invocation.params.mode](invocation);
`;

const dir = mkdtempSync(join(tmpdir(), "modules-"));
let rig: Rig;

function toModule(text: string, name = "module.mjs") {
  const path = join(dir, name);
  writeFileSync(path, text);
  return { type: "module", path, timeout_ms: 1500, memory_mb: 32 };
}

beforeAll(async () => {
  const run = toModule(MODULE);
  rig = await startRig({ run, patient: { ...run, timeout_ms: 8000 }, echo: { type: "echo" } });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const run = (mode: string, more: object = {}) => rig.ask("run", { mode, ...more });

/** Runs pass until one is answered: a module that failed twice rests for a moment. */
async function untilGood(): Promise<void> {
  for (;;) {
    const reply = await run("good", { n: 7 });
    if (reply.type === "zone.response") return expect(reply.result.n).toBe(7);
    expect(reply.reason).toBe("UPSTREAM_UNAVAILABLE");
    expect(reply.retry_after_ms).toBeLessThanOrEqual(30_000);
    await new Promise((resolve) => setTimeout(resolve, reply.retry_after_ms));
  }
}

test.each([
  ["loop", "did not answer in time"],
  ["buffers", "ended while it ran"],
  ["heap", "ended while it ran"],
  ["exit", "ended while it ran"],
  ["abort", "ended while it ran"],
  ["throws", "no luck in [path]"],
  ["throwsText", "threw no Error"],
  ["later", "ended while it ran"],
  ["never", "did not answer in time"],
  ["circular", "circular"],
  ["bigint", "BigInt"],
  ["killParent", "ended while it ran"],
  ["killAll", "may not signal"],
  ["killGroup", "ended while it ran"],
  ["channel", "not a function"],
])(
  "a module that misbehaves (%s) fails its own request, and the steward goes on",
  async (mode, message) => {
    await untilGood();
    const failing = run(mode);
    expect((await rig.ask("echo", { n: 1 })).result).toEqual({ n: 1 });
    const reply = await failing;
    expect(reply).toMatchObject({ type: "zone.error", code: "internal", reason: "HANDLER_FAILED" });
    expect(reply.message).toContain(message);
    expect(reply.message.length).toBeLessThanOrEqual(200);
    await untilGood();
  },
);

test("the module stays warm between runs, has no environment, and nothing is null", async () => {
  await untilGood();
  const [one, two] = [await run("good", { n: 1 }), await run("good", { n: 2 })];
  expect(two.result.calls).toBe(one.result.calls + 1);
  expect((await run("environment")).result).toEqual([]);
  expect((await run("nothing")).result).toBeNull();
  expect((await run("noise")).result).toBe("noise");
});

test("runs beside one that ends the process are run again", async () => {
  const modes = ["slow", "slow", "exit", "slow"];
  const replies = await Promise.all(modes.map((mode) => rig.ask("patient", { mode })));
  const results = replies.map((reply) => reply.result ?? reply.reason);
  expect(results).toEqual(["slow", "slow", "HANDLER_FAILED", "slow"]);
});

test("runs that came after one that holds the thread are run when it is ended", async () => {
  await untilGood();
  const loop = run("loop");
  for (let i = 0; i < 50; i++) await rig.ask("echo");
  const replies = await Promise.all([loop, run("slow"), run("good", { n: 1 })]);
  const results = replies.map((reply) => reply.result?.n ?? reply.result ?? reply.reason);
  expect(results).toEqual(["HANDLER_FAILED", "slow", 1]);
});

test("a module that cannot be loaded rests ever longer, and nobody waits for it", async () => {
  await using broken = await startRig({
    none: { type: "module", path: join(dir, "missing.mjs") },
    plain: toModule("export default 1;", "plain.mjs"),
    throws: toModule("throw new Error('at load');", "throws.mjs"),
    endless: {
      ...toModule("setInterval(() => {}, 1000); await new Promise(() => {});", "e.mjs"),
      timeout_ms: 300,
    },
    echo: { type: "echo" },
  });
  for (const action of ["none", "plain", "throws", "endless"]) {
    const reply = await broken.ask(action);
    expect(reply).toMatchObject({ type: "zone.error", code: "internal" });
    expect(["HANDLER_FAILED", "UPSTREAM_UNAVAILABLE"]).toContain(reply.reason);
  }
  let longest = 0;
  while (longest < 200) {
    const { reason, retry_after_ms = 0 } = await broken.ask("plain");
    expect(["HANDLER_FAILED", "UPSTREAM_UNAVAILABLE"]).toContain(reason);
    longest = Math.max(longest, retry_after_ms);
    await new Promise((resolve) => setTimeout(resolve, retry_after_ms));
  }
  expect((await broken.ask("echo")).type).toBe("zone.response");
});
