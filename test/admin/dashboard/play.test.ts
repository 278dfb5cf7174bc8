import { expect, test } from "vitest";
import { startSteward } from "../../support/steward.ts";
import { Browser } from "./browser.ts";

const SCRIPT = "/admin/play/playground.js";

/** The one directive that differs between pages. */
function findConnect(policy: string | null): string | undefined {
  return policy?.split("; ").find((directive) => directive.startsWith("connect-src"));
}

test("the playground and its script are for who is logged in, and the script is the SDK without Node or eval", async () => {
  await using steward = await startSteward({});
  const browser = new Browser(steward);
  expect(await browser.open("/admin/play")).toMatchObject({ status: 303, text: "" });
  const refused = await browser.open(SCRIPT);
  expect(refused.status).toBe(401);
  expect(refused.headers.get("content-type")).toMatch(/^text\/html/);

  await browser.login(steward.token);
  const script = await browser.open(SCRIPT);
  expect(script.status).toBe(200);
  expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(script.text).toContain("atlas-bound-verify-v1");
  expect(script.text).not.toMatch(/\beval\(|from ?"node:|require\(/);
  const { text } = await browser.open("/admin/play");
  expect(text).toContain(`<script type="module" src="${SCRIPT}">`);
  expect(text).toContain(`data-node-id="${steward.nodeId}"`);
});

test("the playground dials the page's own host, or the public one where that is set; other pages dial nobody", async () => {
  await using own = await startSteward({});
  const here = new Browser(own);
  await here.login(own.token);
  const { host } = new URL(own.httpUrl);
  const page = await here.open("/admin/play");
  expect(page.text).not.toContain("data-wire-url");
  expect(findConnect(page.headers.get("content-security-policy"))).toBe(
    `connect-src 'self' ws://${host} wss://${host}`,
  );
  const other = await here.open("/admin/zones");
  expect(findConnect(other.headers.get("content-security-policy"))).toBe("connect-src 'self'");

  const http = { port: 0, public_url: "https://steward.example/agents" };
  await using proxied = await startSteward({ config: { http } });
  const there = new Browser(proxied);
  await there.login(proxied.token);
  const { headers, text } = await there.open("/admin/play");
  expect(text).toContain(`data-wire-url="${proxied.wireUrl}"`);
  expect(findConnect(headers.get("content-security-policy"))).toBe(
    "connect-src 'self' wss://steward.example",
  );
});
