import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { authorize, NETWORK, startPaidSteward } from "../support/paid-steward.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: readonly { key: string; value: Record<string, string> }[];
}

/** Takes what is posted, as a collector does. */
async function startCollector() {
  const spans: Span[] = [];
  const posts: { headers: IncomingHttpHeaders; path: string | undefined }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    posts.push({ headers: request.headers, path: request.url });
    for (const { resource, scopeSpans } of JSON.parse(String(Buffer.concat(chunks)))
      .resourceSpans) {
      expect(read(resource)["service.name"]).toBe("zone-steward");
      for (const scope of scopeSpans) spans.push(...scope.spans);
    }
    response.setHeader("content-type", "application/json").end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    ...{ spans, posts, url: `http://127.0.0.1:${port}/v1/traces` },
    [Symbol.dispose]: () => server.close().closeAllConnections(),
  };
}

function read({ attributes }: Pick<Span, "attributes">): Record<string, string | undefined> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

test("a paid request's messages, its run and its settlement are one trace, HTTP requests have their own, and the collector gets all at the end", async () => {
  using collector = await startCollector();
  process.env.TEST_OTLP_HEADERS = "authorization=Bearer of-the-collector, x-scope=a";
  const tracing = { otlp_url: collector.url, headers_env: "TEST_OTLP_HEADERS", interval_ms: 20 };
  const request_id = createId("req");
  let httpId: string | null;
  {
    await using paid = await startPaidSteward({
      tracing,
      handlers: { "*": { echo: { type: "echo" } } },
    });
    const { steward } = paid;
    const price = { amount: "2000000", asset: "USDC", network: NETWORK };
    const zone_id = await steward.createZone({
      actions: [{ name: "echo", description: "Echoes.", price }],
    });
    await using client = await WireClient.connect(steward.wireUrl);
    await client.ask({ type: "zone.join", zone_id });
    const body = { type: "zone.request", request_id, zone_id, action: "echo", params: { a: 1 } };
    const { payment_requirement } = await client.ask(body);
    const authorization = await authorize(payment_requirement, paid.payer);
    const answer = await client.ask({ type: "zone.payment", request_id, authorization });
    expect(answer.type).toBe("zone.response");
    expect(await client.ask({ type: "zone.inspect", zone_id: createId("zone") })).toMatchObject({
      code: "zone_not_found",
    });
    httpId = (await steward.api("GET", `/v1/zones/${zone_id}`)).headers.get("x-request-id");
  }
  const { spans, posts } = collector;
  const ofRequest = spans.filter((span) => read(span).request_id === request_id);
  expect(ofRequest.map(({ name }) => name).toSorted()).toEqual(
    ["run", "settle", "zone.payment", "zone.request"].toSorted(),
  );
  expect(new Set(ofRequest.map(({ traceId }) => traceId)).size).toBe(1);
  const settled = ofRequest.find(({ name }) => name === "settle") as Span;
  expect(read(settled)).toMatchObject({
    payment_id: expect.stringMatching(/^pay_/),
    tx_hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
  });
  const refused = spans.find(({ name }) => name === "zone.inspect") as Span;
  expect(refused.status).toEqual({ code: 2, message: "zone_not_found" });
  expect(read(refused).message_id).toMatch(/^msg_/);
  const http = spans.find((span) => read(span).request_id === httpId) as Span;
  expect(http.name).toBe("GET /v1/zones/:zone_id");
  expect(read(http)["http.response.status_code"]).toBe("200");
  expect(new Set([http, refused, settled].map(({ traceId }) => traceId)).size).toBe(3);
  for (const { traceId, startTimeUnixNano, endTimeUnixNano } of spans) {
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
  }
  expect(posts[0]).toMatchObject({
    path: "/v1/traces",
    headers: { authorization: "Bearer of-the-collector", "x-scope": "a" },
  });
});

test("a collector that is gone costs spans and nothing else: what waits is bounded and counted, and the end does not wait for it", async () => {
  const tracing = { otlp_url: "http://127.0.0.1:1/v1/traces", queue_max: 3, interval_ms: 60_000 };
  const steward = await startSteward({ config: { tracing } });
  for (let i = 0; i < 6; i++) expect((await steward.api("GET", "/v1/zones")).status).toBe(200);
  const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
  expect(counters["tracing.queue_max"]).toBeGreaterThanOrEqual(3);
  const shown = JSON.stringify((await steward.api("GET", "/v1/config")).body);
  expect(shown).toContain('"otlp_url":"http://127.0.0.1:1/[hidden]"');
  const endMs = performance.now();
  await steward[Symbol.asyncDispose]();
  expect(performance.now() - endMs).toBeLessThan(2000);
});

test("of a share of the traces each is whole or not there", async () => {
  using collector = await startCollector();
  const tracing = { otlp_url: collector.url, sample_ratio: 0.5, interval_ms: 20 };
  {
    await using steward = await startSteward({ config: { tracing } });
    const zone_id = await steward.createZone();
    await using client = await WireClient.connect(steward.wireUrl);
    await client.ask({ type: "zone.join", zone_id });
    for (let i = 0; i < 64; i++) {
      const body = { type: "zone.request", request_id: `r${i}`, zone_id, action: "echo" };
      await client.ask({ ...body, params: { text: "x" } });
      await client.ask({ type: "zone.receipt", request_id: `r${i}`, zone_id });
    }
  }
  const traces = Map.groupBy(
    collector.spans.filter(({ name }) => name === "zone.receipt" || name === "zone.request"),
    ({ traceId }) => traceId,
  );
  expect(traces.size).toBeGreaterThan(8);
  expect(traces.size).toBeLessThan(56);
  for (const spans of traces.values()) {
    expect(spans.map(({ name }) => name).toSorted()).toEqual(["zone.receipt", "zone.request"]);
  }
});
