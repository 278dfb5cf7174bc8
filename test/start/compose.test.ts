import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { startTestChain } from "../support/anvil.ts";
import { USER_PATH, UserShell } from "../support/user-shell.ts";

interface Service {
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly secrets?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

const { services } = parse(readFileSync("compose.yaml", "utf8"), { merge: true }) as {
  services: Readonly<Record<string, Service>>;
};
const work = mkdtempSync(join(tmpdir(), "steward-compose-"));
const bin = join(work, "bin");
const shell = new UserShell({ PATH: [bin, USER_PATH].join(delimiter) });
let chain: Awaited<ReturnType<typeof startTestChain>>;

beforeAll(async () => {
  chain = await startTestChain();
  mkdirSync(bin);
  symlinkSync(resolve("bin/steward.mjs"), join(bin, "steward"));
  await shell.run(["secrets", "keygen", join(work, "master-key")]);
});

afterAll(async () => {
  await shell[Symbol.asyncDispose]();
  await chain?.[Symbol.asyncDispose]();
  rmSync(work, { recursive: true, force: true });
});

/** What the engine gives a service, with folders of this test for volumes, and its chain for the chain. */
function toEnvironment({ environment = {}, volumes, secrets = [] }: Service) {
  const places = new Map([["/run/secrets/", `${work}/`]]);
  for (const volume of volumes.filter((one) => !one.startsWith("."))) {
    const [name = "", inside = ""] = volume.split(":");
    mkdirSync(join(work, name), { recursive: true });
    places.set(inside, join(work, name));
  }
  expect(secrets).toEqual(["master-key"]);
  const all: Record<string, string> = { STEWARD_DATA_DIR: "/data", ...environment };
  for (const [name, value] of Object.entries(all)) {
    all[name] = [...places].reduce(
      (text, [inside, outside]) =>
        text.startsWith(inside) ? outside + text.slice(inside.length) : text,
      value.replace("http://anvil:8545", chain.rpcUrl),
    );
  }
  return all;
}

test("the services of compose.yaml make two stewards on one chain, in the order they wait for, twice without harm", async () => {
  const run = async (name: string) => {
    const service = services[name] ?? { volumes: [] };
    const [file = "", script = ""] = service.entrypoint ?? [];
    const args = [resolve(script.replace("/packaging", "packaging"))];
    return await shell.spawn(file, args, { env: toEnvironment(service) }).ended;
  };
  for (const name of ["steward-setup", "replica-setup", "replica-setup"]) {
    expect(await run(name), name).toMatchObject({ code: 0 });
  }
  const entries = new Set<string>();
  for (const name of ["steward", "replica"]) {
    const service = services[name] ?? { volumes: [] };
    expect(service.depends_on?.[`${name}-setup`]?.condition).toBe("service_completed_successfully");
    const running = shell.start(["start"], {
      env: { ...toEnvironment(service), STEWARD_HTTP__PORT: "0" },
    });
    const [, url = ""] = await running.says(/^http {3}(\S+)$/m);
    const [kind = "", node = "", flag = "", script = ""] = service.healthcheck?.test ?? [];
    expect([kind, node, flag]).toEqual(["CMD", "node", "-e"]);
    const probe = script.replace("http://127.0.0.1:8420", url);
    expect(probe).not.toBe(script);
    expect((await shell.spawn("node", ["-e", probe]).ended).code, "the health check").toBe(0);
    const folder = join(work, name);
    const token = readFileSync(join(folder, "admin-token"), "utf8").trim();
    const answer = await fetch(`${url}/v1/config`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { config } = (await answer.json()) as { config: { chains: { settlement: string }[] } };
    entries.add(config.chains[0]?.settlement ?? "none");
    expect(readFileSync(join(folder, "node-key.pem"), "utf8")).toContain("ENCRYPTED");
    expect((await running.stop()).code).toBe(0);
  }
  expect(entries.size, "both use the same contracts").toBe(1);
  expect([...entries]).not.toContain("none");
});
