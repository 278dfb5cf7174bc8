import { expect, test } from "vitest";
import * as sdk from "../../src/client/agent.ts";

const ENTRY = "../../bin/client.mjs";

test("Node's entry to the SDK has everything that the SDK has", async () => {
  const entry = (await import(ENTRY)) as typeof sdk;
  expect(Object.keys(entry).toSorted()).toEqual(Object.keys(sdk).toSorted());
  expect(entry.Agent).toBe(sdk.Agent);
});
