import { expect } from "vitest";
import { createId } from "../../../src/protocol/ids.ts";
import { pruneLogs } from "../../../src/zones/log/retention.ts";
import { example } from "../../wire/protocol-doc.ts";
import type { Stage } from "../support/stage.ts";
import { DOC_TIME } from "../support/world.ts";

/** §6: a creator's first envelope, hosted as it was signed. */
export async function replayCreate({ replay, creator }: Stage): Promise<void> {
  const create = replay.sent("zone.create");
  const { request_id } = create;
  const created = await creator.ask(create);
  replay.received("zone.manifest", created, { request_id, members: 0 });
  replay.received("envelope", created.envelope);
  replay.received("manifest", created.envelope.manifest);
}

/** §2 and §5: Message, its ack and its Error; the same id again is acked and no more. */
export async function replayMessages({ replay, agent }: Stage): Promise<void> {
  const { client } = agent;
  const message = replay.sent("Message");
  client.send("message", { ...message, body: { type: "zone.nonsense" } });
  replay.received("Error", (await client.next("error")).fields);
  client.send("message", message);
  replay.received("MessageAck", (await client.next("message_ack")).fields);
  const reply = await client.next("message");
  expect(reply.fields.reply_to).toBe(message.id);
  replay.received("zone.manifest", reply.fields.body, { request_id: undefined, members: 0 });
  client.send("message", replay.sent("signed-message"));
  replay.received("MessageAck", await agent.ack(message.id));
  await agent.ask({ type: "zone.discover" });
  expect(agent.left).toEqual([]);
}

/** §6: join, talk, read what was said, also after the steward has pruned it. */
export async function replayTalk({ world, replay, agent, second }: Stage): Promise<void> {
  const { clock, test } = world;
  clock.set(DOC_TIME + 1);
  replay.received("zone.joined", await agent.ask(replay.sent("zone.join")));
  clock.set(DOC_TIME + 2);
  replay.received("zone.sent", await agent.ask(replay.sent("zone.message")));
  replay.received("zone.message.delivered", await second.delivery("zone.message"));
  clock.set(DOC_TIME + 3);
  const { id, zone_id } = example("zone.message");
  const again = { ...example("zone.message"), request_id: "req_say-2" };
  expect(await agent.ask(again)).toMatchObject({ type: "zone.sent", seq: 3 });
  const empty = { id: String(id).replace("0003", "0004"), content: "" };
  await agent.ask({ type: "zone.message", zone_id, ...empty });
  await second.delivery("zone.message");
  replay.received("zone.page", await agent.ask(replay.sent("zone.history")));
  pruneLogs(test.steward.zones);
  const all = { ...example("zone.history"), request_id: "req_log-2", after_seq: 0 };
  replay.received("zone.page.pruned", await agent.ask(all));
}

/** §6: two more join, of which the first member hears; who and what is there. */
export async function replayPeople(stage: Stage): Promise<void> {
  const { world, replay, agent, second, creator, provider } = stage;
  const join = { type: "zone.join", zone_id: example("zone.join").zone_id };
  world.clock.set(DOC_TIME + 4);
  expect((await creator.ask(join)).role).toBe("creator");
  replay.received("zone.event", await agent.delivery("zone.event"));
  world.clock.set(DOC_TIME + 5);
  await provider.ask(join);
  await agent.delivery("zone.event");
  for (let i = 0; i < 2; i++) await second.delivery("zone.event");
  await creator.delivery("zone.event");
  replay.received("zone.member_list", await agent.ask(replay.sent("zone.members")));
  replay.received("zone.directory", await agent.ask(replay.sent("zone.discover")));
  replay.received("zone.manifest", await agent.ask(replay.sent("zone.inspect")));
}

/** §5: a Message from member to member, passed on as it is. */
export async function replayDirect({ replay, agent, provider }: Stage): Promise<void> {
  const message = replay.sent("direct-message");
  agent.client.send("message", message);
  replay.received("MessageAck.relayed", await agent.ack(message.id));
  const { fields } = await provider.client.next("message");
  replay.received("direct-message", fields);
  provider.client.send("message_ack", { msg_id: message.id, status: "received" });
}

/** §6: leaving. */
export async function replayLeave({ replay, agent }: Stage): Promise<void> {
  replay.received("zone.left", await agent.ask(replay.sent("zone.leave")));
}

/** §6: what only the creator may do. */
export async function replayModeration(stage: Stage): Promise<void> {
  const { world, replay, agent, creator } = stage;
  const { zone_id } = example("zone.join");
  world.clock.set(Number((example("zone.update").envelope as { signed_at: number }).signed_at));
  const update = replay.sent("zone.update");
  const { envelope, request_id } = update;
  const updated = await creator.ask(update);
  replay.received("zone.manifest", updated, { request_id, envelope });
  replay.received("zone.event.updated", await agent.delivery("zone.event"));
  replay.received("zone.done", await creator.ask(replay.sent("zone.ban")));
  replay.received("zone.event.banned", await agent.delivery("zone.event"));
  const unban = replay.sent("zone.unban");
  const lifted = await creator.ask(unban);
  replay.received("zone.done", lifted, { request_id: unban.request_id });
  replay.received("zone.invited", await creator.ask(replay.sent("zone.invite")));
  await agent.ask({ type: "zone.join", zone_id, request_id: createId("req") });
}

/** §2: what the steward publishes over HTTP. */
export async function replayWellKnown({ world, replay }: Stage): Promise<void> {
  const answer = await fetch(`${world.test.httpUrl}/.well-known/atlas.json`);
  replay.received("well-known", await answer.json());
}
