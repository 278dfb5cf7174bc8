import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createApi } from "../support/steward.ts";
import { UserShell } from "../support/user-shell.ts";
import { WireClient } from "../support/wire-client.ts";
import { Browser } from "./dashboard/browser.ts";
import { ZONE_INPUT } from "./support.ts";

const RPC_KEY = "rpc-key-5f1c90";
const HOOK_PATH = "hook-path-77ab12";
const TARGET_PATH = "target-path-c81d20";
const HOOK_SECRET = "hook-secret-0e93f4";
const MASTER_KEY = "master key of 9d1f27, which is long enough";
const GUESS = "zs_0badbad0_guessed-by-somebody";

/** Of a file with a key, each line that is long enough to be one. */
function readKeys(file: string): string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines
    .map((line) => line.trim().replace(/^0x/, ""))
    .filter((line) => /^[\w+/=]{40,}$/.test(line));
}

test("no secret in play is in the log of a whole run, nor in what the API shows of itself", async () => {
  await using shell = new UserShell();
  const data = join(shell.dir, "data");
  const { stdout } = await shell.run(["init", "--data", data]);
  const token = /admin token {2}(\S+)/.exec(stdout)?.[1] ?? "";
  const address = `0x${"1".repeat(40)}`;
  const url = `http://127.0.0.1:1/${HOOK_PATH}?k=${HOOK_PATH}`;
  const post = { type: "http", url, secret_env: "HOOK_SECRET", allow_private: ["127.0.0.1"] };
  const chain = { chain_id: 31337, network: "x", usdc: address, settlement: `0x${"2".repeat(40)}` };
  const config = {
    data_dir: ".",
    http: { port: 0 },
    log: { level: "trace" },
    chains: [{ ...chain, rpc_urls: [`http://127.0.0.1:1/v3/${RPC_KEY}`] }],
    handlers: { "*": { post } },
    webhooks: { allow_private: true },
  };
  const file = join(data, "steward.config.json");
  writeFileSync(file, JSON.stringify(config));
  const env = { HOOK_SECRET, STEWARD_MASTER_KEY: MASTER_KEY };
  const process = shell.start(["start", "--config", file], { env });
  const [, httpUrl = ""] = await process.says(/^http +(\S+)/m);
  const api = createApi(httpUrl, token);
  const shown: string[] = [];
  const show = async (path: string) => {
    const response = await fetch(httpUrl + path, { headers: { authorization: `Bearer ${token}` } });
    shown.push(await response.text());
  };

  const made = (await api("POST", "/v1/tokens", { name: "second", scope: "admin" })).body;
  const actions = [{ name: "post", description: "Posts.", params: { text: "string" } }];
  const zone = (await api("POST", "/v1/zones", { ...ZONE_INPUT, actions, rules: { open: false } }))
    .body;
  const invited = (await api("POST", `/v1/zones/${zone.id}/invites`)).body;
  expect((await createApi(httpUrl, GUESS)("GET", "/v1/zones")).status).toBe(401);
  expect((await api("PUT", `/v1/zones/${zone.id}`, { token }, { "if-match": '"1"' })).status).toBe(
    400,
  );
  await using agent = await WireClient.connect(httpUrl.replace("http", "ws").concat("/wire"));
  const joining = { type: "zone.join", zone_id: zone.id };
  expect(await agent.ask({ ...joining, invite: `${invited.invite}x` })).toMatchObject({
    code: "not_open",
  });
  expect((await agent.ask({ ...joining, invite: invited.invite })).type).toBe("zone.joined");
  const request = { type: "zone.request", request_id: "r", zone_id: zone.id, action: "post" };
  expect((await agent.ask({ ...request, params: { text: "x" } })).type).toBe("zone.error");
  const leads = `http://127.0.0.1:1/services/${TARGET_PATH}`;
  const target = { url: leads, events: ["*"], allow_private: true };
  const webhook = (await api("POST", "/v1/webhooks", target)).body;
  const changed = (await api("POST", `/v1/webhooks/${webhook.id}/secret`)).body;
  const moved = { url: `${leads}?again=1` };
  expect((await api("PATCH", `/v1/webhooks/${webhook.id}`, moved)).status).toBe(200);
  expect((await api("POST", `/v1/webhooks/${webhook.id}/test`)).body.delivered).toBe(false);
  const browser = new Browser({ httpUrl });
  expect((await browser.login(token)).status).toBe(303);
  for (const path of ["", "/zones", "/webhooks", `/webhooks/${webhook.id}`, "/tokens", "/audit"]) {
    const page = await browser.open(`/admin${path}`);
    expect([path, page.status]).toEqual([path, 200]);
    shown.push(page.text);
  }
  for (const path of [
    "/v1/config",
    "/v1/audit",
    "/v1/tokens",
    "/v1/stats",
    "/v1/breakers",
    "/v1/webhooks",
    `/v1/webhooks/${webhook.id}`,
    `/v1/webhooks/${webhook.id}/deliveries`,
  ]) {
    await show(path);
  }
  for (const path of ["/readyz?verbose", "/metrics", `/v1/zones/${zone.id}/invites`])
    await show(path);
  const { stderr, stdout: said } = await process.stop();

  const secrets = {
    ...{ token, second: made.token, invite: invited.invite, guess: GUESS },
    ...{
      rpc: RPC_KEY,
      path: HOOK_PATH,
      target: TARGET_PATH,
      hook: HOOK_SECRET,
      master: MASTER_KEY,
    },
    ...{ webhook: webhook.secret, changed: changed.secret },
    visit: browser.cookie.split("=")[1] ?? "",
    wallet: readKeys(join(data, "wallet-key"))[0] ?? "",
    node: readKeys(join(data, "node-key.pem"))[0] ?? "",
    creator: readKeys(join(data, "creator-key.pem"))[0] ?? "",
  };
  // It ran, and what could have told them was said.
  expect(stderr).toContain("31337");
  expect(stderr.split("\n").length).toBeGreaterThan(3);
  expect(shown.join("")).toContain("HOOK_SECRET");
  for (const [name, secret] of Object.entries(secrets)) {
    expect([name, secret.length > 10]).toEqual([name, true]);
    for (const text of [stderr, said, ...shown]) {
      expect([name, text.includes(secret)]).toEqual([name, false]);
    }
  }
});
