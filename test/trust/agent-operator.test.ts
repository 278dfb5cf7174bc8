import { afterAll, expect, test } from "vitest";
import { Agent, createOperatorMessage } from "../../src/client/agent.ts";
import { parseConfig } from "../../src/config/config.ts";
import { openShell } from "../cli/support.ts";
import { startSteward } from "../support/steward.ts";
import { createAgentKey } from "../support/wire-client.ts";
import { alice, bob, DOMAIN, FID, signBinding } from "./support.ts";

const shell = openShell();
const allowed = [{ fid: FID, custody_address: alice.address }];
const steward = await startSteward({ config: { trust: { domain: DOMAIN, allowed } } });
const operatorArgs = ["--fid", String(FID), "--custody", alice.address, "--domain", DOMAIN];
const keyFile = `${shell.dir}/agent.key`;
const { node_id: nodeId } = JSON.parse(
  (await shell.run(["agent", "keygen", "--key", keyFile, "--json"])).stdout,
);

afterAll(async () => {
  await steward[Symbol.asyncDispose]();
  shell[Symbol.dispose]();
});

test("the SDK shows a binding, on every connection, and says what the steward makes of it", async () => {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const options = { key: seed, name: "sdk", allowInsecure: true };
  await using plain = await Agent.connect(steward.wireUrl, options);
  expect(plain.steward).toMatchObject({ trust: "unknown", trustReason: undefined });
  const own = (await steward.api("GET", "/v1/sessions")).body.sessions.find(
    ({ name }: { name: string }) => name === "sdk",
  ).node_id as string;
  const message = createOperatorMessage({
    ...{ nodeId: own, fid: FID, domain: DOMAIN },
    custodyAddress: alice.address,
  });
  const operator = {
    ...{ fid: FID, custody_address: alice.address, message },
    signature: await alice.signMessage({ message }),
  };
  await using agent = await Agent.connect(steward.wireUrl, {
    ...{ ...options, operator },
    reconnect: { initialDelayMs: 1 },
  });
  expect(agent.steward.trust).toBe("verified");
  const again = new Promise((resolve) => agent.on("reconnect", resolve));
  const { sessions } = (await steward.api("GET", "/v1/sessions")).body;
  const session = sessions.find(({ operator: found }: { operator?: object }) => found);
  await steward.api("DELETE", `/v1/sessions/${session.id}`);
  expect(await again).toMatchObject({ steward: { trust: "verified" } });
  const forged = { ...operator, signature: await bob.signMessage({ message }) };
  await using other = await Agent.connect(steward.wireUrl, { ...options, operator: forged });
  expect(other.steward).toMatchObject({ trust: "unknown", trustReason: "OPERATOR_SIGNATURE" });
});

test("the SDK refuses a binding for another node, before it dials", async () => {
  const operator = await signBinding({ nodeId: createAgentKey().nodeId });
  const key = crypto.getRandomValues(new Uint8Array(32));
  await expect(
    Agent.connect("ws://127.0.0.1:9/wire", { key, name: "sdk", operator }),
  ).rejects.toMatchObject({ code: "invalid_input" });
});

test("an agent from the shell: its key writes what is signed, and --operator shows it", async () => {
  const written = await shell.run([
    "agent",
    "operator",
    "--key",
    keyFile,
    ...operatorArgs,
    "--json",
  ]);
  const binding = JSON.parse(written.stdout);
  expect(binding.message).toContain(`atlas://node/${nodeId}`);
  const signature = await alice.signMessage({ message: binding.message });
  const file = shell.write("operator.json", { ...binding, signature });
  const base = ["agent", "discover", "--key", keyFile, "--url", steward.wireUrl];
  const listed = await shell.run([...base, "--operator", file]);
  expect(listed).toMatchObject({ code: 0, stderr: "" });
  const forged = await bob.signMessage({ message: binding.message });
  const other = shell.write("forged.json", { ...binding, signature: forged });
  const noted = await shell.run([...base, "--operator", other]);
  expect(noted.code).toBe(0);
  expect(noted.stderr).toContain("OPERATOR_SIGNATURE");
  const unsigned = shell.write("unsigned.json", binding);
  expect((await shell.run([...base, "--operator", unsigned])).code).toBe(2);
});

test("steward doctor asks the registry, and says what is wrong with it", async () => {
  const fid_registry = { chain_id: 10, address: bob.address, rpc_urls: ["http://127.0.0.1:9/"] };
  const trust = { domain: DOMAIN, fid_registry, allowed };
  const config = shell.write("doctor.json", { data_dir: steward.dataDir, trust });
  const { stdout } = await shell.run(["doctor", "--config", config, "--json"]);
  const findings = JSON.parse(stdout).findings.filter(
    (one: { area: string }) => one.area === "trust",
  );
  expect(findings).toMatchObject([
    { item: "domain", ok: true, detail: expect.stringContaining(DOMAIN) },
    { item: "operators", ok: true, detail: expect.stringContaining("1 listed") },
    { item: "fid registry, rpc_urls.0 127.0.0.1:9", ok: false, hint: expect.any(String) },
  ]);
});

test("a registry that nobody can be asked about is refused with the key that is missing", () => {
  const fid_registry = { chain_id: 10, address: bob.address };
  expect(() => parseConfig({ trust: { fid_registry } }, ".")).toThrow(
    "trust.fid_registry.rpc_urls",
  );
});
