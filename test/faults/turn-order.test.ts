import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { toBoundVerifyContent } from "../../src/protocol/signed-content.ts";
import { decodeEnvelope, encodeEnvelope, HEADER_BYTES } from "../../src/wire/envelope.ts";
import { startSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

const TURNS = 40;

function sha256(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(bytes).digest());
}

/** Sends a Hello and returns a function that sends the Verify at once. */
async function prepareVerify(client: WireClient): Promise<() => void> {
  const { nodeId, publicKey } = client.key;
  const hello = encodeEnvelope("hello", {
    node_id: nodeId,
    name: "late",
    skills: [],
    public_key: publicKey,
    protocol_v: 1,
    timestamp: Math.floor(Date.now() / 1000),
    capabilities: ["bound_verify"],
  });
  client.sendBytes(hello);
  const ack = await client.next("hello_ack");
  const content = toBoundVerifyContent(sha256(hello.subarray(HEADER_BYTES)), sha256(ack.payload));
  const challenge = Uint8Array.from(ack.fields.challenge as number[]);
  const signature = client.key.sign(content);
  return () => client.send("verify", { signature, challenge });
}

test("a message of the turn in which a member comes back does not overtake its VerifyAck", async () => {
  await using steward = await startSteward({ config: { wire: { sessions_per_node: 2 } } });
  const zone_id = await steward.createZone();
  await using talker = await WireClient.connect(steward.wireUrl);
  await talker.ask({ type: "zone.join", zone_id });
  const key = createAgentKey();
  {
    await using member = await WireClient.connect(steward.wireUrl, { key });
    await member.ask({ type: "zone.join", zone_id });
  }
  for (let turn = 0; turn < TURNS; turn++) {
    await using member = await WireClient.open(steward.wireUrl, key);
    const types: string[] = [];
    member.socket.on("message", (data: Buffer) => types.push(decodeEnvelope(data).type));
    const verify = await prepareVerify(member);
    const say = () => {
      talker.sendBody({ type: "zone.message", zone_id, id: createId("zmsg"), content: turn });
    };
    say();
    verify();
    say();
    await member.next("verify_ack");
    // Whatever became of the messages of that turn, nothing is lost: the log has them.
    const page = await askHistory(member, talker, zone_id, turn);
    expect(types.slice(0, 2)).toEqual(["hello_ack", "verify_ack"]);
    expect(page).toBe(2 * (turn + 1));
  }
});

/** Counts the talker's messages in the log once both of this turn are answered. */
async function askHistory(
  member: WireClient,
  talker: WireClient,
  zone_id: string,
  turn: number,
): Promise<number> {
  for (let i = 0; i < 2; i++) await talker.nextBody("zone.sent");
  member.stewardId = talker.stewardId;
  const page = await member.ask({ type: "zone.history", zone_id, after_seq: 0, limit: 500 });
  return page.entries.filter(
    ({ entry }: { entry: { kind: string; data: { content: number } } }) =>
      entry.kind === "message" && entry.data.content <= turn,
  ).length;
}
