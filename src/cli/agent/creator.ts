import type { Command } from "commander";
import type { Agent, ZoneInput } from "../../client/agent.ts";
import { openEnvelopeFiles } from "../../replication/creator/envelope-files.ts";
import { readJsonObject } from "../input.ts";
import { addBanOptions, type BanInput } from "../operator/ban.ts";
import { addInviteOptions, type InviteInput } from "../operator/invite.ts";
import { type Answer, printAnswer, toDone, toFields, toTime } from "../output.ts";
import { type AgentCommandOptions, addAgentCommand, askAsAgent, withAgent } from "./session.ts";
import { toZoneAnswer } from "./zones.ts";

type Options = AgentCommandOptions;

/** Adds the commands with which an agent runs zones it created, signed with its own key. */
export function addAgentCreatorCommands(agent: Command): void {
  addEnvelopeCommands(agent);
  addBanOptions(
    addAgentCommand(agent, "ban <zone-id> <node-id>", "ban a node from your zone"),
  ).action((zoneId: string, nodeId: string, options: Options & BanInput) =>
    askAsAgent(options, async (me) => {
      const { reason, expiresIn } = options;
      await me.creator.ban(zoneId, nodeId, {
        ...(reason !== undefined && { reason }),
        ...(expiresIn !== undefined && { expiresAt: expiresIn }),
      });
      return toDone({ zone_id: zoneId, node_id: nodeId, banned: true }, `${nodeId} is banned`);
    }),
  );
  addAgentCommand(agent, "unban <zone-id> <node-id>", "lift a ban from your zone").action(
    (zoneId: string, nodeId: string, options: Options) =>
      askAsAgent(options, async (me) => {
        await me.creator.unban(zoneId, nodeId);
        const done = { zone_id: zoneId, node_id: nodeId, banned: false };
        return toDone(done, `${nodeId} may join again`);
      }),
  );
  addInviteCommand(agent);
  addAgentCommand(
    agent,
    "approve <zone-id> <node-id> [actions...]",
    "approve a provider of your zone; without actions withdraw it",
  ).action((zoneId: string, nodeId: string, actions: string[], options: Options) =>
    askAsAgent(options, async (me) => {
      await me.creator.approve(zoneId, nodeId, actions);
      const done = { zone_id: zoneId, node_id: nodeId, actions };
      return toDone(done, `${nodeId} may provide: ${actions.join(", ") || "nothing"}`);
    }),
  );
}

/** As `askAsAgent`; what is signed is kept in a folder beside the key before it is sent. */
async function askAsCreator(
  options: Options,
  run: (agent: Agent) => Promise<Answer>,
): Promise<void> {
  const envelopes = openEnvelopeFiles(`${options.key}.envelopes`);
  printAnswer(await withAgent(options, { envelopes }, run), options.json);
}

function addPromoteCommand(agent: Command): void {
  addAgentCommand(
    agent,
    "promote <zone-id> <node-id>",
    "sign another steward of your zone primary; repeat it after a lost answer",
  )
    .option(
      "--accept-loss",
      "sign that what was acknowledged may be gone: where those that hold it will not come back",
    )
    .addHelpText(
      "after",
      "\nAll stewards of the zone are asked for its newest envelope; --url may be any that is there.",
    )
    .action((zoneId: string, nodeId: string, options: Options & { acceptLoss?: boolean }) =>
      askAsCreator(options, async (me) => {
        const acceptLoss = options.acceptLoss === true;
        const made = await me.creator.promote(zoneId, nodeId, { acceptLoss });
        const { epoch, primary, answered, envelope } = made;
        const value = { zone_id: zoneId, epoch, primary, answered };
        return {
          value: { ...value, envelope },
          text: () => toFields({ ...value, answered: answered.join(", ") }),
        };
      }),
    );
}

function addEnvelopeCommands(agent: Command): void {
  addAgentCommand(agent, "create-zone <file>", "sign a zone with your key and have it hosted")
    .addHelpText("after", "\nThe file is as for `steward zone create`; - is standard input.")
    .action(async (file: string, options: Options) => {
      const input = (await readJsonObject(file)) as unknown as ZoneInput;
      await askAsCreator(options, async (me) => toZoneAnswer(await me.creator.create(input)));
    });
  addAgentCommand(agent, "update-zone <zone-id> <file>", "sign your zone's next epoch")
    .addHelpText(
      "after",
      "\nEach field of the JSON file replaces the zone's as a whole, null removes one, the rest stays.",
    )
    .action(async (zoneId: string, file: string, options: Options) => {
      const change = await readJsonObject(file);
      await askAsCreator(options, async (me) =>
        toZoneAnswer(await me.creator.update(zoneId, change)),
      );
    });
  addAgentCommand(
    agent,
    "stop-zone <zone-id>",
    "sign your zone's end; there is no way back",
  ).action((zoneId: string, options: Options) =>
    askAsCreator(options, async (me) => toZoneAnswer(await me.creator.stop(zoneId))),
  );
  addPromoteCommand(agent);
}

function addInviteCommand(agent: Command): void {
  addInviteOptions(
    addAgentCommand(agent, "invite <zone-id>", "invite into your zone; the secret is shown once"),
  ).action((zoneId: string, options: Options & InviteInput) =>
    askAsAgent(options, async (me) => {
      const { node, maxUses, expiresIn } = options;
      const made = await me.creator.invite(zoneId, {
        ...(node !== undefined && { nodeId: node }),
        ...(maxUses !== undefined && { maxUses }),
        ...(expiresIn !== undefined && { expiresAt: expiresIn }),
      });
      const value = {
        zone_id: zoneId,
        invite_id: made.inviteId,
        invite: made.invite,
        max_uses: made.maxUses,
        ...(made.expiresAt !== undefined && { expires_at: made.expiresAt }),
      };
      const expires = toTime(made.expiresAt);
      return { value, text: () => toFields({ ...value, expires_at: expires }) };
    }),
  );
}
