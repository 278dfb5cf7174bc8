import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { createApi, startSteward, TEST_ZONE } from "../support/steward.ts";
import { listSigners, Receiver } from "./receiver.ts";

const PROBLEM = "its secret cannot be opened; give it another one";

/** Turns one bit of what is sealed in a column of a webhook. */
function alter(dataDir: string, webhookId: string, column: string): void {
  const db = new Database(join(dataDir, "steward.sqlite"));
  const where = "FROM webhooks WHERE webhook_id = ?";
  const sealed = db.prepare<[string], string>(`SELECT ${column} ${where}`).pluck().get(webhookId);
  const at = (sealed ?? "").length - 4;
  const other = sealed?.[at] === "A" ? "B" : "A";
  const altered = `${sealed?.slice(0, at)}${other}${sealed?.slice(at + 1)}`;
  db.prepare(`UPDATE webhooks SET ${column} = ? WHERE webhook_id = ?`).run(altered, webhookId);
  db.close();
}

test("a secret that cannot be opened fails the delivery until it is given up, says so, and is replaced", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-unopened-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  await using receiver = await Receiver.start();
  const bounds = { attempts_max: 2, retry_ms_first: 1, retry_ms_max: 2 };
  const config = { webhooks: { allow_private: true, ...bounds } };
  const body = { url: receiver.url, events: ["zone.created"], allow_private: true };
  let token = "";
  let id = "";
  let rotated = { id: "", first: "", second: "" };
  {
    await using first = await startSteward({ dataDir, config });
    token = first.token;
    id = (await first.api("POST", "/v1/webhooks", body)).body.id;
    const one = (await first.api("POST", "/v1/webhooks", body)).body;
    const { secret } = (await first.api("POST", `/v1/webhooks/${one.id}/secret`)).body;
    rotated = { id: one.id, first: one.secret, second: secret };
  }
  alter(dataDir, id, "secret_sealed");
  alter(dataDir, rotated.id, "former_secret_sealed");
  await using steward = await startSteward({ dataDir, config });
  const api = createApi(steward.httpUrl, token);
  expect((await api("POST", "/v1/zones", TEST_ZONE)).status).toBe(201);
  const list = async (hook: string) =>
    (await api("GET", `/v1/webhooks/${hook}/deliveries`)).body.deliveries;
  await expect
    .poll(() => list(id))
    .toMatchObject([{ state: "dead", attempts: 2, problem: PROBLEM }]);
  const tried = await api("POST", `/v1/webhooks/${id}/test`);
  expect([tried.status, tried.body]).toEqual([200, { delivered: false, problem: PROBLEM }]);
  // Whoever knows the present one takes what the former one can sign no more.
  await expect.poll(() => list(rotated.id)).toMatchObject([{ state: "delivered", attempts: 1 }]);
  expect(receiver.received).toHaveLength(1);
  const signers = (secrets: string[]) =>
    receiver.received.map((one) => listSigners(one, secrets)).at(-1);
  expect(signers([rotated.first, rotated.second])).toEqual([rotated.second]);

  const { status, body: renewed } = await api("POST", `/v1/webhooks/${id}/secret`, {
    overlap_secs: 60,
  });
  expect(status).toBe(200);
  expect(renewed).not.toHaveProperty("former_secret_until");
  expect((await api("POST", `/v1/webhooks/${id}/replay`)).body.replayed).toBe(1);
  await receiver.until(() => receiver.listTaken().length === 2);
  expect(signers([renewed.secret])).toEqual([renewed.secret]);
});
