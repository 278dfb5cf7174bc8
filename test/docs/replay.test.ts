import { afterAll, beforeAll, expect, test } from "vitest";
import { isLinkBodyType } from "../../src/wire/link-bodies.ts";
import { DOC, example } from "../wire/protocol-doc.ts";
import { replayHandshake, replayPing, replayShutdown } from "./chapters/handshake.ts";
import { replayEscrow, replayPayment, replayProvide } from "./chapters/payment.ts";
import {
  replayCreate,
  replayDirect,
  replayLeave,
  replayMessages,
  replayModeration,
  replayPeople,
  replayTalk,
  replayWellKnown,
} from "./chapters/zone.ts";
import { Replay } from "./support/replay.ts";
import { Speaker } from "./support/speaker.ts";
import type { Stage } from "./support/stage.ts";
import { type DocWorld, startDocWorld } from "./support/world.ts";

/**
 * Every example of `docs/protocol.md`, in one life of a steward: what a client sends is sent as it
 * stands, what a steward sends must be the example to the letter. Sent anew are, because they sign
 * or answer something random: Verify's `challenge` and `signature`, the `nonce`, `v`, `r`, `s` of
 * the authorization, and zone.result's `invoke_id`. What may differ in answers, and which form it
 * has, stands in `support/replay.ts`.
 */
const replay = new Replay();
let world: DocWorld;
let stage: Stage;

beforeAll(async () => {
  world = await startDocWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test("the handshake", async () => {
  const agent = await replayHandshake(world, replay);
  const second = await Speaker.connect(world, "agent", { plain: true, detail: true });
  const creator = await Speaker.connect(world, "creator");
  const provider = await Speaker.connect(world, "provider", { skills: ["translate"] });
  stage = { world, replay, agent, second, creator, provider };
});

test("a zone is created", () => replayCreate(stage));
test("messages", () => replayMessages(stage));
test("keepalive", () => replayPing({ world, replay, client: stage.agent.client }));
test("joining, talking and history", () => replayTalk(stage));
test("who and what is there", () => replayPeople(stage));
test("direct messages", () => replayDirect(stage));
test("a provider is approved and offers", () => replayProvide(stage));
test("a payment", () => replayPayment(stage));
test("what the creator may do", () => replayModeration(stage));
test("leaving", () => replayLeave(stage));
test("the public description", () => replayWellKnown(stage));
test("money in escrow", () => replayEscrow(stage));
test("the end of a session", () => replayShutdown({ world, replay, client: stage.agent.client }));

test("every fenced JSON of the document is an example, and every example was replayed", () => {
  const fences = DOC.match(/^```json.*$/gm) ?? [];
  expect(fences.filter((fence) => !/^```json example=\S+$/.test(fence))).toEqual([]);
  const names = fences.map((fence) => fence.slice("```json example=".length));
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  // What stewards tell one another is held to its vectors by test/wire/replication-doc.test.ts.
  const isOfLinks = (name: string) => isLinkBodyType(String(example(name).type));
  expect(replay.missing.filter((name) => !isOfLinks(name))).toEqual([]);
});
