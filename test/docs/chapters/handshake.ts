import { expect } from "vitest";
import { decodeEnvelope } from "../../../src/wire/envelope.ts";
import { WireClient } from "../../support/wire-client.ts";
import { example, hexBlocks } from "../../wire/protocol-doc.ts";
import type { Replay } from "../support/replay.ts";
import { Speaker } from "../support/speaker.ts";
import { type DocWorld, keyOf } from "../support/world.ts";

/** §2 and §3: the plain handshake, with Hello's documented bytes and the steward's own challenge. */
export async function replayHandshake(world: DocWorld, replay: Replay): Promise<Speaker> {
  const key = keyOf("agent");
  const client = await WireClient.open(world.wireUrl, key);
  const hello = Uint8Array.from(Buffer.from(hexBlocks.get("hello") ?? "", "hex"));
  expect(decodeEnvelope(hello).fields).toEqual(replay.sent("Hello"));
  client.sendBytes(hello);
  const { fields } = await client.next("hello_ack");
  replay.received("HelloAck", fields);
  client.stewardId = fields.node_id as string;
  const sign = (challenge: number[]) => Array.from(key.sign(Uint8Array.from(challenge)));
  const documented = example("Verify");
  expect(sign(documented.challenge as number[])).toEqual(documented.signature);
  const challenge = fields.challenge as number[];
  client.send("verify", replay.sent("Verify", { challenge, signature: sign(challenge) }));
  replay.received("VerifyAck", (await client.next("verify_ack")).fields);
  return new Speaker(world, client);
}

/** §2: keepalive; the Pong has the steward's time. */
export async function replayPing({
  world,
  replay,
  client,
}: {
  world: DocWorld;
  replay: Replay;
  client: WireClient;
}): Promise<void> {
  world.clock.set(Number(example("Pong").ts));
  client.send("ping", replay.sent("Ping"));
  replay.received("Pong", (await client.next("pong")).fields);
}

/** §4: a steward that stops says so to everybody. */
export async function replayShutdown({
  world,
  replay,
  client,
}: {
  world: DocWorld;
  replay: Replay;
  client: WireClient;
}): Promise<void> {
  const stopped = world.test.steward[Symbol.asyncDispose]();
  replay.received("Disconnect", (await client.next("disconnect")).fields);
  await client.waitClosed();
  await stopped;
}
