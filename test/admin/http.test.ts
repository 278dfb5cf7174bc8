import { join } from "node:path";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdminEnv } from "../../src/admin/deps.ts";
import { answerError, guardAnswers } from "../../src/admin/http/answers.ts";
import { createLogger } from "../../src/base/log.ts";
import { Store } from "../../src/store/database.ts";
import { type ApiAnswer, createApi, startSteward, type TestSteward } from "../support/steward.ts";
import { createTempDir, expectError, ZONE_INPUT } from "./support.ts";

const BYTES_MAX = 4096;
let steward: TestSteward;

beforeAll(async () => {
  steward = await startSteward({ config: { http: { port: 0, body_bytes_max: BYTES_MAX } } });
});
afterAll(() => steward[Symbol.asyncDispose]());

async function send(path: string, init: RequestInit & { duplex?: "half" }): Promise<ApiAnswer> {
  const response = await fetch(`${steward.httpUrl}${path}`, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

function post(body: BodyInit, headers: Record<string, string> = {}): Promise<ApiAnswer> {
  return send("/v1/zones", {
    method: "POST",
    duplex: "half",
    body,
    headers: {
      authorization: `Bearer ${steward.token}`,
      "content-type": "application/json",
      ...headers,
    },
  });
}

describe("who may call", () => {
  test.each([
    ["no token", {}],
    ["another scheme", { authorization: "Basic YTpi" }],
    ["an unknown token", { authorization: "Bearer zs_wrong" }],
    ["an empty token", { authorization: "Bearer " }],
  ])("%s is 401 with a challenge", async (_name, headers) => {
    const answer = await send("/v1/zones", { headers: headers as Record<string, string> });
    expectError(answer, 401, "unauthorized");
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm=/);
  });

  test("each scope may do what it names and no more", async () => {
    const { id } = (await steward.api("POST", "/v1/zones", ZONE_INPUT)).body;
    const tokens = new Map<string, TestSteward["api"]>();
    for (const scope of ["read", "operate"]) {
      const made = await steward.api("POST", "/v1/tokens", { name: scope, scope });
      tokens.set(scope, createApi(steward.httpUrl, made.body.token));
    }
    const routes: [string, string, string][] = [
      ["operate", "POST", "/v1/zones"],
      ["operate", "PUT", `/v1/zones/${id}`],
      ["operate", "POST", `/v1/zones/${id}/stop`],
      ["operate", "POST", `/v1/zones/${id}/resume`],
      ["operate", "DELETE", `/v1/zones/${id}/members/x`],
      ["operate", "PUT", `/v1/zones/${id}/bans/x`],
      ["operate", "DELETE", `/v1/zones/${id}/bans/x`],
      ["operate", "DELETE", "/v1/sessions/x"],
      ["operate", "DELETE", "/v1/bans/x"],
      ["admin", "GET", "/v1/tokens"],
      ["admin", "POST", "/v1/tokens"],
      ["admin", "DELETE", "/v1/tokens/x"],
    ];
    for (const [scope, method, path] of routes) {
      const below = scope === "admin" ? "operate" : "read";
      const answer = await tokens.get(below)?.(method, path);
      if (answer === undefined) throw new Error(below);
      expectError(answer, 403, "forbidden");
      expect(answer.body.error.details.scope).toBe(scope);
      expect(answer.headers.get("www-authenticate")).toContain(`scope="${scope}"`);
    }
    for (const path of ["", `/${id}`, `/${id}/members`, `/${id}/bans`, `/${id}/log`]) {
      expect((await tokens.get("read")?.("GET", `/v1/zones${path}`))?.status).toBe(200);
    }
    for (const path of ["payments", "sessions", "bans"]) {
      expect((await tokens.get("read")?.("GET", `/v1/${path}`))?.status).toBe(200);
    }
    expect((await tokens.get("operate")?.("POST", "/v1/zones", ZONE_INPUT))?.status).toBe(201);
  });
});

describe("what is sent", () => {
  test("an unknown path and an unknown method are 404", async () => {
    expectError(await send("/nothing", {}), 404, "not_found");
    expectError(await steward.api("GET", "/v1/nothing"), 404, "not_found");
    expectError(await steward.api("PATCH", "/v1/zones"), 404, "not_found");
    expectError(await steward.api("GET", "/v1/zones/%zz"), 404, "zone_not_found");
  });

  test("a body that is not JSON by its type is 415", async () => {
    const body = JSON.stringify(ZONE_INPUT);
    expectError(await post(body, { "content-type": "text/plain" }), 415, "unsupported_media_type");
    expectError(
      await post(new Uint8Array(8), { "content-type": "" }),
      415,
      "unsupported_media_type",
    );
    expect((await post(body, { "content-type": "application/json; charset=utf-8" })).status).toBe(
      201,
    );
  });

  test("a body over the limit is 413, announced or not", async () => {
    const large = new Uint8Array(BYTES_MAX + 1).fill(32);
    expectError(await post(large), 413, "payload_too_large");
    expectError(await post(new Blob([large]).stream()), 413, "payload_too_large");
    const fits = JSON.stringify(ZONE_INPUT).padEnd(BYTES_MAX, " ");
    expect((await post(fits)).status).toBe(201);
  });

  test.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["no UTF-8", Uint8Array.from([0x22, 0xff, 0x22])],
    ["the same key twice", '{"name":"a","name":"b"}'],
    ["a rounded integer", '{"chain_id":9007199254740993}'],
    ["a control character", JSON.stringify({ ...ZONE_INPUT, name: "a\u202eb" })],
    ["a list", "[]"],
    ["too deep", `${"[".repeat(40)}${"]".repeat(40)}`],
  ])("%s is 400", async (_name, body) => {
    expectError(await post(body), 400, "invalid_request");
  });

  test.each(["limit=0", "limit=501", "limit=x", "limit=1.5", "nope=1"])(
    "the list query %s is 400",
    async (query) => {
      expectError(await steward.api("GET", `/v1/zones?${query}`), 400, "invalid_request");
    },
  );
});

describe("what goes wrong inside", () => {
  test("an unexpected value is 500 without its text, logged once", async () => {
    const lines: string[] = [];
    using directory = createTempDir();
    await using store = openStore(directory);
    const log = createLogger("silent");
    log.error = ((fields: { err: unknown }) => lines.push(String(fields.err))) as typeof log.error;
    const app = createApp({ store, log });
    app.get("/error", () => {
      throw new Error("secret path /home/x");
    });
    app.get("/string", () => {
      throw "a secret string";
    });
    for (const path of ["/error", "/string"]) {
      const response = await app.request(path);
      const answer = {
        status: response.status,
        headers: response.headers,
        body: await response.json(),
      };
      expectError(answer, 500, "internal");
      expect(JSON.stringify(answer.body)).not.toContain("secret");
    }
    expect(lines).toEqual(["Error: secret path /home/x", "a secret string"]);
  });

  test("an answer whose write is lost is not given", async () => {
    using directory = createTempDir();
    await using store = openStore(directory);
    const app = createApp({ store, log: createLogger("silent") });
    app.post("/write", (context) => {
      store.write(() => store.raw.exec("INSERT INTO wire_bans VALUES ('a', 'b', 1, 2)"));
      // What SQLite does by itself on SQLITE_FULL.
      store.raw.exec("ROLLBACK");
      context.header("ETag", '"1"');
      return context.json({ ok: true }, 201);
    });
    const response = await app.request("/write", { method: "POST" });
    const answer = {
      status: response.status,
      headers: response.headers,
      body: await response.json(),
    };
    expectError(answer, 500, "internal");
    expect(answer.headers.get("etag")).toBeNull();
  });
});

function openStore({ path }: { path: string }): Store {
  return Store.open(join(path, "steward.sqlite"), { onFatal: () => {}, onEffectError: () => {} });
}

function createApp(deps: Parameters<typeof guardAnswers>[0]): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>();
  app.use(guardAnswers(deps));
  app.onError((error, context) => answerError(deps, context, error));
  return app;
}
