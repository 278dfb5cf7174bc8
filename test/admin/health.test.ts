import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { startPayingSteward } from "./paying-steward.ts";
import { createTempDir, expectError } from "./support.ts";

test("a steward without a chain is live, ready, and describes itself to anybody", async () => {
  await using steward = await startSteward({ config: { name: "lighthouse" } });
  const anybody = (path: string) => fetch(`${steward.httpUrl}${path}`);
  expect(await (await anybody("/livez")).json()).toEqual({ status: "live" });
  expect(await (await anybody("/readyz")).json()).toEqual({ status: "ready" });
  expect(await (await anybody("/readyz?verbose")).json()).toEqual({
    status: "ready",
    checks: [
      { name: "database", ok: true },
      { name: "draining", ok: true, draining: false },
    ],
  });
  const stopped = await steward.createZone();
  await steward.createZone();
  await steward.api("POST", `/v1/zones/${stopped}/stop`);
  const described = await anybody("/.well-known/atlas.json");
  expect(described.headers.get("cache-control")).toBe("no-store");
  expect(await described.json()).toEqual({
    node_id: steward.nodeId,
    name: "lighthouse",
    public_key: expect.stringMatching(/^[0-9a-f]{64}$/),
    protocol_v: 1,
    wire: [steward.wireUrl],
    chains: [],
    zones: 1,
  });
});

test("a draining steward is live but not ready", async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  await using upstream = createServer((_request, response) => asked.resolve(response));
  await once(upstream.listen(0, "127.0.0.1"), "listening");
  const { port } = upstream.address() as AddressInfo;
  using directory = createTempDir();
  const path = join(directory.path, "wait.mjs");
  writeFileSync(
    path,
    `export default async () => (await fetch("http://127.0.0.1:${port}")).text()`,
  );
  await using steward = await startSteward({
    config: { handlers: { "*": { wait: { type: "module", path } } } },
  });
  const zoneId = await steward.createZone({ actions: [{ name: "wait", description: "Waits." }] });
  await using agent = await WireClient.connect(steward.wireUrl);
  await agent.ask({ type: "zone.join", zone_id: zoneId });
  agent.sendBody({ type: "zone.request", request_id: "r", zone_id: zoneId, action: "wait" });
  const response = await asked.promise;
  const stopping = steward.steward[Symbol.asyncDispose]();
  const ready = await steward.api("GET", "/readyz?verbose");
  expectError(ready, 503, "not_ready");
  expect(ready.body.error.details).toMatchObject({
    failing: ["draining"],
    checks: [
      { name: "database", ok: true },
      { name: "draining", ok: false, draining: true },
    ],
  });
  expect((await steward.api("GET", "/livez")).status).toBe(200);
  response.end("done");
  expect(await agent.nextBody("zone.response")).toMatchObject({ result: "done" });
  await stopping;
});

test("a chain that answers as configured is ready; when it is gone the steward is not", async () => {
  await using world = await startPayingSteward();
  const { steward, chain, contracts } = world;
  const ready = await steward.api("GET", "/readyz?verbose");
  expect(ready.status).toBe(200);
  expect(ready.body.checks[2]).toMatchObject({
    name: "chain:31337",
    ok: true,
    chain_id: 31337,
    network: "anvil",
    reachable: true,
    verified: true,
  });
  const { chains } = (await steward.api("GET", "/.well-known/atlas.json")).body;
  expect(chains).toEqual([{ chain_id: 31337, network: "anvil", ...contracts }]);
  await chain.anvil.stop();
  await vi.waitFor(
    async () => {
      const answer = await steward.api("GET", "/readyz");
      expectError(answer, 503, "not_ready");
      expect(answer.body.error.details.failing).toEqual(["chain:31337"]);
      expect(answer.body.error.details.checks).toBeUndefined();
    },
    { timeout: 15_000, interval: 100 },
  );
  expect((await steward.api("GET", "/livez")).status).toBe(200);
});
