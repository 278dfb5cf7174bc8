import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSteward, type TestSteward } from "../support/steward.ts";

let steward: TestSteward;
beforeAll(async () => {
  steward = await startSteward();
});
afterAll(() => steward[Symbol.asyncDispose]());

test("the document is valid OpenAPI 3.1, and anybody may read it", async () => {
  const response = await fetch(`${steward.httpUrl}/openapi.json`);
  expect(response.headers.get("content-type")).toBe("application/json");
  const document = await response.json();
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document);
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(validator.version).toBe("3.1");
});

test("every operation has a name of its own, says its scope, and what it answers and refuses", async () => {
  const { paths } = await (await fetch(`${steward.httpUrl}/openapi.json`)).json();
  const names = new Set<string>();
  for (const [path, item] of Object.entries<Record<string, Operation>>(paths)) {
    for (const operation of Object.values(item)) {
      expect(names.has(operation.operationId)).toBe(false);
      names.add(operation.operationId);
      const statuses = Object.keys(operation.responses);
      expect(statuses.some((status) => status.startsWith("2"))).toBe(true);
      expect(operation.security.length).toBe(path.startsWith("/v1/") ? 1 : 0);
      if (path.startsWith("/v1/")) expect(statuses).toContain("401");
    }
  }
  expect(names.size).toBeGreaterThan(45);
});

test("the reader shows every operation, with no script and nothing from elsewhere", async () => {
  const response = await fetch(`${steward.httpUrl}/docs`);
  expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'/);
  const page = await response.text();
  expect(page).not.toMatch(/<script|<link|<img|https?:\/\/|javascript:| on\w+=| style="/i);
  const { paths } = await (await fetch(`${steward.httpUrl}/openapi.json`)).json();
  for (const item of Object.values<Record<string, Operation>>(paths)) {
    for (const { operationId } of Object.values(item)) {
      expect(page).toContain(`<details id="${operationId}">`);
    }
  }
});

interface Operation {
  readonly operationId: string;
  readonly security: readonly unknown[];
  readonly responses: Record<string, unknown>;
}
