import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { handlersSchema } from "../../src/actions/config.ts";
import { Agent } from "../../src/client/agent.ts";
import { startSteward } from "../support/steward.ts";

const dir = mkdtempSync(join(tmpdir(), "steward-handlers-"));
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

const TYPES = ["echo", "http", "module", "provider"] as const;

/** The code blocks of a handler's page. */
function blocksOf(type: string, language: string): string[] {
  const page = readFileSync(`docs/handlers/${type}.md`, "utf8");
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\`$`, "gm"))].map(
    ([, text]) => String(text),
  );
}

function configOf(type: string) {
  return JSON.parse(blocksOf(type, "json")[0] ?? "").handlers;
}

test.each(TYPES)(
  "the page of %s has a configuration that is taken, and every key of the handler",
  (type) => {
    const handlers = configOf(type);
    expect(handlersSchema.safeParse(handlers).error).toBeUndefined();
    expect(Object.values(handlers["*"])).toMatchObject([{ type }]);
    const page = readFileSync(`docs/handlers/${type}.md`, "utf8");
    const filled = handlersSchema.parse(handlers)["*"] ?? {};
    for (const handler of Object.values(filled)) {
      for (const key of Object.keys(handler))
        if (key !== "type") expect(page).toContain(`\`${key}\``);
    }
  },
);

/** A port that nobody listens on a moment later. */
async function findPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}

async function isListening(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
}

test("the server of the http page runs what the steward signed, once a key, and nothing else; the module and the provider work as their pages say", async () => {
  const port = await findPort();
  const secret = "a secret that both know";
  writeFileSync(join(dir, "shout.secret"), `${secret}\n`, { mode: 0o600 });
  const receiver = (blocksOf("http", "js")[0] ?? "").replaceAll("9100", String(port));
  writeFileSync(join(dir, "receiver.mjs"), receiver);
  running.push(spawn(process.execPath, ["receiver.mjs"], { cwd: dir, stdio: "inherit" }));
  await vi.waitFor(() => isListening(port), 10_000);
  writeFileSync(join(dir, "shout.mjs"), blocksOf("module", "js")[0] ?? "");
  const { shout: http } = configOf("http")["*"];
  const { shout: module } = configOf("module")["*"];
  const handlers = {
    "*": {
      http: { ...http, url: `http://127.0.0.1:${port}/`, secret_file: join(dir, "shout.secret") },
      module: { ...module, path: join(dir, "shout.mjs") },
      provider: configOf("provider")["*"].shout,
    },
  };
  await using steward = await startSteward({ config: { handlers } });
  const names = ["http", "module", "provider"];
  const zoneId = await steward.createZone({
    actions: names.map((name) => ({ name, description: "Shouts.", params: { text: "string" } })),
  });
  const connectAgent = (name: string) =>
    Agent.connect(steward.wireUrl, { key: randomSeed(), name });
  await using asker = await connectAgent("asker");
  await using provider = await connectAgent("provider");
  for (const agent of [asker, provider]) await agent.join(zoneId);
  const approved = await steward.api("PUT", `/v1/zones/${zoneId}/providers/${provider.nodeId}`, {
    actions: ["provider"],
  });
  expect(approved.status).toBe(200);
  const [, providing = ""] =
    /provide\(zoneId, (\{.*\})\);/.exec(blocksOf("provider", "ts")[0] ?? "") ?? [];
  const shout = { provider: new Function(`return (${providing}).shout`)() };
  await provider.provide(zoneId, shout);
  for (const action of names) {
    const { result } = await asker.request(zoneId, action, { text: "hi" });
    expect(result, action).toEqual({ text: "HI" });
  }
  const forged = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    body: JSON.stringify({ params: { text: "hi" } }),
    headers: {
      "x-steward-timestamp": `${Math.floor(Date.now() / 1000)}`,
      "x-steward-signature": "sha256=00",
    },
  });
  expect(forged.status).toBe(401);
});

function randomSeed(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}
