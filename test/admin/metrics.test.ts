import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";
import { startPayingSteward } from "./paying-steward.ts";
import { expectError } from "./support.ts";

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/;

/** Reads the text format as strictly as its specification; throws where a line is none of it. */
function parseMetrics(text: string) {
  const types = new Map<string, string>();
  const samples = new Map<string, number>();
  expect(text.endsWith("\n")).toBe(true);
  for (const line of text.slice(0, -1).split("\n")) {
    const [, name = "", type = ""] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (name !== "") {
      expect(types.has(name), `${name} twice`).toBe(false);
      types.set(name, type);
      continue;
    }
    if (/^# HELP \S+ \S/.test(line)) continue;
    const [, metric = "", labels = "", value] = SAMPLE.exec(line) ?? [];
    expect(metric, line).not.toBe("");
    const family = types.has(metric) ? metric : metric.replace(/_(bucket|sum|count)$/, "");
    expect(types.has(family), `${metric} without a type before it`).toBe(true);
    const key = `${metric}{${labels}}`;
    expect(samples.has(key), `${key} twice`).toBe(false);
    expect(Number.isNaN(Number(value)), line).toBe(false);
    samples.set(key, Number(value));
  }
  const value = (name: string, labels = "") => samples.get(`${name}{${labels}}`);
  return { types, samples, value };
}

async function scrape(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/metrics`, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return parseMetrics(await response.text());
}

test("metrics say what was done on the wire, over HTTP and in the database", async () => {
  const down = { type: "http", url: "http://127.0.0.1:1/", allow_private: ["127.0.0.1"] };
  await using steward = await startSteward({ config: { handlers: { "*": { down } } } });
  const actions = [{ name: "down", description: "Is down." }];
  const zoneId = await steward.createZone({ actions });
  const before = await scrape(steward.httpUrl);
  await using ada = await WireClient.connect(steward.wireUrl);
  await using ben = await WireClient.connect(steward.wireUrl);
  for (const agent of [ada, ben]) await agent.ask({ type: "zone.join", zone_id: zoneId });
  const id = "zmsg_01890a5d-ac96-774b-bcce-b302099a8057";
  await ada.ask({ type: "zone.message", zone_id: zoneId, id, content: { text: "hi" } });
  await ben.nextBody("zone.message");
  await ada.ask({ type: "zone.history", zone_id: zoneId, after_seq: 0, limit: 900 });
  await ada.ask({ type: "zone.request", request_id: "r", zone_id: zoneId, action: "down" });
  await fetch(`${steward.httpUrl}/v1/zones/${zoneId}/members`, {
    headers: { authorization: `Bearer ${steward.token}` },
  });
  await fetch(`${steward.httpUrl}/no/such/${zoneId}`);

  const { value, samples } = await scrape(steward.httpUrl);
  expect(value("steward_messages_total", 'type="zone.join",outcome="ok"')).toBe(2);
  expect(value("steward_messages_total", 'type="zone.message",outcome="ok"')).toBe(1);
  expect(value("steward_messages_total", 'type="zone.history",outcome="invalid_params"')).toBe(1);
  expect(value("steward_message_duration_seconds_count", 'type="zone.message"')).toBe(1);
  expect(value("steward_sessions", 'kind="verified"')).toBe(2);
  expect(value("steward_fan_out_deliveries_total")).toBeGreaterThanOrEqual(2);
  expect(value("steward_run_duration_seconds_count", 'outcome="failed"')).toBe(1);
  expect(value("steward_stored_rows", 'kind="member"')).toBe(2);
  const members = 'method="GET",route="/v1/zones/:zone_id/members",status="200"';
  expect(value("steward_http_requests_total", members)).toBe(1);
  expect(value("steward_http_requests_total", 'method="GET",route="none",status="404"')).toBe(1);
  const commits = "steward_commit_duration_seconds_count";
  expect(value(commits)).toBeGreaterThan(before.value(commits) ?? Number.NaN);
  expect(value("steward_database_bytes", 'of="file"')).toBeGreaterThan(100_000);
  expect(value("steward_disk_free_bytes")).toBeGreaterThan(0);
  expect(value("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  // No label is an id, so that there are never more series than types, codes and routes.
  const ids = [zoneId, steward.nodeId, ada.key.nodeId, ben.key.nodeId, "zmsg_", "req_"];
  for (const key of samples.keys()) for (const part of ids) expect(key).not.toContain(part);
});

test("what strangers send makes no series of their own", async () => {
  await using steward = await startSteward();
  await using agent = await WireClient.connect(steward.wireUrl);
  agent.sendBody({ type: `zone.${"x".repeat(40)}` });
  await agent.next("error");
  for (const path of ["/a", "/b/c", `/v1/zones/${createAgentKey().nodeId}`]) {
    await fetch(`${steward.httpUrl}${path}`, { method: "PROPFIND" });
  }
  const { samples, value } = await scrape(steward.httpUrl);
  expect(value("steward_wire_errors_total", 'code="2003"')).toBe(1);
  const http = [...samples.keys()].filter((key) => key.startsWith("steward_http_requests_total"));
  expect(http.sort()).toEqual([
    'steward_http_requests_total{method="other",route="none",status="401"}',
    'steward_http_requests_total{method="other",route="none",status="404"}',
  ]);
});

test("metrics are for this machine and tokens of scope read, or as admin.metrics says", async () => {
  await using steward = await startSteward();
  const ask = async (url: string, headers: Record<string, string>) => {
    const response = await fetch(`${url}/metrics`, { headers });
    const text = await response.text();
    const body = response.ok ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, body };
  };
  const token = { authorization: `Bearer ${steward.token}` };
  expect((await ask(steward.httpUrl, {})).status).toBe(200);
  for (const header of ["x-forwarded-for", "forwarded", "x-real-ip", "via"]) {
    const passedOn = { [header]: "203.0.113.7" };
    expectError(await ask(steward.httpUrl, passedOn), 401, "unauthorized");
    expect((await ask(steward.httpUrl, { ...passedOn, ...token })).status).toBe(200);
  }
  await using closed = await startSteward({ config: { admin: { metrics: "token" } } });
  expectError(await ask(closed.httpUrl, {}), 401, "unauthorized");
  const { body } = await closed.api("POST", "/v1/tokens", { name: "prometheus", scope: "read" });
  const reader = { authorization: `Bearer ${body.token}` };
  expect((await ask(closed.httpUrl, reader)).status).toBe(200);
  await using open = await startSteward({ config: { admin: { metrics: "public" } } });
  expect((await ask(open.httpUrl, { via: "1.1 proxy" })).status).toBe(200);
});

test("a steward with a chain says how chain, wallet and nodes are; the dashboard names what is there", async () => {
  await using world = await startPayingSteward();
  const { chain, steward } = world;
  const label = `chain="${chain.chainId}"`;
  const { value, types } = await scrape(steward.httpUrl);
  expect(value("steward_chain_ok", label)).toBe(1);
  expect(value("steward_wallet_gas_coins", label)).toBe(100);
  expect(value("steward_wallet_gas_ok", label)).toBe(1);
  expect(value("steward_rpc_calls_total", `${label},outcome="answered"`)).toBeGreaterThan(3);
  expect(value("steward_chain_block_number", label)).toBeGreaterThan(0);

  const families = [...types.keys()];
  const page = readFileSync("docs/metrics.md", "utf8");
  const listed = [...page.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, name]) => name);
  expect(listed).toEqual(families);
  for (const file of ["docs/grafana-dashboard.json", "docs/operations.md"]) {
    const named = readFileSync(file, "utf8").match(/\b(?:steward|process)_\w+(?=[{ )[`])/g) ?? [];
    // An error code, and a field of manifests.
    const others = ["steward_unavailable", "steward_set"];
    const metrics = named.filter((name) => !others.includes(name));
    expect(metrics.length, file).toBeGreaterThan(8);
    const unknown = metrics.filter(
      (name) =>
        !families.includes(name) && !families.includes(name.replace(/_(bucket|sum|count)$/, "")),
    );
    expect(unknown, file).toEqual([]);
  }
  const dashboard = JSON.parse(readFileSync("docs/grafana-dashboard.json", "utf8"));
  const exprs = dashboard.panels.flatMap((panel: { targets?: { expr: string }[] }) =>
    (panel.targets ?? []).map(({ expr }) => expr),
  );
  expect(exprs.length).toBeGreaterThan(30);
  for (const expr of exprs) expect(expr).toMatch(/\b(steward|process)_\w+/);
});
