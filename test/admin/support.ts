import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import type { JsonObject } from "../../src/protocol/json.ts";
import { signEnvelope } from "../../src/zones/hosting/signed-envelope.ts";
import type { ApiAnswer, TestSteward } from "../support/steward.ts";
import { createAgentKey } from "../support/wire-client.ts";

/** The smallest create-input. */
export const ZONE_INPUT = {
  name: "a-zone",
  description: "A zone of the admin tests.",
  type: "open",
};

/** Asserts that an answer is an error in the form of every admin error. */
export function expectError(answer: ApiAnswer, status: number, code: string): void {
  const { error } = answer.body ?? {};
  expect({ status: answer.status, code: error?.code, message: error?.message }).toEqual({
    status,
    code,
    message: expect.stringMatching(/./),
  });
  expect(Object.keys(error).sort()).toEqual(["code", "details", "hint", "message", "request_id"]);
  expect(error.request_id).toBe(answer.headers.get("x-request-id"));
  expect(error.hint).not.toBe("");
  expect(answer.headers.get("cache-control")).toBe("no-store");
}

/** Makes a zone whose creator is not the steward, and signs its envelopes. */
export function createRemoteZone({ nodeId, wireUrl }: TestSteward) {
  const key = createAgentKey();
  const created = Math.floor(Date.now() / 1000);
  const manifest: JsonObject = {
    version: "1",
    id: createId("zone"),
    ...ZONE_INPUT,
    creator: { node_id: key.nodeId },
    steward_set: [{ node_id: nodeId, entrypoint: wireUrl, role: "primary" }],
    created_at: created,
  };
  const sign = (changes: {
    fields?: JsonObject;
    epoch: number;
    prev: string | null;
    state?: "active" | "stopped";
  }): JsonObject =>
    signEnvelope(key, {
      manifest: { ...manifest, ...changes.fields },
      epoch: changes.epoch,
      state: changes.state ?? "active",
      signed_at: created,
      prev: changes.prev,
      replication: undefined,
    });
  return { id: manifest.id as string, key, sign };
}

/** A node id nobody has. */
export function createNodeId(): string {
  return createAgentKey().nodeId;
}

/** A directory that is removed at the end of its scope. */
export function createTempDir(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "steward-admin-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
