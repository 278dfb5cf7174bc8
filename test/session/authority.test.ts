import { describe, expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

async function handshakeWith(publicUrl: string, authority: string | undefined) {
  const config = {
    http: { port: 0, public_url: publicUrl },
    wire: { handshake_failures_per_minute: 1000 },
  };
  await using steward = await startSteward({ config });
  const url = `${steward.httpUrl.replace("http", "ws")}/wire`;
  await using client = await WireClient.open(url);
  client.handshake({ hello: { authority } }).catch(() => {});
  const answer = await client.take(({ type }) => type === "verify_ack" || type === "error");
  return answer.fields;
}

describe("an authority is the steward's in whatever form URL parsers give it", () => {
  test.each([
    ["https://steward.example", "steward.example"],
    ["https://steward.example", "steward.example:443"],
    ["https://steward.example", "Steward.EXAMPLE:443"],
    ["https://steward.example", "steward.example."],
    ["https://steward.example.:443/", "steward.example"],
    ["wss://steward.example/wire", "steward.example:443"],
    ["http://steward.example", "steward.example"],
    ["http://steward.example", "steward.example:80"],
    ["https://steward.example:8443", "steward.example:8443"],
    ["https://[2001:db8::1]", "[2001:DB8:0:0:0:0:0:1]"],
    ["https://[2001:db8::1]", "[2001:db8::1]:443"],
    ["https://bücher.example", "xn--bcher-kva.example:443"],
    ["https://bücher.example", "Bücher.example"],
  ])("with %s, %s is", async (publicUrl, authority) => {
    expect(await handshakeWith(publicUrl, authority)).toMatchObject({ status: "ok" });
  });
});

describe("another authority is refused with 1002, and why is told to who listed error_detail", () => {
  test.each([
    ["https://steward.example", "other.example"],
    ["https://steward.example", "steward.example:80"],
    ["https://steward.example", "steward.example:8443"],
    ["https://steward.example:8443", "steward.example"],
    ["http://steward.example", "steward.example:443"],
    ["https://steward.example", "steward.example.evil.example"],
    ["https://steward.example", "steward.example/wire"],
    ["https://steward.example", "user@steward.example"],
    ["https://steward.example", "https://steward.example"],
    ["https://steward.example", "steward.example#.other.example"],
    ["https://steward.example", "steward%2eexample"],
    ["https://steward.example", " steward.example"],
    ["https://steward.example", "steward.example.."],
    ["https://steward.example", ""],
    ["https://[2001:db8::1]", "2001:db8::1"],
    ["https://steward.example", undefined],
  ])("with %s, %s is", async (publicUrl, authority) => {
    expect(await handshakeWith(publicUrl, authority)).toMatchObject({
      code: 1002,
      reason: "AUTHORITY_MISMATCH",
      recovery: "change",
      hint: expect.stringContaining("authority"),
    });
  });
});

test("a refused handshake says nothing but code and message to who did not list error_detail", async () => {
  const config = { http: { port: 0, public_url: "https://steward.example" } };
  await using steward = await startSteward({ config });
  await using client = await WireClient.open(`${steward.httpUrl.replace("http", "ws")}/wire`);
  const capabilities = ["bound_verify"];
  client.handshake({ capabilities, hello: { authority: "other.example" } }).catch(() => {});
  const { fields } = await client.next("error");
  expect(fields).toEqual({ code: 1002, message: "The Hello was meant for another authority." });
});

test("whatever ends a handshake gives its reason, in the Verify too", async () => {
  await using steward = await startSteward();
  const key = createAgentKey();
  await using _bound = await WireClient.connect(steward.wireUrl, { key });
  await using plain = await WireClient.open(steward.wireUrl, key);
  expect((await plain.handshake({ bound: false })).status).toBe("rejected");
  expect((await plain.next("error")).fields).toMatchObject({
    code: 1002,
    reason: "PLAIN_REFUSED",
    hint: expect.stringContaining("bound"),
  });
  await using old = await WireClient.open(steward.wireUrl);
  old.handshake({ hello: { protocol_v: 2 } }).catch(() => {});
  expect((await old.next("error")).fields).toMatchObject({
    code: 1001,
    hint: expect.any(String),
  });
});
