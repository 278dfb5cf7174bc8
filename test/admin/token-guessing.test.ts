import { expect, test } from "vitest";
import { type ApiAnswer, createApi, startSteward, type TestSteward } from "../support/steward.ts";
import { expectError } from "./support.ts";

const FAILURES = 5;
const DELAY_MS = 60;
const config = {
  http: { port: 0, trusted_proxies: ["127.0.0.1"] },
  admin: { token_failures_per_minute: FAILURES, token_delay_ms: DELAY_MS },
};

function ask(steward: TestSteward, address: string, token: string): Promise<ApiAnswer> {
  const api = createApi(steward.httpUrl, token);
  return api("GET", "/v1/zones", undefined, { "x-forwarded-for": address });
}

async function guess(steward: TestSteward, address: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    expectError(await ask(steward, address, `zs_guess_${i}`), 401, "unauthorized");
  }
}

test("whoever guesses waits in line, then is refused; others, and a token known there, do not wait", async () => {
  await using steward = await startSteward({ config });
  const [bad, good] = ["203.0.113.1", "203.0.113.2"] as const;
  expect((await ask(steward, bad, steward.token)).status).toBe(200);
  await guess(steward, bad, FAILURES);
  const startMs = performance.now();
  await guess(steward, bad, 3);
  expect(performance.now() - startMs).toBeGreaterThan(3 * DELAY_MS - 5);
  const flood = Promise.all(Array.from({ length: 40 }, (_, i) => ask(steward, bad, `zs_${i}`)));
  const known = await ask(steward, bad, steward.token);
  const elsewhere = await ask(steward, good, steward.token);
  expect([known.status, elsewhere.status]).toEqual([200, 200]);
  const answers = await flood;
  const refused = answers.filter(({ status }) => status === 429);
  // A turn may end while the flood is still arriving: its place is taken again.
  expect(refused.length).toBeLessThanOrEqual(40 - 16);
  expect(refused.length).toBeGreaterThanOrEqual(40 - 16 - 4);
  for (const answer of refused) {
    expectError(answer, 429, "rate_limited");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answer.body.error.details.reason).toBe("ADDRESS_LIMIT");
  }
  expect(answers.filter(({ status }) => status === 401).length).toBe(40 - refused.length);
  const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
  expect(counters["admin.token_failures_per_minute"]).toBe(3 + 40);
});

test("a right token that is new to such an address waits for its turn and works, and the /64 of IPv6 is one address", async () => {
  await using steward = await startSteward({ config });
  for (let i = 0; i < FAILURES; i++) await guess(steward, `2001:db8:0:1::${i + 1}`, 1);
  const made = await steward.api("POST", "/v1/tokens", { name: "new", scope: "read" });
  const startMs = performance.now();
  expect((await ask(steward, "2001:db8:0:1::ff", made.body.token)).status).toBe(200);
  expect(performance.now() - startMs).toBeGreaterThan(DELAY_MS - 5);
  const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
  expect(counters).toEqual({ "admin.token_failures_per_minute": 1 });
  expect((await ask(steward, "2001:db8:0:2::1", made.body.token)).status).toBe(200);
});

test("wrong tokens are in the audit log with their address, not one by one, and never their text", async () => {
  await using steward = await startSteward({ config });
  await guess(steward, "203.0.113.7", 12);
  // No token at all is no guess.
  const response = await fetch(`${steward.httpUrl}/v1/zones`);
  expect(response.status).toBe(401);
  const { entries } = (await steward.api("GET", "/v1/audit")).body;
  const refused = { kind: "refused", address: "203.0.113.7", actor: null, status: 401 };
  expect(entries).toMatchObject([
    { ...refused, failures: 1 },
    { ...refused, failures: 10 },
  ]);
  expect(JSON.stringify(entries)).not.toContain("zs_guess");
});
