import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiAnswer } from "../support/steward.ts";
import { findFaults, type Operation, readOperations } from "./api-document.ts";
import { fuzzOperation } from "./api-fuzz.ts";
import {
  type ApiWorld,
  type Ask,
  CONFLICTS,
  call,
  ELSEWHERE,
  SUCCESSES,
  startApiWorld,
} from "./api-world.ts";
import { createNodeId, expectError } from "./support.ts";

let world: ApiWorld;
let operations: Operation[];
beforeAll(async () => {
  world = await startApiWorld();
  operations = await readOperations(world.steward.httpUrl);
}, 60_000);
afterAll(() => world[Symbol.asyncDispose]());

/** Names for a path that could be there, of what is not. */
function toDummy({ parameters }: Operation): Ask {
  const ids: Record<string, string> = { zone_id: world.zone, node_id: createNodeId() };
  const names = parameters.filter((one) => one.in === "path").map(({ name }) => name);
  return { params: Object.fromEntries(names.map((name) => [name, ids[name] ?? "x"])) };
}

const prepare = async (id: string, from = SUCCESSES): Promise<Ask> =>
  (await from[id]?.(world)) ?? {};
const isPost = ({ method, scope }: Operation) => method === "POST" && scope !== undefined;
const tried = () => operations.filter(({ id }) => ELSEWHERE[id] === undefined);

function expectDocumented(operation: Operation, { status, body }: ApiAnswer): void {
  const schema = operation.answers.get(status);
  expect([operation.id, operation.answers.has(status), status]).toEqual([
    operation.id,
    true,
    status,
  ]);
  if (schema === undefined) return;
  expect({ id: operation.id, faults: findFaults(schema, body) }).toEqual({
    id: operation.id,
    faults: [],
  });
}

test("every operation succeeds, with a body that the document describes to the last field, and a POST repeats its answer for its Idempotency-Key and no other content", async () => {
  for (const operation of tried()) {
    const ask = await prepare(operation.id);
    const headers = { ...ask.headers, ...(isPost(operation) && { "idempotency-key": "one" }) };
    const answer = await call(world, operation, { ...ask, headers });
    expect([operation.id, answer.status, answer.body?.error]).toEqual([
      operation.id,
      expect.toSatisfy((status) => status >= 200 && status < 300),
      undefined,
    ]);
    expectDocumented(operation, answer);
    if (operation.body !== undefined && ask.body !== undefined) {
      expect([operation.id, findFaults(operation.body, ask.body)]).toEqual([operation.id, []]);
    }
    if (!isPost(operation)) continue;
    const again = await call(world, operation, { ...ask, headers });
    expect([operation.id, again.status, again.headers.get("idempotency-replayed")]).toEqual([
      operation.id,
      answer.status,
      "true",
    ]);
    expect(answer.body).toMatchObject(again.body);
    expectDocumented(operation, again);
    if (operation.body === undefined) continue;
    const other = { ...(ask.body as object), other: 1 };
    const refused = await call(world, operation, { ...ask, body: other, headers });
    expect([400, 409]).toContain(refused.status);
  }
});

test("what succeeds only with money or after a fault does so in the test that is named", () => {
  const known = new Set(operations.map(({ id }) => id));
  for (const [id, [file, names]] of Object.entries(ELSEWHERE)) {
    expect(known).toContain(id);
    expect([id, readFileSync(file, "utf8").includes(names)]).toEqual([id, true]);
  }
});

test("without a token every operation that needs one is 401, and one of less scope is 403", async () => {
  const answers = operations
    .filter(({ scope }) => scope !== undefined)
    .flatMap(async (operation) => {
      const ask = toDummy(operation);
      expectError(await call(world, operation, ask, ""), 401, "unauthorized");
      if (operation.scope === "read") return;
      const below = operation.scope === "admin" ? "operate" : "read";
      const forbidden = await call(world, operation, ask, world.tokens[below]);
      expectError(forbidden, 403, "forbidden");
      expect(forbidden.body.error.details.scope).toBe(operation.scope);
      expectDocumented(operation, forbidden);
    });
  await Promise.all(answers);
});

describe("bad input is refused by its status, whatever the operation", () => {
  const each = async (
    concerns: (operation: Operation) => boolean | undefined,
    toBad: (ask: Ask, operation: Operation) => Ask,
    expected: readonly [status: number, code: string],
  ) => {
    const concerned = operations.filter((one) => one.scope !== undefined && concerns(one));
    expect(concerned.length).toBeGreaterThan(0);
    await Promise.all(
      concerned.map(async (operation) => {
        const ask = toDummy(operation);
        const headers = operation.id === "updateZone" ? { "if-match": '"1"' } : {};
        const answer = await call(world, operation, toBad({ ...ask, headers }, operation));
        expect([operation.id, answer.status, answer.body?.error?.code]).toEqual([
          operation.id,
          ...expected,
        ]);
        expectDocumented(operation, answer);
      }),
    );
  };
  const hasBody = ({ body }: Operation) => body !== undefined;
  const has =
    (name: string, place = "path") =>
    (operation: Operation) =>
      operation.parameters.some((one) => one.name === name && one.in === place);

  test("unknown parameters and fields, and bodies of another type", async () => {
    const invalid = [400, "invalid_request"] as const;
    await each(
      () => true,
      (ask) => ({ ...ask, query: "?nope=1" }),
      invalid,
    );
    await each(has("limit", "query"), (ask) => ({ ...ask, query: "?limit=1&limit=2" }), invalid);
    await each(has("limit", "query"), (ask) => ({ ...ask, query: "?limit=0" }), invalid);
    await each(hasBody, (ask) => ({ ...ask, body: { nope: 1 } }), invalid);
    await each(hasBody, (ask) => ({ ...ask, body: [] }), invalid);
    await each(hasBody, (ask) => ({ ...ask, body: "x" }), invalid);
  });

  test("headers and media types", async () => {
    const text = { "content-type": "text/plain" };
    const type = [415, "unsupported_media_type"] as const;
    const withHeaders = (more: Record<string, string>) => (ask: Ask) => ({
      ...{ ...ask, body: {} },
      headers: { ...ask.headers, ...more },
    });
    await each(hasBody, withHeaders(text), type);
    const key = withHeaders({ "idempotency-key": "a b" });
    await each(has("Idempotency-Key", "header"), key, [400, "invalid_request"]);
    const needsMatch = ({ parameters }: Operation) =>
      parameters.some(({ name, required }) => name === "If-Match" && required);
    await each(needsMatch, (ask) => ({ ...ask, headers: {} }), [428, "precondition_required"]);
  });

  test("ids that can be none", async () => {
    const named = (name: string, value: string) => (ask: Ask) => ({
      ...ask,
      params: { ...ask.params, [name]: value },
    });
    for (const id of ["zone_x", "../livez", "%00", "é"]) {
      await each(has("zone_id"), named("zone_id", id), [404, "zone_not_found"]);
    }
    await each(has("node_id"), named("node_id", "atlas_x"), [400, "invalid_request"]);
    const others = ["payment_id", "escrow_id", "token_id", "session_id", "breaker", "backup_id"];
    for (const name of others) await each(has(name), named(name, "a\nb"), [404, "not_found"]);
  });
});

test("what conflicts with how things are is 409 or 412 for every operation that may", async () => {
  const conflicting = operations.filter(({ id, answers, method }) => {
    const may = answers.has(409) || answers.has(412);
    // Of a POST it may be that of its Idempotency-Key alone, which is tried above.
    return (
      may && (CONFLICTS[id] !== undefined || (method !== "POST" && ELSEWHERE[id] === undefined))
    );
  });
  for (const operation of conflicting) {
    const ask = await prepare(operation.id, CONFLICTS);
    const answer = await call(world, operation, ask);
    expect([operation.id, answer.status]).toEqual([operation.id, expect.toBeOneOf([409, 412])]);
    expectError(answer, answer.status, answer.body.error.code);
    expectDocumented(operation, answer);
  }
});

test("whatever the document allows or nearly allows is answered without a fault of the steward's", async () => {
  const ids = { ...toKnownIds(), node_id: world.member.nodeId };
  for (const operation of operations) {
    // Its own tests; each would copy the database.
    if (operation.id === "createBackup") continue;
    await fuzzOperation(operation, ids, async (ask) => {
      const answer = await call(world, operation, ask);
      expect([operation.id, ask, answer.status]).toEqual([
        operation.id,
        ask,
        expect.toSatisfy((status) => status < 500),
      ]);
      if (answer.status >= 400) expectError(answer, answer.status, answer.body.error.code);
    });
  }
  expect((await fetch(`${world.steward.httpUrl}/readyz`)).status).toBe(200);
}, 600_000);

function toKnownIds(): Record<string, string> {
  return { zone_id: world.zone, payment_id: world.payment, breaker: "127.0.0.1:1" };
}
