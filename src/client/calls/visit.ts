import { AgentError } from "../agent-error.ts";
import { Connection, type DialSettings } from "../link/connection.ts";
import type { Peer } from "../link/handshake.ts";
import type { NodeIdentity } from "../link/node-identity.ts";
import { type Ask, createAsk } from "./ask.ts";
import { Outbox } from "./outbox.ts";
import { Pacer } from "./pacer.ts";
import { findBody } from "./replies.ts";
import { createSealer } from "./seal.ts";

/** A short session with one node beside the agent's own, to ask it a few things. */
export interface Visit {
  readonly peer: Peer;
  readonly ask: Ask;
  close(): Promise<void>;
}

/**
 * Dials a node for a few questions; what it pushes is left to the agent's own session.
 * @throws AgentError as of `Connection.dial`, or the signal's reason
 */
export async function openVisit(
  identity: NodeIdentity,
  dial: DialSettings,
  signal: AbortSignal,
): Promise<Visit> {
  const outbox = new Outbox({
    from: identity.nodeId,
    pacer: new Pacer(undefined),
    // What it cannot answer another one is asked: nothing is passed on or asked again here.
    stewards: { isReplicated: () => false, renew: async () => {}, noteRefusal: () => {} },
    seal: createSealer(identity, { findPrimary: () => undefined, isReplicated: () => false }),
  });
  const connection = await Connection.dial(
    dial,
    {
      onMessage: (message) => {
        const body = findBody(message.body);
        if (body !== undefined) outbox.takeReply(message, body);
      },
      onAck: (messageId, status) => outbox.takeAck(messageId, status),
      onError: (fields) => void outbox.takeError(fields),
      onProblem: () => {},
    },
    signal,
  );
  outbox.attach(connection);
  connection.start();
  connection.closed.then((error) => outbox.close(error));
  return {
    peer: connection.peer,
    ask: createAsk(outbox),
    close: async () => {
      outbox.close(new AgentError("closed"));
      await connection.close();
    },
  };
}
