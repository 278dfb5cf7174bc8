import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

/** An envelope around a payload of the test's own bytes. */
function toEnvelope(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  bytes.set([0xac, 1, 1, type]);
  new DataView(bytes.buffer).setUint32(4, payload.length);
  bytes.set(payload, 8);
  return bytes;
}

/** {ts: value}, the value in 64 bits. */
function toPing(head: 0xcf | 0xd3, value: bigint): Uint8Array {
  const payload = new Uint8Array(13);
  payload.set([0x81, 0xa2, 0x74, 0x73, head]);
  new DataView(payload.buffer).setBigUint64(5, BigInt.asUintN(64, value));
  return toEnvelope(0xf0, payload);
}

describe("a Ping's ts is echoed exactly", () => {
  test.each<[0xcf | 0xd3, bigint]>([
    [0xcf, 1_790_000_000_123_456_789n],
    [0xd3, 1_790_000_000_123_456_789n],
    [0xcf, 2n ** 53n + 1n],
    [0xcf, 2n ** 64n - 1n],
    [0xd3, -(2n ** 63n)],
    [0xd3, -(2n ** 53n) - 1n],
    [0xcf, 7n],
  ])("where its head is %i and it is %i", async (head, value) => {
    await using steward = await startSteward();
    await using client = await WireClient.connect(steward.wireUrl);
    client.sendBytes(toPing(head, value));
    const { fields } = await client.next("pong");
    expect(BigInt(fields.echo as number | bigint)).toBe(value);
    expect(BigInt(fields.ts as number | bigint)).toBeLessThan(2n ** 40n);
  });
});

test("a Pong whose ts is in nanoseconds counts as an answer", async () => {
  await using steward = await startSteward({ config: { wire: { ping_interval_ms: 100 } } });
  await using client = await WireClient.connect(steward.wireUrl);
  for (let i = 0; i < 8; i++) {
    const { fields } = await client.next("ping");
    const pong = { ts: 1_790_000_000_123_456_789n, echo: BigInt(fields.ts as number) };
    client.sendBytes(toEnvelope(0xf1, encode(pong, { useBigInt64: true })));
  }
  expect((await client.ask({ type: "zone.discover" })).type).toBe("zone.directory");
  expect(client.received.filter(({ type }) => type === "error")).toEqual([]);
});

describe("no other field loses digits: it is refused", () => {
  const huge = 2n ** 53n + 1n;

  test("a Message's timestamp", async () => {
    await using steward = await startSteward();
    await using client = await WireClient.connect(steward.wireUrl);
    const id = client.sendBody({ type: "zone.discover" }, { timestamp: huge });
    expect((await client.next("error")).fields).toMatchObject({
      code: 2003,
      ref_msg_id: id,
      message: "timestamp: expected integer within ±(2^53-1)",
    });
  });

  test.each<[string, Record<string, unknown>, number, string]>([
    ["timestamp", { timestamp: huge }, 1002, "Hello: timestamp: expected integer within ±(2^53-1)"],
    ["protocol_v", { protocol_v: huge }, 1001, "The peer speaks another protocol version."],
    [
      "operator",
      { operator: { fid: { id: huge } } },
      1002,
      "Hello: operator: holds an integer beyond 2^53-1",
    ],
    ["public_key", { public_key: [huge] }, 1004, "The public key is not 32 bytes."],
  ])("a Hello's %s", async (_name, hello, code, message) => {
    await using steward = await startSteward();
    await using client = await WireClient.open(steward.wireUrl);
    const name = Object.keys(hello)[0] as string;
    const fields = {
      node_id: client.key.nodeId,
      name: "n",
      skills: [],
      public_key: Array.from(client.key.publicKey),
      protocol_v: 1,
      timestamp: BigInt(Math.floor(Date.now() / 1000)),
      ...hello,
    };
    client.sendBytes(toEnvelope(0x01, encode(fields, { useBigInt64: true })));
    expect(name in hello).toBe(true);
    expect((await client.next("error")).fields).toMatchObject({ code, message });
  });

  test("an unknown field holds what it likes", async () => {
    await using steward = await startSteward();
    await using client = await WireClient.connect(steward.wireUrl);
    const payload = encode({ ts: 5, other: [huge, { deep: -huge }] }, { useBigInt64: true });
    client.sendBytes(toEnvelope(0xf0, payload));
    expect((await client.next("pong")).fields.echo).toBe(5);
  });
});
