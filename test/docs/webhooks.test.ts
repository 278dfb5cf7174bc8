import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { type Received, Receiver } from "../webhooks/receiver.ts";

const PAGE = readFileSync("docs/webhooks.md", "utf8");
const dir = mkdtempSync(join(tmpdir(), "webhooks-page-"));
const hasPython = spawnSync("python3", ["-c", "str.removeprefix"]).status === 0;
let received: Received;
let secret = "";

beforeAll(async () => {
  await using receiver = await Receiver.start();
  await using steward = await startSteward({ config: { webhooks: { allow_private: true } } });
  const body = { url: receiver.url, events: ["*"], allow_private: true };
  const hook = (await steward.api("POST", "/v1/webhooks", body)).body;
  await steward.api("POST", `/v1/webhooks/${hook.id}/test`);
  const [first] = receiver.received;
  if (first === undefined) throw new Error("nothing came");
  [received, secret] = [first, hook.secret];
});

afterAll(() => rmSync(dir, { recursive: true }));

/** The page's code in a language, in a file. */
function write(language: string, name: string, more = ""): string {
  const [, code = ""] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(PAGE) ?? [];
  const file = join(dir, name);
  writeFileSync(file, code + more);
  return file;
}

/** Requests that must be refused, by what was done to them. */
function listForged(): [string, Received["headers"], string][] {
  const { headers, text } = received;
  const old = String(Number(headers["webhook-timestamp"]) - 301);
  const other = `v1,${Buffer.alloc(32, 1).toString("base64")}`;
  return [
    ["another body", headers, text.replace("webhook.test", "payment.confirmed")],
    ["another id", { ...headers, "webhook-id": "evt_1" }, text],
    ["an old one", { ...headers, "webhook-timestamp": old }, text],
    ["another signature", { ...headers, "webhook-signature": `${other} v1,` }, text],
  ];
}

test("the page's code for Node takes what the steward signed, also beside another signature, and nothing else", async () => {
  const { verify } = await import(write("js", "verify.mjs"));
  const { headers, text } = received;
  const beside = { ...headers, "webhook-signature": `v1,AA== ${headers["webhook-signature"]}` };
  expect(verify(secret, headers, Buffer.from(text))).toBe(true);
  expect(verify(secret, beside, Buffer.from(text))).toBe(true);
  expect(verify(`whsec_${"A".repeat(44)}`, headers, Buffer.from(text))).toBe(false);
  for (const [name, forged, body] of listForged()) {
    expect([name, verify(secret, forged, Buffer.from(body))]).toEqual([name, false]);
  }
});

test.skipIf(!hasPython)("so does the page's code for Python", () => {
  const more = `
import json, sys
cases = json.load(sys.stdin)
print(json.dumps([verify(secret, headers, body.encode()) for secret, headers, body in cases]))
`;
  const file = write("python", "verify_webhook.py", more);
  const { headers, text } = received;
  const cases = [
    [secret, headers, text],
    [`whsec_${"A".repeat(44)}`, headers, text],
    ...listForged().map(([, forged, body]) => [secret, forged, body]),
  ];
  const { stdout, stderr } = spawnSync("python3", [file], { input: JSON.stringify(cases) });
  expect(stderr.toString()).toBe("");
  expect(JSON.parse(stdout.toString())).toEqual([true, ...cases.slice(1).map(() => false)]);
});
