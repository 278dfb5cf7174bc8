import fc from "fast-check";
import { expect, test } from "vitest";
import { Pacer, TIER_LIMITS } from "../../src/client/calls/pacer.ts";
import { limitsSchema } from "../../src/session/limits.ts";
import { RateLimiter } from "../../src/session/rate-limiter.ts";

test("the SDK's tier limits are the steward's defaults", () => {
  const defaults = limitsSchema.parse({});
  for (const tier of ["unknown", "verified"] as const) {
    expect(TIER_LIMITS[tier]).toEqual({
      messagesPerSecond: defaults[tier].messages_per_second,
      messagesPerMinute: defaults[tier].messages_per_minute,
      bytesPerMinute: defaults[tier].bytes_per_minute,
    });
  }
});

test("a paced agent is never refused by the steward's limiter, whatever it sends and however late it arrives", () => {
  const message = fc.record({
    idleMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
    bytes: fc.oneof(fc.constant(300), fc.integer({ min: 1, max: 4_000_000 })),
    lateMs: fc.integer({ min: 0, max: 150 }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom("unknown" as const, "verified" as const),
      fc.array(message, { minLength: 1, maxLength: 400 }),
      (tier, messages) => {
        let now = 1_000_000;
        let arrival = 0;
        let clock = 0;
        const limiter = new RateLimiter({
          limits: limitsSchema.parse({}),
          monotonicMs: () => clock,
          delay: { allowanceMs: 0 },
          findBanEnd: () => 0,
        });
        const pacer = new Pacer(TIER_LIMITS[tier]);
        for (const { idleMs, bytes, lateMs } of messages) {
          now += idleMs;
          now += pacer.waitMs(now, bytes);
          expect(pacer.waitMs(now, bytes)).toBe(0);
          pacer.note(now, bytes);
          arrival = Math.max(arrival, now + lateMs);
          clock = arrival;
          expect(limiter.take("atlas_x", tier, { bytes, lateMs: 0 })).toEqual({ allowed: true });
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("the pace uses most of what the steward allows", () => {
  const pacer = new Pacer(TIER_LIMITS.unknown);
  let now = 0;
  for (let i = 0; i < 54; i++) {
    now += pacer.waitMs(now, 100);
    pacer.note(now, 100);
  }
  expect(now).toBeLessThan(12_000);
  expect(pacer.waitMs(now, 100)).toBeGreaterThan(45_000);
});

test("a refusal holds everything, and then lets one message go at a time", () => {
  const pacer = new Pacer(undefined);
  for (let n = 0; n < 5; n++) pacer.backOff(1000, 200);
  expect(pacer.waitMs(1000, 1)).toBe(200);
  expect(pacer.waitMs(1200, 1)).toBe(0);
  pacer.note(1200, 1);
  expect(pacer.waitMs(1200, 1)).toBe(200);
  let now = 1200;
  for (let n = 0; n < 500; n++) {
    now += pacer.waitMs(now, 1);
    pacer.note(now, 1);
  }
  expect(pacer.waitMs(now, 1)).toBe(0);
});
