import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ERROR_REASONS, WIRE_ERRORS, ZONE_ERRORS } from "../../src/error-catalogue.ts";
import { SignatureVerifier } from "../../src/identity/verify.ts";
import type { JsonObject } from "../../src/protocol/json.ts";
import { manifestSchema } from "../../src/protocol/manifest.ts";
import { BINDING_FAULTS } from "../../src/protocol/operator-binding.ts";
import { toSignedJson } from "../../src/protocol/signed-content.ts";
import { parseBody } from "../../src/wire/body.ts";
import { decodeEnvelope, encodeEnvelope, MESSAGE_TYPES } from "../../src/wire/envelope.ts";
import { MESSAGE_SCHEMAS, parseMessageFields } from "../../src/wire/messages.ts";
import { ZONE_REQUEST_SCHEMAS, type ZoneRequestType } from "../../src/wire/zone-requests.ts";
import { verifyEnvelope } from "../../src/zones/hosting/signed-envelope.ts";

import { DOC, example, exampleNames } from "./protocol-doc.ts";

const NAMES = {
  hello: "Hello",
  hello_ack: "HelloAck",
  verify: "Verify",
  verify_ack: "VerifyAck",
  message: "Message",
  message_ack: "MessageAck",
  error: "Error",
  ping: "Ping",
  pong: "Pong",
  disconnect: "Disconnect",
} as const;
const TYPES = Object.keys(NAMES) as (keyof typeof NAMES)[];

describe("message types", () => {
  test.each(TYPES)("%s: number, every field and an example", (type) => {
    const number = MESSAGE_TYPES[type].toString(16).toUpperCase().padStart(2, "0");
    const row = DOC.split("\n").find((line) =>
      line.startsWith(`| \`0x${number}\` | ${NAMES[type]} |`),
    );
    const documented = [...(row ?? "").matchAll(/`(\w+)`/g)].map(([, field]) => field).slice(1);
    expect(documented.sort()).toEqual(Object.keys(MESSAGE_SCHEMAS[type].shape).sort());
    const fields = example(NAMES[type]);
    for (const field of Object.keys(fields)) expect(documented).toContain(field);
    const decoded = decodeEnvelope(encodeEnvelope(type, fields));
    expect(() => parseMessageFields(type, decoded.fields)).not.toThrow();
  });
});

describe("zone bodies", () => {
  const requests = Object.keys(ZONE_REQUEST_SCHEMAS) as ZoneRequestType[];

  test.each(requests)("%s: the example is valid and names no unknown field", (type) => {
    const body = parseBody(example(type));
    expect(body.type).toBe(type);
    expect(ZONE_REQUEST_SCHEMAS[type].safeParse(body).error).toBeUndefined();
    const known = [...Object.keys(ZONE_REQUEST_SCHEMAS[type].shape), "type"];
    expect(known).toEqual(expect.arrayContaining(Object.keys(body)));
  });

  test.each(requests)("%s: every field is named in the text", (type) => {
    const at = DOC.indexOf(`**${type}**`);
    expect(at).toBeGreaterThan(0);
    const text = DOC.slice(at, at + 900);
    for (const field of Object.keys(ZONE_REQUEST_SCHEMAS[type].shape)) {
      if (field !== "request_id") expect(text, field).toContain(`\`${field}\``);
    }
  });

  test("every body a steward sends has an example that a body may be", () => {
    const source = readFileSync(new URL("../../src/wire/zone-replies.ts", import.meta.url), "utf8");
    const sent = [...source.matchAll(/readonly type: "(zone\.\w+)"/g)].map(([, type]) => type);
    expect(sent.length).toBeGreaterThan(10);
    const bodies = exampleNames.filter((name) => name.startsWith("zone.")).map(example);
    const shown = new Set(bodies.map((body) => parseBody(body).type));
    for (const type of [...sent, "zone.error"]) expect([...shown]).toContain(type);
  });

  test("every event has its row", () => {
    const source = readFileSync(new URL("../../src/wire/zone-replies.ts", import.meta.url), "utf8");
    const union = /type ZoneEventName =([^;]+);/.exec(source)?.[1] ?? "";
    const events = [...union.matchAll(/"(\w+)"/g)].map(([, event]) => event ?? "");
    expect(events).toContain("joined");
    const table = DOC.slice(DOC.indexOf("| `event` | further fields |"));
    const rows = table.slice(0, table.indexOf("\n\n"));
    for (const event of events) expect(rows).toContain(`\`${event}\``);
  });

  test("the manifest and the envelopes verify", () => {
    const verifier = new SignatureVerifier();
    expect(manifestSchema.safeParse(example("manifest")).success).toBe(true);
    const first = verifyEnvelope(verifier, example("envelope"));
    const second = verifyEnvelope(verifier, example("zone.update").envelope as JsonObject);
    expect(first.manifest).toEqual(manifestSchema.parse(example("manifest")));
    expect(second.envelope.prev).toBe(first.hash);
    expect(DOC).toContain(`sha256 \`${first.hash}\``);
    for (const name of ["zone.manifest", "zone.joined", "zone.create"]) {
      expect(example(name).envelope).toEqual(example("envelope"));
    }
  });

  test("the log entries chain", () => {
    const page = example("zone.page") as unknown as {
      entries: { entry: JsonObject; hash: string }[];
    };
    const [first, second] = page.entries;
    const chained = createHash("sha256")
      .update(Buffer.from(first?.hash ?? "", "hex"))
      .update(toSignedJson("atlas-head-v1", second?.entry).subarray("atlas-head-v1".length + 1));
    expect(chained.digest("hex")).toBe(second?.hash);
  });
});

test("every code of both sets has its row, and the reasons it names exist", () => {
  const reasons = Object.keys({ ...ERROR_REASONS, ...BINDING_FAULTS });
  const section = DOC.slice(DOC.indexOf("## 7."), DOC.indexOf("## 8."));
  for (const code of Object.keys(WIRE_ERRORS)) expect(section).toContain(`\n| ${code} |`);
  for (const code of Object.keys(ZONE_ERRORS)) expect(section).toContain(`\n| \`${code}\` |`);
  const codes = [...section.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code ?? "");
  const heads = ["code", "reason"];
  expect([...new Set(codes)].filter((code) => !heads.includes(code)).sort()).toEqual(
    Object.keys(ZONE_ERRORS).sort(),
  );
  for (const [, reason] of DOC.matchAll(/`([A-Z]+_[A-Z_]+)`/g)) {
    if (reason?.endsWith("TYPEHASH") || reason === "DOMAIN_SEPARATOR") continue;
    expect(reasons, reason).toContain(reason);
  }
  for (const reason of reasons) expect(DOC).toContain(`\`${reason}\``);
});
