import { expect, test } from "vitest";
import { openShell } from "../cli/support.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { listSigners, Receiver } from "./receiver.ts";

test("an operator adds a webhook, tries it, sees what was given up, and sends it again", async () => {
  await using receiver = await Receiver.start();
  const webhooks = { allow_private: ["127.0.0.1"], attempts_max: 1 };
  await using steward = await startSteward({ config: { webhooks } });
  using shell = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: steward.token });
  const hook = await shell.json([
    ...["webhook", "add", receiver.url, "--event", "member.*", "zone.created"],
    "--allow-private",
  ]);
  expect(hook).toMatchObject({ events: ["member.*", "zone.created"], state: "active" });
  const run = (name: string, ...rest: string[]) => shell.json(["webhook", name, hook.id, ...rest]);
  expect(await run("test")).toEqual({ delivered: true, status: 204 });
  const [tried] = receiver.received;
  expect(tried && listSigners(tried, [hook.secret])).toEqual([hook.secret]);

  receiver.answer = (response) => response.writeHead(500).end("<b>oops</b> at /srv/app/x.js");
  const failed = await shell.run(["webhook", "test", hook.id]);
  expect(failed.code).toBe(1);
  expect(hook.url).toBe(new URL(receiver.url).origin + "/[hidden]");
  expect(failed.stdout).toContain("it answered 500: oops at [path]");
  const zoneId = await steward.createZone();
  const listDead = async () => (await run("deliveries", "--state", "dead")).deliveries;
  await expect.poll(listDead, { timeout: 20_000, interval: 100 }).toHaveLength(1);
  const [dead] = await listDead();
  expect(dead).toMatchObject({ type: "zone.created", zone_id: zoneId, attempts: 1, status: 500 });

  receiver.answer = (response) => response.writeHead(204).end();
  const count = receiver.received.length;
  expect(await run("replay", dead.id)).toMatchObject({ id: dead.id, state: "pending" });
  await receiver.until(() => receiver.received.length === count + 1);
  expect(await run("replay", "--dead")).toMatchObject({ replayed: 0 });
  expect((await shell.run(["webhook", "replay", hook.id])).code).toBe(2);

  expect((await run("pause")).state).toBe("paused");
  const { secret } = await run("secret", "--overlap", "0");
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: zoneId });
  expect((await run("resume")).state).toBe("active");
  await receiver.until(() => receiver.received.length === count + 2);
  const joined = receiver.received.at(-1);
  expect(joined?.body.type).toBe("member.joined");
  expect(joined && listSigners(joined, [hook.secret, secret])).toEqual([secret]);

  const { stdout } = await shell.run(["webhook", "list"]);
  expect(stdout).toContain(hook.id);
  expect(stdout).not.toContain("whsec_");
  expect(await run("remove")).toMatchObject({ removed: true });
});
