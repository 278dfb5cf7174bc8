import { createHash } from "node:crypto";
import { onTestFinished } from "vitest";
import { Agent, type AgentOptions } from "../../../src/client/agent.ts";
import type { Delivery } from "../../../src/client/calls/replies.ts";
import { toCanonicalJson } from "../../../src/protocol/json.ts";
import { toPrimaryHeadContent } from "../../../src/protocol/primary-head.ts";
import type { AtlasMessage } from "../../../src/wire/messages.ts";
import { createTestKey, type TestNodeKey } from "../keys.ts";
import {
  type AnyBody,
  type ScriptedSocket,
  type ScriptedSteward,
  startScriptedSteward,
} from "../scripted-steward.ts";
import { createZoneEnvelope, toContentHash, ZONE_ID } from "../zone-fixture.ts";

export const creatorKey = createTestKey(1);
export const agentKey = createTestKey(5);
/** Nobody sends as he. */
export const otherId = createTestKey(6).nodeId;

export type Answer = (socket: ScriptedSocket, body: AnyBody, message: AtlasMessage) => void;

/** A steward that a script speaks for, its zone's log, and what it answers instead of the usual. */
export interface ZoneSteward {
  readonly peer: ScriptedSteward;
  readonly key: TestNodeKey;
  /** Entry n has seq n + 1. */
  log: { entry: AnyBody; hash: string }[];
  envelope: ReturnType<typeof createZoneEnvelope>;
  /** By body type; what is not here is answered as an honest steward does. */
  answers: Record<string, Answer>;
  primaryHead?: AnyBody;
}

/** Starts stewards of one zone by their names, the first of which is its primary. */
export async function startStewards(count: number): Promise<ZoneSteward[]> {
  const keys = Array.from({ length: count }, (_, index) => createTestKey(20 + index));
  const peers = await Promise.all(keys.map((key) => startScriptedSteward({ key })));
  const parts = peers.map((peer, index) => ({ peer, key: keys[index] as TestNodeKey }));
  const envelope = signSet(parts, 0, 1);
  const log = createLog(["created", "one", "two"]);
  return parts.map((part) => {
    const steward: ZoneSteward = { ...part, log, envelope, answers: {} };
    part.peer.script = { key: part.key, onMessage: (...args) => answer(steward, ...args) };
    return steward;
  });
}

/** Signs an envelope that names the stewards, all voters but the primary. */
export function signSet(
  stewards: readonly Pick<ZoneSteward, "peer" | "key">[],
  primary: number,
  epoch: number,
  prev?: ZoneSteward["envelope"],
) {
  const steward_set = stewards.map(({ key, peer }, index) => ({
    node_id: key.nodeId,
    entrypoint: peer.wireUrl,
    ...(index === primary ? { role: "primary" } : { role: "replica", voter: true }),
  }));
  return createZoneEnvelope(creatorKey, stewards[primary]?.key ?? creatorKey, {
    manifest: { steward_set },
    epoch,
    prev: prev === undefined ? null : toContentHash(prev),
  });
}

/** Builds a log: `created`, `updated:EPOCH`, or the text of somebody's message. */
export function createLog(texts: readonly string[]): ZoneSteward["log"] {
  let hash = createHash("sha256").update("atlas-zone-log-v1").update(ZONE_ID).digest("hex");
  return texts.map((text, index) => {
    const [name, epoch] = text.split(":");
    const isEvent = name === "created" || name === "updated";
    const data = isEvent
      ? { event: name, epoch: Number(epoch ?? 1) }
      : { id: `zmsg_${text}`, content: text };
    const entry = {
      zone_id: ZONE_ID,
      seq: index + 1,
      timestamp: 1_700_000_000 + index,
      kind: isEvent ? "event" : "message",
      node_id: isEvent ? creatorKey.nodeId : otherId,
      data,
    };
    hash = createHash("sha256")
      .update(Buffer.from(hash, "hex"))
      .update(toCanonicalJson(entry))
      .digest("hex");
    return { entry, hash };
  });
}

/** Signs the end of a log as the primary of an epoch does. */
export function signPrimaryHead(log: ZoneSteward["log"], key: TestNodeKey, epoch: number) {
  const last = log.at(-1);
  const content = {
    zone_id: ZONE_ID,
    epoch,
    seq: log.length,
    hash: last?.hash ?? "",
    state: "ab".repeat(32),
    signed_at: 1_700_000_000,
  };
  const signature = Buffer.from(key.sign(toPrimaryHeadContent(content))).toString("hex");
  return { ...content, steward: key.nodeId, public_key: key.publicKeyHex, signature };
}

/** Refuses with a zone code. */
export function refuse(code: string, fields: AnyBody = {}): Answer {
  return (socket, _body, message) =>
    socket.reply(message, { type: "zone.error", code, message: "No.", ...fields });
}

/** Pushes an entry of the log to every session, as it is delivered live. */
export function pushEntry(steward: ZoneSteward, seq: number): void {
  const { entry } = steward.log[seq - 1] as ZoneSteward["log"][number];
  const from = entry.kind === "message" ? { from: entry.node_id } : { node_id: entry.node_id };
  const { zone_id, timestamp } = entry;
  const type = entry.kind === "message" ? "zone.message" : "zone.event";
  for (const socket of steward.peer.sockets) {
    socket.push({ type, zone_id, seq, timestamp, ...from, ...entry.data });
  }
}

function answer(
  steward: ZoneSteward,
  socket: ScriptedSocket,
  body: AnyBody,
  message: AtlasMessage,
): void {
  const own = steward.answers[body.type];
  if (own !== undefined) return own(socket, body, message);
  const { log, envelope, primaryHead } = steward;
  const epochs = log.filter(({ entry }) => entry.kind === "event");
  const epoch_seq = epochs.at(-1)?.entry.seq;
  const { epoch } = envelope;
  switch (body.type) {
    case "zone.inspect":
      return socket.reply(message, {
        type: "zone.manifest",
        envelope,
        members: 1,
        state: "active",
        epoch_seq,
      });
    case "zone.update":
      for (const next of [...(body.chain ?? []), body.envelope]) {
        if (next.prev !== toContentHash(steward.envelope)) {
          return refuse("stale_manifest")(socket, body, message);
        }
        steward.envelope = next;
      }
      return socket.reply(message, {
        type: "zone.manifest",
        envelope: steward.envelope,
        members: 1,
        state: "active",
      });
    case "zone.join":
      return socket.reply(message, {
        type: "zone.joined",
        zone_id: ZONE_ID,
        name: "Harbour",
        members: 1,
        epoch,
        role: "member",
        seq: log.length,
        envelope,
        epoch_seq,
      });
    case "zone.history":
      return socket.reply(message, {
        type: "zone.page",
        zone_id: ZONE_ID,
        entries: log.slice(body.after_seq, body.after_seq + (body.limit ?? 50)),
        head_seq: log.length,
        epoch_seq,
        primary_head: primaryHead,
      });
    case "zone.message":
      return socket.reply(message, {
        type: "zone.sent",
        zone_id: ZONE_ID,
        id: body.id,
        seq: log.length + 1,
      });
    default:
      return refuse("invalid_params")(socket, body, message);
  }
}

/** Connects an agent that comes back at once; it ends with the test. */
export async function connect(
  steward: ZoneSteward | undefined,
  options: Partial<AgentOptions> = {},
): Promise<Agent> {
  const agent = await Agent.connect(steward?.peer.wireUrl ?? "", {
    key: agentKey.seed,
    name: "tester",
    pacing: false,
    reconnect: { initialDelayMs: 5, maxDelayMs: 20 },
    ...options,
  });
  onTestFinished(() => agent.close());
  return agent;
}

/** Everything an agent is handed on, as `seq:text`, rewinds among it. */
export function listen(agent: Agent) {
  const told: string[] = [];
  let wake = () => {};
  const note = (text: string) => {
    told.push(text);
    wake();
  };
  const toText = (delivery: Delivery) =>
    delivery.type === "zone.message" ? String(delivery.content) : delivery.event;
  agent.on("message", (delivery) => note(`${delivery.seq}:${toText(delivery)}`));
  agent.on("event", (delivery) => note(`${delivery.seq}:${toText(delivery)}`));
  agent.on("rewound", ({ from_seq, to_seq }) => note(`rewound ${from_seq}-${to_seq}`));
  return {
    told,
    until: async (text: string) => {
      while (!told.includes(text)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** The bodies of one type that a steward got. */
export function bodiesOf(steward: ZoneSteward | undefined, type: string): AnyBody[] {
  return (steward?.peer.bodies ?? []).filter((body) => body.type === type);
}

/** The messages with a body of one type that a steward got. */
export function messagesOf(steward: ZoneSteward | undefined, type: string): AtlasMessage[] {
  return (steward?.peer.messages ?? []).filter((message) => {
    return (message.body as AnyBody).type === type;
  });
}
