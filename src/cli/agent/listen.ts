import type { Agent, AgentError, DirectMessage } from "../../client/agent.ts";
import { toJsonLine, toPlain } from "../output.ts";
import { waitForEnd } from "../signals.ts";
import { type AgentCommandOptions, withAgent } from "./session.ts";

export interface ListenOptions extends AgentCommandOptions {
  readonly after?: number;
  readonly invite?: string;
}

/** One thing heard, as it is printed with --json. */
type Line = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Joins zones and prints what they and other nodes send, until the process is asked to end. */
export async function runListen(zoneIds: readonly string[], options: ListenOptions): Promise<void> {
  const ended = waitForEnd();
  const print = (line: Line) =>
    process.stdout.write(`${options.json ? toJsonLine(line) : toText(line)}\n`);
  await withAgent(options, { reconnect: {} }, async (agent) => {
    const lost = watch(agent, print);
    const zones = [];
    for (const zoneId of zoneIds) {
      const { after, invite } = options;
      const { seq } = await agent.join(zoneId, {
        ...(after !== undefined && { afterSeq: after }),
        ...(invite !== undefined && { invite }),
      });
      zones.push({ zone_id: zoneId, seq });
    }
    print({ type: "listening", node_id: agent.nodeId, zones });
    await Promise.race([ended, lost]);
  });
}

/** Prints everything an agent hears; rejects when it ends for good. */
function watch(agent: Agent, print: (line: Line) => void): Promise<never> {
  agent.on("message", (message) => print({ ...message }));
  agent.on("event", (event) => print({ ...event }));
  agent.on("direct", (message) => print(toDirectLine(message)));
  agent.on("escrow", ({ zoneId, requestId, escrow }) =>
    print({ type: "escrow", zone_id: zoneId, request_id: requestId, escrow }),
  );
  agent.on("skipped", (skipped) => print({ type: "skipped", ...skipped }));
  agent.on("rewound", (rewound) => print({ type: "rewound", ...rewound }));
  agent.on("reconnect", ({ steward }) => print({ type: "reconnect", steward: steward.nodeId }));
  agent.on("disconnect", ({ error, willReconnect }) =>
    print({ type: "disconnect", will_reconnect: willReconnect, ...toErrorFields(error) }),
  );
  agent.on("error", (error) => print({ type: "error", ...toErrorFields(error) }));
  const lost = new Promise<never>((_, reject) => {
    agent.on("close", ({ error }) => {
      if (error !== undefined) reject(error);
    });
  });
  // It may end before anybody waits, while a zone is being joined.
  lost.catch(() => {});
  return lost;
}

function toDirectLine({ id, from, timestamp, body, topic, replyTo, signed }: DirectMessage): Line {
  return {
    type: "direct",
    id,
    from,
    timestamp,
    body,
    ...(topic !== undefined && { topic }),
    ...(replyTo !== undefined && { reply_to: replyTo }),
    signed,
  };
}

function toErrorFields({ code, reason, message, hint }: AgentError) {
  return { code, ...(reason !== undefined && { reason }), message, hint };
}

/** What a line shows first, by its type; the rest follows as JSON. */
function toText({ type, ...fields }: Line): string {
  const { zone_id, seq, from, node_id, timestamp, content, event, body, ...rest } = fields;
  const at = typeof timestamp === "number" ? new Date(timestamp * 1000).toISOString() : "";
  const who = from ?? node_id;
  const what = content ?? body ?? rest;
  const parts = [at, type, zone_id, seq !== undefined && `#${seq}`, event, who];
  const head = parts.filter(Boolean).join(" ");
  return toPlain(`${head}: ${typeof what === "string" ? what : JSON.stringify(what)}`);
}
