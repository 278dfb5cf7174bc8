import type { Command } from "commander";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import { UsageError } from "../exit-codes.ts";
import { integerOf, parseJson, readArgument } from "../input.ts";
import { toDone } from "../output.ts";
import { type ListenOptions, runListen } from "./listen.ts";
import { type AgentCommandOptions, addAgentCommand, askAsAgent } from "./session.ts";

type SendOptions = AgentCommandOptions & {
  readonly asJson?: boolean;
  readonly topic?: string;
  readonly replyTo?: string;
  readonly id?: string;
};

/** Adds the commands with which an agent talks and listens. */
export function addAgentTalkCommands(agent: Command): void {
  addSendOptions(
    addAgentCommand(agent, "send <zone-id> <content>", "send a message to a zone's members"),
    "zmsg",
  ).action((zoneId: string, content: string, options: SendOptions) =>
    askAsAgent(options, async (me) => {
      const given = await readContent(content, options);
      const sent = await me.send(zoneId, given, toSendOptions(options));
      return toDone({ zone_id: zoneId, ...sent }, `${sent.id} has position ${sent.seq}`);
    }),
  );
  addSendOptions(
    addAgentCommand(agent, "direct <node-id> <content>", "send a message to one node alone"),
    "msg",
  )
    .addHelpText(
      "after",
      '\nText travels as {"type": "text", "text": …}; --as-json takes any body.',
    )
    .action((nodeId: string, content: string, options: SendOptions) =>
      askAsAgent(options, async (me) => {
        const body = toBody(await readContent(content, options));
        const sent = await me.sendDirect(nodeId, body, toSendOptions(options));
        return toDone({ to: nodeId, ...sent }, `${sent.id} is ${sent.status}`);
      }),
    );
  addAgentCommand(agent, "listen [zone-ids...]", "join zones and print what comes, until Ctrl-C")
    .option("--after <seq>", "first what came after this position", integerOf(0, 2 ** 53 - 1))
    .option("--invite <secret>", "an invitation, for a zone that needs one")
    .addHelpText("after", LISTEN_HELP)
    .action((zoneIds: readonly string[], options: ListenOptions) => runListen(zoneIds, options));
}

function addSendOptions(command: Command, kind: "zmsg" | "msg"): Command {
  return command
    .option("--as-json", "the content is JSON, not text")
    .option("--topic <topic>", "what it is about")
    .option("--reply-to <id>", `the ${kind}_ id it answers`)
    .option("--id <id>", `its ${kind}_ id; with the same one it is sent once`);
}

async function readContent(argument: string, { asJson }: SendOptions): Promise<JsonValue> {
  const text = await readArgument(argument);
  return asJson ? parseJson(text, "content") : text;
}

function toSendOptions({ id, topic, replyTo }: SendOptions) {
  return {
    ...(id !== undefined && { id }),
    ...(topic !== undefined && { topic }),
    ...(replyTo !== undefined && { replyTo }),
  };
}

function toBody(content: JsonValue): JsonObject & { readonly type: string } {
  if (typeof content === "string") return { type: "text", text: content };
  const type = (content as JsonObject | null)?.type;
  if (typeof type === "string") return content as JsonObject & { readonly type: string };
  throw new UsageError("content: expected an object with a string type.");
}

const LISTEN_HELP = `
Direct messages are printed whether zones are named or not. With --json each line is one object:
{"type": "listening"} first, then "zone.message", "zone.event", "direct", "skipped", "disconnect",
"reconnect" and "error".`;
