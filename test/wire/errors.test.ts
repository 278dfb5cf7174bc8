import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ERROR_REASONS,
  HTTP_ERRORS,
  REASON_ADVICE,
  WIRE_ERRORS,
  ZONE_ERRORS,
} from "../../src/error-catalogue.ts";
import {
  findErrorRow,
  isWireErrorCode,
  isZoneErrorCode,
  StewardError,
  toErrorMessage,
  toHttp,
  toPeerText,
  toZoneError,
  withoutDetail,
} from "../../src/errors.ts";
import { MESSAGE_ID, REQUEST_ID } from "./sources/cast.ts";

const SECRET = new Error("ENOENT /var/lib/steward/node-key.pem");

describe("the catalogue", () => {
  test("has the nine wire codes and no other", () => {
    const codes = [1001, 1002, 1003, 1004, 2001, 2002, 2003, 4001, 5001];
    expect(Object.keys(WIRE_ERRORS).map(Number)).toEqual(codes);
  });

  test("has the eighteen zone codes and no other", () => {
    expect(Object.keys(ZONE_ERRORS).sort()).toEqual(
      [
        ..."zone_not_found action_not_found stale_manifest not_steward replica_not_ready".split(
          " ",
        ),
        ..."steward_unavailable stopped banned not_open skills_mismatch full not_member".split(" "),
        ..."rate_limited invalid_params payment_required payment_invalid payment_failed".split(" "),
        "internal",
      ].sort(),
    );
  });

  test("gives every code a status, a summary and a hint; its key is its name", () => {
    for (const rows of [ZONE_ERRORS, HTTP_ERRORS]) {
      for (const [code, row] of Object.entries(rows)) expect(row.name).toBe(code);
    }
    for (const rows of [WIRE_ERRORS, ZONE_ERRORS, HTTP_ERRORS]) {
      for (const row of Object.values(rows)) {
        expect(row.http).toBeGreaterThanOrEqual(400);
        expect(row.http).toBeLessThan(600);
        expect(toPeerText(row.summary)).toBe(row.summary);
        expect(row.hint).toMatch(/\.$|\?$/);
      }
    }
    for (const text of Object.values(ERROR_REASONS)) expect(toPeerText(text)).toBe(text);
  });

  test("code sets do not mix", () => {
    expect(isWireErrorCode(1001)).toBe(true);
    expect(isZoneErrorCode("full")).toBe(true);
    for (const code of ["1001", "full", 1000, 3001, "toString", undefined]) {
      expect(isWireErrorCode(code)).toBe(false);
    }
    for (const code of [1001, "unauthorized", "constructor", undefined]) {
      expect(isZoneErrorCode(code)).toBe(false);
    }
    expect(findErrorRow("not_ready").http).toBe(503);
  });

  test("docs/errors.md is generated from it", () => {
    const script = new URL("../../scripts/generate-error-docs.ts", import.meta.url);
    execFileSync(process.execPath, [script.pathname, "--check"], { stdio: "pipe" });
  });
});

describe("zone.error", () => {
  test("carries the code, the request and the detail", () => {
    const error = new StewardError("rate_limited", { reason: "OVERLOADED", retryAfterMs: 1500 });
    const body = toZoneError(error, REQUEST_ID);
    expect(body).toEqual({
      type: "zone.error",
      request_id: REQUEST_ID,
      code: "rate_limited",
      message: ZONE_ERRORS.rate_limited.summary,
      reason: "OVERLOADED",
      recovery: "retry",
      retry_after_ms: 1500,
      hint: REASON_ADVICE.OVERLOADED?.hint,
    });
    expect(toZoneError(new StewardError("rate_limited")).hint).toBe(ZONE_ERRORS.rate_limited.hint);
    expect(withoutDetail(body)).toEqual({
      type: "zone.error",
      request_id: REQUEST_ID,
      code: "rate_limited",
      message: ZONE_ERRORS.rate_limited.summary,
    });
    expect(Object.keys(toZoneError(error))).not.toContain("request_id");
  });

  test.each([SECRET, "text", undefined, new StewardError(2003), new StewardError("unauthorized")])(
    "is internal for %s, and says nothing of it",
    (thrown) => {
      const body = toZoneError(thrown);
      expect(body.code).toBe("internal");
      expect(body.message).toBe(ZONE_ERRORS.internal.summary);
    },
  );
});

describe("ErrorMessage", () => {
  test("carries the code, the message it is about and, for peers that ask, the detail", () => {
    const error = new StewardError(2003, { message: "The body is not a map." });
    expect(toErrorMessage(error, { refMsgId: MESSAGE_ID, withDetail: false })).toEqual({
      code: 2003,
      message: "The body is not a map.",
      ref_msg_id: MESSAGE_ID,
    });
    expect(toErrorMessage(error, { withDetail: true })).toEqual({
      code: 2003,
      message: "The body is not a map.",
      recovery: "change",
      hint: WIRE_ERRORS[2003].hint,
    });
  });

  test.each([SECRET, null, new StewardError("banned"), new StewardError("not_found")])(
    "is 5001 for %s, and says nothing of it",
    (thrown) => {
      const fields = toErrorMessage(thrown, { withDetail: false });
      expect(fields).toEqual({ code: 5001, message: WIRE_ERRORS[5001].summary });
    },
  );
});

describe("HTTP", () => {
  test.each<[StewardError, number, string]>([
    [new StewardError("zone_not_found"), 404, "zone_not_found"],
    [new StewardError("unauthorized"), 401, "unauthorized"],
    [new StewardError(2003), 400, "message_rejected"],
    [new StewardError("internal", { reason: "UPSTREAM_ERROR" }), 502, "internal"],
    [new StewardError("internal", { reason: "UPSTREAM_TIMEOUT" }), 504, "internal"],
    [new StewardError("internal", { reason: "CHAIN_UNAVAILABLE" }), 503, "internal"],
    [new StewardError("payment_invalid", { reason: "NONCE_MISMATCH" }), 402, "payment_invalid"],
  ])("%s → %i", (error, status, code) => {
    const http = toHttp(error, "r1");
    expect(http.status).toBe(status);
    expect(http.body.error).toMatchObject({ code, request_id: "r1" });
    expect(http.body.error.hint).not.toBe("");
  });

  test("shows details, reason and recovery; what is thrown by accident is 500 and silent", () => {
    const error = new StewardError("forbidden", {
      details: { scope: "admin" },
      reason: "NOT_ALLOWED",
    });
    expect(toHttp(error, "r").body.error.details).toEqual({
      scope: "admin",
      reason: "NOT_ALLOWED",
      category: "access",
      recovery: "operator",
    });
    const silent = toHttp(SECRET, "r");
    expect(silent.status).toBe(500);
    expect(JSON.stringify(silent)).not.toContain("node-key");
  });
});

describe("text for peers", () => {
  test.each([
    ["fetch https://u:p@host:1/x?y failed", "fetch [url] failed"],
    ["open /var/lib/steward/node-key.pem: EACCES", "open [path] EACCES"],
    ["at ~/steward/key.pem", "at [path]"],
    ["at C:\\Users\\me\\key.pem", "at [path]"],
    ["at \\\\host\\share\\key", "at [path]"],
    ["at ../../secrets/key", "at [path]"],
    ["at ./x", "at [path]"],
    ["in src/wire/body.ts:12:3", "in [path]"],
    ["in node_modules/ws/lib/receiver.js", "in [path]"],
    ["/home/ünal/schlüssel.pem missing", "[path] missing"],
    ["//evil.example/x", "[path]"],
    [`key ${"ab".repeat(32)} leaked`, "key [hex] leaked"],
    [`key 0x${"AB".repeat(32)} leaked`, "key [hex] leaked"],
    ["-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY----- here", "[key] here"],
    ["-----BEGIN EC PRIVATE KEY-----\nMC4CAQ==", "[key]"],
    ["<b>bold</b> <script>alert(1)</script>", "bold alert(1)"],
    ["<<b>script>alert(1)", "script>alert(1)"],
    ["<<a href", "a href"],
    [`key=k${"ab".repeat(32)}`, "key=k[hex]"],
    ["<img src=x onerror=alert(1)", "img src=x onerror=alert(1)"],
    [`<a title="${"x".repeat(300)}">link</a>`, "link"],
    ["http:<b>//evil.example", "[url]"],
    ["line\nbreak\u0000\u202eevil", "line break evil"],
    ["lone \ud800 surrogate", "lone \ufffd surrogate"],
  ])("%s", (text, expected) => {
    expect(toPeerText(text)).toBe(expected);
  });

  test("harmless text stays", () => {
    for (const text of [
      "expected 1 to 64 of A-Z a-z 0-9 . _",
      "a < b and b > c, and/or 3 <= 4",
      "Content-Type: application/json; text/plain",
      "zone.join/zone.leave: no such zone",
      `node atlas_${"ab".repeat(32)} is banned`,
      "HTTP/1.1 503 at 12:30:00",
    ]) {
      expect(toPeerText(text)).toBe(text);
    }
  });

  test("has at most 200 characters and no half surrogate pair", () => {
    const long = toPeerText("wörd ".repeat(100));
    expect(long).toHaveLength(200);
    expect(long.endsWith("…")).toBe(true);
    const cut = toPeerText(`${"x ".repeat(99)}😀😀😀`);
    expect(cut.isWellFormed()).toBe(true);
    expect(cut).toBe(`${"x ".repeat(99)}…`);
  });

  test("never takes long, and its rules hold for any text", () => {
    const parts = [
      "a",
      "/",
      "<",
      ">",
      ":",
      "//",
      "\\",
      ".",
      "-----BEGIN ",
      "0x",
      "f".repeat(64),
      " ",
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...parts), { maxLength: 200 }),
        fc.nat(50),
        (list, times) => {
          const start = performance.now();
          const text = toPeerText(list.join("").repeat(times));
          expect(performance.now() - start).toBeLessThan(1000);
          expect(text.length).toBeLessThanOrEqual(200);
          expect(text).not.toMatch(/:\/\/|<[a-z/!?]|[0-9a-f]{64}/);
        },
      ),
      { numRuns: 300 },
    );
  });
});
