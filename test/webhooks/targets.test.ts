import { afterAll, beforeAll, expect, test } from "vitest";
import { createApi, startSteward, type TestSteward } from "../support/steward.ts";
import { Receiver } from "./receiver.ts";

let steward: TestSteward;

beforeAll(async () => {
  steward = await startSteward({ config: { webhooks: { webhooks_max: 3 } } });
});

afterAll(async () => {
  await steward[Symbol.asyncDispose]();
});

const add = (api: TestSteward["api"], url: string, fields: object = {}) =>
  api("POST", "/v1/webhooks", { url, events: ["*"], ...fields });

test("an URL that leads to a private address, by itself or by its name, is refused", async () => {
  const hosts = ["127.0.0.1", "localhost", "127.1", "2130706433", "[::1]", "[::ffff:10.0.0.1]"];
  for (const host of [...hosts, "169.254.169.254", "10.1.2.3", "[fd00:ec2::254]"]) {
    const { status, body } = await add(steward.api, `http://${host}:8080/hook`);
    expect([host, status, body.error.code]).toEqual([host, 400, "invalid_request"]);
    expect(body.error.message).toContain("private or reserved address");
  }
  const asked = await add(steward.api, "http://127.0.0.1/", { allow_private: true });
  expect(asked.status).toBe(400);
  expect(asked.body.error.message).toContain("webhooks.allow_private");
});

test("an URL of no use, a type that there is not and a secret that is none are refused", async () => {
  for (const url of [
    "ftp://example.com/",
    "http://user:word@example.com/",
    "hook",
    "javascript:1",
  ]) {
    expect([url, (await add(steward.api, url)).status]).toEqual([url, 400]);
  }
  for (const events of [[], ["member.jumped"], ["nothing.*"], ["member"], ["*.joined"]]) {
    const { status } = await add(steward.api, "https://example.com/", { events });
    expect([events, status]).toEqual([events, 400]);
  }
  const { status } = await add(steward.api, "https://example.com/", { secret: "whsec_short" });
  expect(status).toBe(400);
});

test("webhooks are as many as they may be, what their URLs hold is not shown, and a removed one is gone", async () => {
  const url = "https://example.com:8443/services/very-secret?code=very-secret&x=1";
  const made = await Promise.all([1, 2, 3].map(() => add(steward.api, url)));
  expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
  const refused = await add(steward.api, url);
  expect([refused.status, refused.body.error.code]).toEqual([409, "conflict"]);
  expect(refused.body.error.message).toContain("webhooks.webhooks_max");
  const { body: eyes } = await steward.api("POST", "/v1/tokens", { name: "eyes", scope: "read" });
  const { body } = await createApi(steward.httpUrl, eyes.token)("GET", "/v1/webhooks");
  expect(body.webhooks[0].url).toBe("https://example.com:8443/[hidden]");
  const bare = await steward.api("PATCH", `/v1/webhooks/${made[0]?.body.id}`, {
    url: "https://example.com",
  });
  expect(bare.body.url).toBe("https://example.com/");
  const audit = JSON.stringify(await steward.api("GET", "/v1/audit?limit=500"));
  expect(audit).toContain("/v1/webhooks");
  expect(audit).not.toContain("very-secret");
  for (const { body: one } of made) {
    expect((await steward.api("DELETE", `/v1/webhooks/${one.id}`)).status).toBe(204);
    expect((await steward.api("GET", `/v1/webhooks/${one.id}`)).status).toBe(404);
  }
});

test("what the configuration permits no longer is refused at the connection, too", async () => {
  await using receiver = await Receiver.start();
  const { mkdtempSync, rmSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const dataDir = mkdtempSync(`${tmpdir()}/steward-hooks-`);
  const config = (allow_private: unknown) => ({ webhooks: { allow_private } });
  let api: TestSteward["api"];
  let id = "";
  {
    await using first = await startSteward({ dataDir, config: config(true) });
    const url = `http://localhost:${receiver.port}/hook`;
    id = (await add(first.api, url, { allow_private: true })).body.id;
    const test = await first.api("POST", `/v1/webhooks/${id}/test`);
    expect(test.body).toEqual({ delivered: true, status: 204 });
    expect(receiver.received.at(-1)?.body).toMatchObject({ id: 0, type: "webhook.test" });
    // Of a webhook that was not made with it, the configuration's word is not enough.
    expect((await add(first.api, url)).status).toBe(400);
    const { body } = await first.api("POST", "/v1/tokens", { name: "next", scope: "admin" });
    api = async (method, path, content) => {
      const response = await fetch(`${second.httpUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${body.token}`,
          ...(content !== undefined && { "content-type": "application/json" }),
        },
        ...(content !== undefined && { body: JSON.stringify(content) }),
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    };
  }
  await using second = await startSteward({ dataDir, config: config([]) });
  const { body } = await api("POST", `/v1/webhooks/${id}/test`);
  expect(body).toEqual({ delivered: false, problem: "its host has a private or reserved address" });
  expect(receiver.received.filter(({ body: { type } }) => type === "webhook.test")).toHaveLength(1);
  rmSync(dataDir, { recursive: true, force: true });
});
