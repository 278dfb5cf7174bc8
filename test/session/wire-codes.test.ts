import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { toNodeId } from "../../src/protocol/node-id.ts";
import { toSqliteCode } from "../../src/store/sqlite-code.ts";
import { encodeEnvelope, PAYLOAD_BYTES_MAX } from "../../src/wire/envelope.ts";
import { limitDisk } from "../support/full-disk.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

let steward: TestSteward;

beforeAll(async () => {
  steward = await startSteward({ config: { wire: { handshake_timeout_ms: 700 } } });
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
});

async function expectError(client: WireClient, code: number, closes: boolean): Promise<void> {
  const error = await client.next("error");
  expect(error.fields.code).toBe(code);
  if (closes) await client.waitClosed();
  else expect(client.closed).toBe(false);
}

/** y = 2^255 - 16, which is 3 once more: no key is written so. */
const PAST_P = new Uint8Array(32).fill(0xff);
PAST_P[0] = 0xf0;
PAST_P[31] = 0x7f;

describe("before Verify", () => {
  test("an envelope of another version is answered 1001 and closes", async () => {
    await using client = await WireClient.open(steward.wireUrl);
    client.sendBytes(Uint8Array.of(0xac, 1, 2, 1, 0, 0, 0, 0));
    await expectError(client, 1001, true);
  });

  test("a Hello of another protocol version is answered 1001 and closes", async () => {
    await using client = await WireClient.open(steward.wireUrl);
    client.handshake({ hello: { protocol_v: 2 } }).catch(() => {});
    await expectError(client, 1001, true);
  });

  test("a clock that is off by more than the drift is answered 1002 and closes", async () => {
    await using client = await WireClient.open(steward.wireUrl);
    const timestamp = Math.floor(Date.now() / 1000) - 400;
    client.handshake({ hello: { timestamp } }).catch(() => {});
    await expectError(client, 1002, true);
  });

  test("a signature by another key is rejected with a reason, answered 1002 and closes", async () => {
    await using client = await WireClient.open(steward.wireUrl);
    const other = createAgentKey();
    Object.assign(client, { key: { ...client.key, sign: other.sign } });
    const ack = await client.handshake();
    expect(ack.status).toBe("rejected");
    expect(ack.reason).toMatch(/signature/);
    await expectError(client, 1002, true);
  });

  test("a handshake that does not finish in time is answered 1003 and closes", async () => {
    await using client = await WireClient.open(steward.wireUrl);
    await expectError(client, 1003, true);
  });

  test.each([
    ["a node id of another key", { node_id: createAgentKey().nodeId }],
    ["a malformed node id", { node_id: "atlas_1234" }],
    ["a short key", { public_key: new Uint8Array(31) }],
    ["a key of small order", { public_key: new Uint8Array(32) }],
    ["a key whose y is past p", { public_key: PAST_P, node_id: toNodeId(PAST_P) }],
    ["no key", { public_key: null }],
  ])("%s is answered 1004 and closes", async (_name, hello) => {
    await using client = await WireClient.open(steward.wireUrl);
    client.handshake({ hello }).catch(() => {});
    await expectError(client, 1004, true);
  });

  test("an application frame is answered 2001 with its id, and the handshake may go on", async () => {
    await using client = await WireClient.open(steward.wireUrl);
    const id = client.sendBody({ type: "zone.discover" });
    const error = await client.next("error");
    expect(error.fields).toMatchObject({ code: 2001, ref_msg_id: id });
    expect((await client.handshake()).status).toBe("ok");
  });

  test("a header that announces too much is answered 2002 before the payload comes", async () => {
    await using client = await WireClient.open(steward.wireUrl);
    const header = Uint8Array.of(0xac, 1, 1, 0x10, 0, 0, 0, 0);
    new DataView(header.buffer).setUint32(4, PAYLOAD_BYTES_MAX + 1);
    client.sendBytes(header);
    await expectError(client, 2002, true);
  });
});

describe("after Verify", () => {
  test.each<[string, (client: WireClient) => void]>([
    ["a text frame", (client) => client.socket.send("hello")],
    ["a bad magic", (client) => client.sendBytes(new Uint8Array(8))],
    ["an unknown type", (client) => client.sendBytes(Uint8Array.of(0xac, 1, 1, 0x77, 0, 0, 0, 0))],
    ["a relay's type", (client) => client.sendBytes(Uint8Array.of(0xac, 1, 1, 0x30, 0, 0, 0, 0))],
    ["a second Hello", (client) => client.send("hello", {})],
    [
      "a foreign sender",
      (client) => client.sendBody({ type: "zone.discover" }, { from: "atlas_x" }),
    ],
    ["a foreign addressee", (client) => client.sendBody({ type: "zone.discover" }, { to: "x" })],
    ["an id of another form", (client) => client.sendBody({ type: "zone.discover" }, { id: "m1" })],
    ["an old timestamp", (client) => client.sendBody({ type: "zone.discover" }, { timestamp: 1 })],
    ["an unknown body type", (client) => client.sendBody({ type: "zone.unknown" })],
    ["a body without type", (client) => client.sendBody({ hello: 1 })],
    ["a body that is no map", (client) => client.sendBody([1])],
    ["a bidi control", (client) => client.sendBody({ type: "zone.discover", x: "a\u202eb" })],
    ["a NUL", (client) => client.sendBody({ type: "zone.discover", x: "a\u0000b" })],
  ])("%s is answered 2003 and the session goes on", async (_name, act) => {
    await using client = await WireClient.connect(steward.wireUrl);
    act(client);
    await expectError(client, 2003, false);
    expect((await client.ask({ type: "zone.discover" })).type).toBe("zone.directory");
  });

  test("ref_msg_id names the message wherever its id was readable", async () => {
    await using client = await WireClient.connect(steward.wireUrl);
    const id = createId("msg");
    client.sendBytes(encodeEnvelope("message", { id, from: 7 }));
    expect((await client.next("error")).fields).toMatchObject({ code: 2003, ref_msg_id: id });
  });

  test("the tenth malformed frame within a minute closes", async () => {
    await using client = await WireClient.connect(steward.wireUrl);
    for (let i = 0; i < 10; i++) client.socket.send("no envelope");
    for (let i = 0; i < 10; i++) expect((await client.next("error")).fields.code).toBe(2003);
    await client.waitClosed();
  });

  test("detail goes only to peers that list error_detail", async () => {
    await using plain = await WireClient.connect(steward.wireUrl, { capabilities: [] });
    await using detailed = await WireClient.connect(steward.wireUrl);
    for (const client of [plain, detailed]) client.sendBody({ type: "zone.nothing" });
    expect(Object.keys((await plain.next("error")).fields).sort()).toEqual([
      "code",
      "message",
      "ref_msg_id",
    ]);
    expect((await detailed.next("error")).fields.recovery).toBe("change");
  });

  test("a database that is full makes a handshake 5001, and the next one works again", async () => {
    await using other = await startSteward();
    const disk = limitDisk(other, 0);
    // As handshakes do, so that one of the next finds no room.
    const fill = disk.raw.prepare(
      "INSERT INTO bound_nodes VALUES (abs(random()) >> 12, unixepoch())",
    );
    const isFull = () => {
      try {
        fill.run();
        return false;
      } catch (error) {
        return toSqliteCode(error) === "SQLITE_FULL";
      }
    };
    for (let misses = 0; misses < 500; ) if (isFull()) misses++;
    let code: unknown;
    for (let i = 0; i < 200 && code === undefined; i++) {
      await using client = await WireClient.open(other.wireUrl);
      const ack = await client.handshake().catch(() => ({ status: "closed" }));
      if (ack.status !== "ok") code = (await client.next("error")).fields.code;
    }
    expect(code).toBe(5001);
    disk[Symbol.dispose]();
    await using again = await WireClient.connect(other.wireUrl);
    expect((await again.ask({ type: "zone.discover" })).type).toBe("zone.directory");
  });
});

describe("limits", () => {
  test("over the rate a message is 4001; three make a ban that a restart keeps", async () => {
    const config = { limits: {} };
    const first = await startSteward({ config });
    const key = createAgentKey();
    {
      await using client = await WireClient.connect(first.wireUrl, { key });
      const ids = Array.from({ length: 9 }, () => client.sendBody({ type: "zone.discover" }));
      for (const id of ids.slice(5, 8)) {
        const error = await client.next("error");
        expect(error.fields).toMatchObject({ code: 4001, ref_msg_id: id });
      }
      const { fields } = await client.next("error");
      expect(fields).toMatchObject({ code: 4001, reason: "BANNED" });
      expect(fields.ref_msg_id).toBeUndefined();
    }
    const { dataDir } = first;
    await first.steward[Symbol.asyncDispose]();
    await using second = await startSteward({ config, dataDir });
    await using banned = await WireClient.open(second.wireUrl, key);
    const ack = await banned.handshake();
    expect(ack).toMatchObject({ status: "rejected", reason: "banned" });
    await expectError(banned, 4001, true);
  });

  test("a fifth session of a node closes its oldest with replaced", async () => {
    const key = createAgentKey();
    const clients = [];
    for (let i = 0; i < 5; i++) clients.push(await WireClient.connect(steward.wireUrl, { key }));
    const oldest = clients[0] as WireClient;
    expect((await oldest.next("disconnect")).fields.reason).toBe("replaced");
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  test("more than 64 KiB before Verify is refused with 4001", async () => {
    await using client = await WireClient.open(steward.wireUrl);
    const bytes = new Uint8Array(100_000);
    client.sendBytes(bytes);
    await expectError(client, 4001, true);
  });

  test("more unauthenticated sockets of one address than allowed are refused with 4001", async () => {
    await using tight = await startSteward({
      config: { wire: { max_unauthenticated_per_address: 2 } },
    });
    await using a = await WireClient.open(tight.wireUrl);
    await using b = await WireClient.open(tight.wireUrl);
    await using c = await WireClient.open(tight.wireUrl);
    await expectError(c, 4001, true);
    expect((await a.handshake()).status).toBe("ok");
    expect((await b.handshake()).status).toBe("ok");
  });

  test("after failed handshakes beyond the limit further ones are refused with 4001", async () => {
    await using tight = await startSteward({
      config: { wire: { handshake_failures_per_minute: 2 } },
    });
    for (let i = 0; i < 2; i++) {
      const client = await WireClient.open(tight.wireUrl);
      await client[Symbol.asyncDispose]();
    }
    await using refused = await WireClient.open(tight.wireUrl);
    await expectError(refused, 4001, true);
  });
});

describe("identity", () => {
  test("a node id that verified bound is refused the plain form from then on", async () => {
    const key = createAgentKey();
    await using _plain = await WireClient.connect(steward.wireUrl, { key, bound: false });
    await using _bound = await WireClient.connect(steward.wireUrl, { key });
    await using again = await WireClient.open(steward.wireUrl, key);
    expect((await again.handshake({ bound: false })).status).toBe("rejected");
    await expectError(again, 1002, true);
  });
});
